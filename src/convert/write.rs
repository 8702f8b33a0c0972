//! The writer half: a value into the buffer of the C type asked for.

use arrow::array::Array;
use odbc_sys::Interval;

use super::buffer::Sink;
use super::codes::{CType, SqlType};
use super::datetime::{Date, Literal, date_structure, parse, time_structure, today};
use super::number::{Number, digits, out_of_range, parse_double, parse_float};
use super::scratch::Scratch;
use super::value::{Value, is_unsigned, read};
use super::{Error, Progress, Target, Warning, WideChar, Written, guid, interval, matrix, render, text};

/// A SQL_NUMERIC_STRUCT's precision where the application asks for none.
const NUMERIC_PRECISION: i16 = 38;

/// SQL_DESC_PRECISION and SQL_DESC_SCALE of the target.
#[derive(Clone, Copy)]
struct Digits {
    precision: i16,
    scale: i16,
}

/// A fixed-length value's bytes, and whether a nonzero fraction was cut (01S07).
struct Fixed {
    bytes: [u8; 28],
    length: usize,
    cut: bool,
}

impl Fixed {
    fn new(value: &[u8], cut: bool) -> Self {
        let mut bytes = [0; 28];
        bytes[..value.len()].copy_from_slice(value);
        Self {
            bytes,
            length: value.len(),
            cut,
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

pub(super) fn cell(
    cells: &dyn Array,
    row: usize,
    sql_type: i16,
    target: &Target,
    wide: WideChar,
    progress: &mut Progress,
    sink: &mut Sink,
) -> Result<Written, Error> {
    let (sql, c) = matrix::resolve(sql_type, target.c_type, is_unsigned(cells.data_type()))?;
    if c.size().is_none() && target.buffer_length < 0 {
        return Err(Error::InvalidLength {
            message: format!("BufferLength is negative: {}", target.buffer_length),
        });
    }
    if progress.c_type != Some(target.c_type) {
        *progress = Progress {
            c_type: Some(target.c_type),
            in_parts: progress.in_parts,
            ..Progress::default()
        };
    }
    if progress.done {
        return Ok(Written::NoData);
    }
    let value = read(cells, row, sql)?;
    match (c, value) {
        (_, Value::Null) => {
            sink.set_null()?;
            Ok(text::complete(progress))
        }
        (CType::Char, _) => characters(value, None, progress, sink),
        (CType::WChar, _) => characters(value, Some(wide), progress, sink),
        (CType::Binary, Value::Text(source)) if sql.is_wide() => {
            Ok(text::write_wide_bytes(source, wide, progress, sink))
        }
        (CType::Binary, Value::Text(source)) => Ok(text::write_bytes(source.as_bytes(), progress, sink)),
        (CType::Binary, Value::Binary(source)) => Ok(text::write_bytes(source, progress, sink)),
        (CType::Binary, _) => internal_form(value, sql, progress, sink),
        _ => {
            let fixed = fixed(
                value,
                c,
                Digits {
                    precision: target.precision,
                    scale: target.scale,
                },
            )?;
            sink.set_length(fixed.length);
            sink.put_fixed(fixed.bytes());
            progress.done = true;
            Ok(if fixed.cut {
                Written::WithWarning(Warning::FractionTruncated)
            } else {
                Written::Complete
            })
        }
    }
}

fn characters(
    value: Value<'_>,
    wide: Option<WideChar>,
    progress: &mut Progress,
    sink: &mut Sink,
) -> Result<Written, Error> {
    match value {
        Value::Text(source) => text::write_text(source, 0, wide, progress, sink),
        Value::Binary(source) => text::write_hex(source, wide, progress, sink),
        _ => {
            let mut rendered = Scratch::new();
            let uncuttable = render::render(value, &mut rendered)?;
            text::write_text(rendered.as_str(), uncuttable, wide, progress, sink)
        }
    }
}

/// SQL_C_BINARY of what is neither text nor binary: the C type that belongs to the SQL type; all of it or 22003.
fn internal_form(value: Value<'_>, sql: SqlType, progress: &mut Progress, sink: &mut Sink) -> Result<Written, Error> {
    let form = match value {
        Value::Decimal {
            value,
            precision,
            scale,
        } => {
            let number = Number::from_decimal(value, scale);
            let precision = i16::from(precision).max(digits(number.coefficient) as i16);
            Fixed::new(
                &numeric_structure(&number, precision.min(NUMERIC_PRECISION), number.scale as i16)?.0,
                false,
            )
        }
        _ => {
            let c_type = matrix::default_c_type(sql, matches!(value, Value::UInt(_)));
            let c_type = if c_type.size().is_some() {
                c_type
            } else {
                CType::Numeric
            };
            fixed(value, c_type, Digits { precision: 0, scale: 0 })?
        }
    };
    if sink.capacity() > 0 && sink.capacity() < form.length {
        return Err(Error::OutOfRange {
            message: format!("The value needs a buffer of {} bytes", form.length),
        });
    }
    Ok(text::write_bytes(form.bytes(), progress, sink))
}

/// The bytes of a C type whose size is known.
fn fixed(value: Value<'_>, c: CType, target: Digits) -> Result<Fixed, Error> {
    match c {
        CType::Bit => bit(value),
        CType::STinyInt => integer::<i8, 1>(value, i8::to_ne_bytes),
        CType::UTinyInt => integer::<u8, 1>(value, u8::to_ne_bytes),
        CType::SShort => integer::<i16, 2>(value, i16::to_ne_bytes),
        CType::UShort => integer::<u16, 2>(value, u16::to_ne_bytes),
        CType::SLong => integer::<i32, 4>(value, i32::to_ne_bytes),
        CType::ULong => integer::<u32, 4>(value, u32::to_ne_bytes),
        CType::SBigInt => integer::<i64, 8>(value, i64::to_ne_bytes),
        CType::UBigInt => integer::<u64, 8>(value, u64::to_ne_bytes),
        CType::Float => Ok(Fixed::new(&float(value)?.to_ne_bytes(), false)),
        CType::Double => Ok(Fixed::new(&double(value)?.to_ne_bytes(), false)),
        CType::Numeric => numeric(value, target),
        CType::Date => date(value),
        CType::Time => time(value),
        CType::Timestamp => timestamp(value),
        CType::Guid => match value {
            Value::Guid(bytes) => Ok(Fixed::new(&guid::structure(bytes), false)),
            other => Err(unconvertible(other, c)),
        },
        CType::Interval(kind) => interval_structure(value, kind, target),
        CType::Char | CType::WChar | CType::Binary => Err(unconvertible(value, c)),
    }
}

/// Only where an Arrow type and its SQL type disagree; the matrix has refused the rest.
fn unconvertible(value: Value<'_>, c: CType) -> Error {
    Error::RestrictedType {
        message: format!("The value {value:?} cannot be read as C type {c:?}"),
    }
}

/// The exact number, 22018 for text that is none.
fn number(value: Value<'_>) -> Result<Number, Error> {
    match value {
        Value::Text(source) => Number::parse(source),
        Value::Bit(bit) => Ok(Number::from_integer(bit.into())),
        Value::Int(int) => Ok(Number::from_integer(int.into())),
        Value::UInt(int) => Ok(Number::from_integer(int.into())),
        Value::Float(float) => Number::from_float(float),
        Value::Double(double) => Number::from_double(double),
        Value::Decimal { value, scale, .. } => Ok(Number::from_decimal(value, scale)),
        other => Err(unconvertible(other, CType::Numeric)),
    }
}

/// The whole part, and whether a nonzero fraction was cut.
fn whole(value: Value<'_>) -> Result<(i128, bool), Error> {
    match value {
        Value::Bit(bit) => Ok((bit.into(), false)),
        Value::Int(int) => Ok((int.into(), false)),
        Value::UInt(int) => Ok((int.into(), false)),
        // Saturation is out of every C type's range.
        Value::Double(double) if double.is_finite() => Ok((double as i128, double.fract() != 0.0)),
        Value::Float(float) if float.is_finite() => Ok((float as i128, float.fract() != 0.0)),
        other => number(other)?.integer().ok_or_else(|| too_large(other)),
    }
}

fn too_large(value: Value<'_>) -> Error {
    let mut rendered = Scratch::new();
    match value {
        Value::Text(source) => out_of_range(source.chars().take(40).collect::<String>()),
        _ if render::render(value, &mut rendered).is_ok() => out_of_range(rendered.as_str()),
        _ => out_of_range("The value"),
    }
}

fn integer<T, const N: usize>(value: Value<'_>, bytes: fn(T) -> [u8; N]) -> Result<Fixed, Error>
where
    T: TryFrom<i64> + TryFrom<i128>,
{
    if let Value::Int(int) = value {
        let int = T::try_from(int).map_err(|_| too_large(value))?;
        return Ok(Fixed::new(&bytes(int), false));
    }
    let (int, cut) = whole(value)?;
    let int = T::try_from(int).map_err(|_| too_large(value))?;
    Ok(Fixed::new(&bytes(int), cut))
}

/// 0, 1, or what lies between 0 and 2 with its fraction cut.
fn bit(value: Value<'_>) -> Result<Fixed, Error> {
    let is_negative = match value {
        Value::Double(double) => double < 0.0,
        Value::Float(float) => float < 0.0,
        Value::Text(_) | Value::Decimal { .. } => {
            let number = number(value)?;
            number.negative && !number.is_zero()
        }
        _ => false,
    };
    let (int, cut) = whole(value)?;
    if is_negative || !(0..=1).contains(&int) {
        return Err(too_large(value));
    }
    Ok(Fixed::new(&[int as u8], cut))
}

fn double(value: Value<'_>) -> Result<f64, Error> {
    match value {
        Value::Double(double) => Ok(double),
        Value::Float(float) => Ok(float.into()),
        Value::Int(int) => Ok(int as f64),
        Value::UInt(int) => Ok(int as f64),
        Value::Bit(bit) => Ok(bit.into()),
        Value::Text(source) => parse_double(source),
        Value::Decimal { .. } => parse_double(rendered(value)?.as_str()),
        other => Err(unconvertible(other, CType::Double)),
    }
}

fn float(value: Value<'_>) -> Result<f32, Error> {
    match value {
        Value::Float(float) => Ok(float),
        Value::Text(source) => parse_float(source),
        Value::Decimal { .. } => parse_float(rendered(value)?.as_str()),
        other => {
            let double = double(other)?;
            let float = double as f32;
            if float.is_infinite() && double.is_finite() {
                return Err(too_large(other));
            }
            Ok(float)
        }
    }
}

fn rendered(value: Value<'_>) -> Result<Scratch, Error> {
    let mut rendered = Scratch::new();
    render::render(value, &mut rendered)?;
    Ok(rendered)
}

fn numeric(value: Value<'_>, target: Digits) -> Result<Fixed, Error> {
    let precision = if (1..=NUMERIC_PRECISION).contains(&target.precision) {
        target.precision
    } else {
        NUMERIC_PRECISION
    };
    let number = number(value)?;
    let (bytes, cut) = numeric_structure(&number, precision, target.scale).map_err(|_| too_large(value))?;
    Ok(Fixed::new(&bytes, cut))
}

/// SQL_NUMERIC_STRUCT: precision, scale, sign (1 is plus), and the coefficient, lowest byte first on every machine.
fn numeric_structure(number: &Number, precision: i16, scale: i16) -> Result<([u8; 19], bool), Error> {
    let (coefficient, cut) = number
        .fit(u32::from(precision.unsigned_abs()), i32::from(scale))
        .ok_or_else(|| out_of_range("The number"))?;
    let mut bytes = [0; 19];
    bytes[0] = precision as u8;
    bytes[1] = scale as u8;
    bytes[2] = u8::from(!(number.negative && coefficient != 0));
    bytes[3..].copy_from_slice(&coefficient.to_le_bytes());
    Ok((bytes, cut))
}

/// What the value says of date and time.
fn literal(value: Value<'_>, c: CType) -> Result<Literal, Error> {
    match value {
        Value::Text(source) => parse(source),
        Value::Date(days) => Ok(Literal::Date { days }),
        Value::Time { nanos, .. } => Ok(Literal::Time { nanos }),
        Value::Timestamp { days, nanos, .. } => Ok(Literal::Timestamp { days, nanos }),
        other => Err(unconvertible(other, c)),
    }
}

fn date_fields(days: i64) -> Result<[u8; 6], Error> {
    date_structure(days).ok_or_else(|| Error::DatetimeOverflow {
        message: format!(
            "Year {} does not fit into a SQL_DATE_STRUCT; read the column as text",
            Date::from_days(days).year
        ),
    })
}

fn date(value: Value<'_>) -> Result<Fixed, Error> {
    match literal(value, CType::Date)? {
        Literal::Date { days } => Ok(Fixed::new(&date_fields(days)?, false)),
        Literal::Timestamp { days, nanos } => Ok(Fixed::new(&date_fields(days)?, nanos != 0)),
        Literal::Time { .. } => Err(no_such_part(value, "date")),
    }
}

fn time(value: Value<'_>) -> Result<Fixed, Error> {
    match literal(value, CType::Time)? {
        Literal::Time { nanos } | Literal::Timestamp { nanos, .. } => {
            let (bytes, fraction) = time_structure(nanos);
            Ok(Fixed::new(&bytes, fraction != 0))
        }
        Literal::Date { .. } => Err(no_such_part(value, "time")),
    }
}

fn timestamp(value: Value<'_>) -> Result<Fixed, Error> {
    let (days, nanos) = match literal(value, CType::Timestamp)? {
        Literal::Date { days } => (days, 0),
        Literal::Time { nanos } => (today(), nanos),
        Literal::Timestamp { days, nanos } => (days, nanos),
    };
    let (clock, fraction) = time_structure(nanos);
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&date_fields(days)?);
    bytes[6..12].copy_from_slice(&clock);
    bytes[12..].copy_from_slice(&fraction.to_ne_bytes());
    Ok(Fixed::new(&bytes, false))
}

fn no_such_part(value: Value<'_>, part: &str) -> Error {
    match value {
        Value::Text(source) => {
            let shown: String = source.chars().take(40).collect();
            Error::InvalidCharacter {
                message: format!("'{shown}' has no {part}"),
            }
        }
        _ => Error::RestrictedType {
            message: format!("The column's values have no {part}"),
        },
    }
}

fn interval_structure(value: Value<'_>, kind: Interval, target: Digits) -> Result<Fixed, Error> {
    let (bytes, cut) = match value {
        Value::Text(source) => interval::structure(interval::parse(source, kind)?, kind, target.precision)?,
        Value::Int(_) | Value::UInt(_) | Value::Decimal { .. } => {
            interval::from_number(&number(value)?, kind, target.precision)?
        }
        other => return Err(unconvertible(other, CType::Interval(kind))),
    };
    Ok(Fixed::new(&bytes, cut))
}
