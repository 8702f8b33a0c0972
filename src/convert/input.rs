//! The C value of a parameter, decoded from its bytes.

use std::borrow::Cow;

use odbc_sys::Interval;

use super::codes::{CType, SqlType};
use super::datetime::{Date, Literal, fraction_digits, nanos_of_day};
use super::interval::{self, Span};
use super::matrix::default_c_type;
use super::number::Number;
use super::render::render;
use super::scratch::Scratch;
use super::value::Value;
use super::{Error, WideChar, guid};

pub(super) enum Input<'a> {
    Text(Cow<'a, str>),
    Bit(bool),
    Exact(Number),
    Float(f32),
    Double(f64),
    Datetime(Literal),
    Guid([u8; 16]),
    Interval(Span, Interval),
    Binary(&'a [u8]),
}

/// Decodes `bytes`, which are all of the value. Binary for another SQL type is that type's own C type; `scale` is the
/// APD's, for SQL_C_NUMERIC: the structure's own is not for input.
pub(super) fn read_input<'a>(
    bytes: &'a [u8],
    c: CType,
    sql: SqlType,
    scale: i16,
    wide: WideChar,
) -> Result<Input<'a>, Error> {
    match c {
        CType::Char => Ok(Input::Text(Cow::Borrowed(from_utf8(bytes)?))),
        CType::WChar => Ok(Input::Text(Cow::Owned(from_wide(bytes, wide)?))),
        CType::Binary => binary(bytes, sql, wide),
        _ => match fixed(bytes, c, scale)? {
            Ok(input) => Ok(input),
            // The reference has 22008 for a date that becomes text, 22007 for one that stays a date.
            Err(NoSuchDatetime) if default_c_type(sql, false).size().is_none() => Err(Error::DatetimeOverflow {
                message: no_such_datetime(),
            }),
            Err(NoSuchDatetime) => Err(Error::InvalidDatetime {
                message: no_such_datetime(),
            }),
        },
    }
}

struct NoSuchDatetime;

fn no_such_datetime() -> String {
    "The parameter's structure is no valid date, time or timestamp".to_owned()
}

fn from_utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error::InvalidCharacter {
        message: format!("The parameter's text is not UTF-8: {error}"),
    })
}

fn from_wide(bytes: &[u8], wide: WideChar) -> Result<String, Error> {
    if !bytes.len().is_multiple_of(wide.bytes()) {
        return Err(Error::InvalidLength {
            message: format!(
                "Wide text must have a multiple of {} bytes, not {}",
                wide.bytes(),
                bytes.len()
            ),
        });
    }
    let decoded = match wide {
        WideChar::Utf16 => {
            let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_ne_bytes(*unit));
            char::decode_utf16(units).collect::<Result<String, _>>().ok()
        }
        WideChar::Utf32 => bytes
            .as_chunks::<4>()
            .0
            .iter()
            .map(|unit| char::from_u32(u32::from_ne_bytes(*unit)))
            .collect(),
    };
    decoded.ok_or_else(|| Error::InvalidCharacter {
        message: "The parameter's wide text has half a surrogate pair or what is no Unicode character".to_owned(),
    })
}

fn binary<'a>(bytes: &'a [u8], sql: SqlType, wide: WideChar) -> Result<Input<'a>, Error> {
    let c_type = match sql {
        SqlType::Binary | SqlType::VarBinary | SqlType::LongVarBinary => return Ok(Input::Binary(bytes)),
        SqlType::Char | SqlType::VarChar | SqlType::LongVarChar => {
            return Ok(Input::Text(Cow::Borrowed(from_utf8(bytes)?)));
        }
        SqlType::WChar | SqlType::WVarChar | SqlType::WLongVarChar => {
            return Ok(Input::Text(Cow::Owned(from_wide(bytes, wide)?)));
        }
        SqlType::Decimal | SqlType::Numeric => CType::Numeric,
        _ => default_c_type(sql, false),
    };
    let expected = c_type.size().unwrap_or_default();
    if bytes.len() != expected {
        return Err(Error::OutOfRange {
            message: format!(
                "A binary value for this SQL type has {expected} bytes, not {}",
                bytes.len()
            ),
        });
    }
    let scale = if c_type == CType::Numeric {
        i16::from(bytes[1] as i8)
    } else {
        0
    };
    fixed(bytes, c_type, scale)?.map_err(|NoSuchDatetime| Error::InvalidDatetime {
        message: no_such_datetime(),
    })
}

/// Fields of a C structure, in the machine's byte order.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let (field, rest) = self.0.split_first_chunk::<N>().ok_or_else(|| Error::InvalidLength {
            message: "The parameter's value is shorter than its C type".to_owned(),
        })?;
        self.0 = rest;
        Ok(*field)
    }

    fn u16(&mut self) -> Result<u32, Error> {
        Ok(u16::from_ne_bytes(self.take()?).into())
    }

    fn date(&mut self) -> Result<Option<i64>, Error> {
        let year = i16::from_ne_bytes(self.take()?).into();
        let (month, day) = (self.u16()?, self.u16()?);
        Ok(Date { year, month, day }.to_days())
    }

    fn clock(&mut self) -> Result<(u32, u32, u32), Error> {
        Ok((self.u16()?, self.u16()?, self.u16()?))
    }
}

/// A C type of fixed size. The outer error is a value that is cut short.
fn fixed(bytes: &[u8], c: CType, scale: i16) -> Result<Result<Input<'static>, NoSuchDatetime>, Error> {
    let mut fields = Fields(bytes);
    let integer = |value: i128| Input::Exact(Number::from_integer(value));
    Ok(Ok(match c {
        CType::Bit => {
            let [bit] = fields.take()?;
            if bit > 1 {
                return Err(Error::OutOfRange {
                    message: format!("A SQL_C_BIT is 0 or 1, not {bit}"),
                });
            }
            Input::Bit(bit == 1)
        }
        CType::STinyInt => integer(i8::from_ne_bytes(fields.take()?).into()),
        CType::UTinyInt => integer(u8::from_ne_bytes(fields.take()?).into()),
        CType::SShort => integer(i16::from_ne_bytes(fields.take()?).into()),
        CType::UShort => integer(u16::from_ne_bytes(fields.take()?).into()),
        CType::SLong => integer(i32::from_ne_bytes(fields.take()?).into()),
        CType::ULong => integer(u32::from_ne_bytes(fields.take()?).into()),
        CType::SBigInt => integer(i64::from_ne_bytes(fields.take()?).into()),
        CType::UBigInt => integer(u64::from_ne_bytes(fields.take()?).into()),
        CType::Float => Input::Float(f32::from_ne_bytes(fields.take()?)),
        CType::Double => Input::Double(f64::from_ne_bytes(fields.take()?)),
        CType::Numeric => numeric(fields.take()?, scale)?,
        CType::Date => match fields.date()? {
            Some(days) => Input::Datetime(Literal::Date { days }),
            None => return Ok(Err(NoSuchDatetime)),
        },
        CType::Time => {
            let (hour, minute, second) = fields.clock()?;
            match nanos_of_day(hour, minute, second, 0) {
                Some(nanos) => Input::Datetime(Literal::Time { nanos }),
                None => return Ok(Err(NoSuchDatetime)),
            }
        }
        CType::Timestamp => {
            let days = fields.date()?;
            let (hour, minute, second) = fields.clock()?;
            let fraction = u32::from_ne_bytes(fields.take()?);
            match (days, nanos_of_day(hour, minute, second, fraction)) {
                (Some(days), Some(nanos)) => Input::Datetime(Literal::Timestamp { days, nanos }),
                _ => return Ok(Err(NoSuchDatetime)),
            }
        }
        // The bytes swap back as they were swapped.
        CType::Guid => Input::Guid(guid::structure(fields.take()?)),
        CType::Interval(kind) => {
            let structure: [u8; 28] = fields.take()?;
            let span = interval::from_structure(&structure, kind).ok_or_else(|| Error::IntervalOverflow {
                message: "The parameter's SQL_INTERVAL_STRUCT is too large".to_owned(),
            })?;
            Input::Interval(span, kind)
        }
        CType::Char | CType::WChar | CType::Binary => {
            return Err(Error::RestrictedType {
                message: "Text and binary have no fixed size".to_owned(),
            });
        }
    }))
}

/// SQL_NUMERIC_STRUCT
fn numeric(bytes: [u8; 19], scale: i16) -> Result<Input<'static>, Error> {
    let mut coefficient = [0; 16];
    coefficient.copy_from_slice(&bytes[3..]);
    let coefficient = u128::from_le_bytes(coefficient);
    // 39 digits are more than any decimal has.
    let value = i128::try_from(coefficient).map_err(|_| super::number::out_of_range("The SQL_NUMERIC_STRUCT"))?;
    let scale = i8::try_from(scale)
        .ok()
        .filter(|scale| (-38..=38).contains(scale))
        .ok_or_else(|| super::number::out_of_range(format!("SQL_DESC_SCALE {scale}")))?;
    Ok(Input::Exact(Number::from_decimal(
        if bytes[2] == 0 { -value } else { value },
        scale,
    )))
}

impl Input<'_> {
    /// The value as text, for a parameter of a character type; not for text and binary.
    pub fn render(&self, text: &mut Scratch) -> Result<(), Error> {
        let value = match self {
            Self::Text(_) | Self::Binary(_) => Value::Null,
            Self::Bit(bit) => Value::Bit(*bit),
            Self::Exact(number) => {
                number.render(text);
                return Ok(());
            }
            Self::Float(float) => Value::Float(*float),
            Self::Double(double) => Value::Double(*double),
            Self::Datetime(Literal::Date { days }) => Value::Date(*days),
            Self::Datetime(Literal::Time { nanos }) => Value::Time {
                nanos: *nanos,
                digits: fraction_digits(*nanos),
            },
            Self::Datetime(Literal::Timestamp { days, nanos }) => Value::Timestamp {
                days: *days,
                nanos: *nanos,
                digits: fraction_digits(*nanos),
            },
            Self::Guid(bytes) => Value::Guid(*bytes),
            Self::Interval(span, kind) => {
                interval::render(*span, *kind, text);
                return Ok(());
            }
        };
        render(value, text).map(|_| ())
    }
}
