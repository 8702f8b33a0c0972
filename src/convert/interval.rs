//! ODBC's intervals: interval literals, numbers and SQL_INTERVAL_STRUCT.

use odbc_sys::Interval;

use super::Error;
use super::datetime::NANOS_PER_SECOND;
use super::matrix::is_single_field;
use super::number::Number;
use super::scratch::Scratch;

/// SQL_DESC_DATETIME_INTERVAL_PRECISION where the application sets none: two digits in the leading field.
const LEADING_PRECISION: u32 = 2;
/// SQL_DESC_PRECISION of an interval with seconds where the application sets none.
const SECONDS_PRECISION: i16 = 6;

/// How long: months or nanoseconds, never both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Months(u128),
    Nanos(u128),
}

/// An interval without its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub negative: bool,
    pub amount: Amount,
}

/// The SQL_INTERVAL_STRUCT's bytes, and whether trailing fields or fraction digits were cut.
pub(super) type Structure = ([u8; size_of::<odbc_sys::IntervalStruct>()], bool);

const MINUTE: u128 = 60 * NANOS_PER_SECOND as u128;
const HOUR: u128 = 60 * MINUTE;
const DAY: u128 = 24 * HOUR;

/// The fields of an interval type, largest first: years and months in months, the rest in nanoseconds.
fn units(kind: Interval) -> &'static [(usize, u128)] {
    const YEAR_MONTH: &[(usize, u128)] = &[(0, 12), (1, 1)];
    const DAY_SECOND: &[(usize, u128)] = &[(0, DAY), (1, HOUR), (2, MINUTE), (3, NANOS_PER_SECOND as u128)];
    match kind {
        Interval::Year => &YEAR_MONTH[..1],
        Interval::Month => &YEAR_MONTH[1..],
        Interval::YearToMonth => YEAR_MONTH,
        Interval::Day => &DAY_SECOND[..1],
        Interval::Hour => &DAY_SECOND[1..2],
        Interval::Minute => &DAY_SECOND[2..3],
        Interval::Second => &DAY_SECOND[3..],
        Interval::DayToHour => &DAY_SECOND[..2],
        Interval::DayToMinute => &DAY_SECOND[..3],
        Interval::DayToSecond => DAY_SECOND,
        Interval::HourToMinute => &DAY_SECOND[1..3],
        Interval::HourToSecond => &DAY_SECOND[1..],
        Interval::MinuteToSecond => &DAY_SECOND[2..],
    }
}

fn is_year_month(kind: Interval) -> bool {
    matches!(kind, Interval::Year | Interval::Month | Interval::YearToMonth)
}

fn has_seconds(kind: Interval) -> bool {
    matches!(
        kind,
        Interval::Second | Interval::DayToSecond | Interval::HourToSecond | Interval::MinuteToSecond
    )
}

/// A number of years, months, days, hours, minutes or seconds; of other intervals no number can be the value (22015).
pub(super) fn from_number(number: &Number, kind: Interval, precision: i16) -> Result<Structure, Error> {
    if !is_single_field(kind) {
        return Err(overflow(
            "A number cannot be converted to an interval of several fields",
        ));
    }
    let unit = units(kind)[0].1;
    let (span, cut) = if kind == Interval::Second {
        let (nanos, cut) = number
            .at_scale(9)
            .ok_or_else(|| overflow("The number of seconds is too large"))?;
        (Amount::Nanos(nanos), cut)
    } else {
        let (whole, cut) = number.whole();
        let total = whole
            .checked_mul(unit)
            .ok_or_else(|| overflow("The number is too large for an interval"))?;
        (
            if is_year_month(kind) {
                Amount::Months(total)
            } else {
                Amount::Nanos(total)
            },
            cut,
        )
    };
    let (bytes, cut_here) = structure(
        Span {
            negative: number.negative,
            amount: span,
        },
        kind,
        precision,
    )?;
    Ok((bytes, cut || cut_here))
}

/// The value of an interval literal, bare (`3-2`, `5 10:20:30.5`) or whole (`INTERVAL -'5' DAY`). A bare value's first
/// field is the one that `kind` begins with. 22018 otherwise.
pub(super) fn parse(text: &str, kind: Interval) -> Result<Span, Error> {
    parse_literal(text, kind).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Error::InvalidCharacter {
            message: format!("'{shown}' is not an interval of the type asked for"),
        }
    })
}

fn parse_literal(text: &str, kind: Interval) -> Option<Span> {
    let text = text.trim_matches(' ');
    let text = text
        .strip_prefix('{')
        .and_then(|inner| inner.strip_suffix('}'))
        .unwrap_or(text)
        .trim();
    let Some(rest) = text
        .get(..8)
        .filter(|word| word.eq_ignore_ascii_case("INTERVAL"))
        .map(|_| &text[8..])
    else {
        return parse_value(text, kind);
    };
    let rest = rest.trim_start();
    let (negative, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest.strip_prefix('+').unwrap_or(rest)),
    };
    let (value, qualifier) = rest.trim_start().strip_prefix('\'')?.split_once('\'')?;
    let named = parse_qualifier(qualifier)?;
    if is_year_month(named) != is_year_month(kind) {
        return None;
    }
    let span = parse_value(value, named)?;
    Some(Span {
        negative: span.negative != negative,
        ..span
    })
}

/// `DAY`, `DAY(3) TO SECOND(6)` …: the precisions change nothing here.
fn parse_qualifier(text: &str) -> Option<Interval> {
    let word = |part: &str| part.split('(').next().unwrap_or_default().trim().to_ascii_uppercase();
    let upper = text.to_ascii_uppercase();
    let (from, to) = match upper.split_once(" TO ") {
        Some((from, to)) => (word(from), word(to)),
        None => (word(&upper), String::new()),
    };
    Some(match (from.as_str(), to.as_str()) {
        ("YEAR", "") => Interval::Year,
        ("MONTH", "") => Interval::Month,
        ("DAY", "") => Interval::Day,
        ("HOUR", "") => Interval::Hour,
        ("MINUTE", "") => Interval::Minute,
        ("SECOND", "") => Interval::Second,
        ("YEAR", "MONTH") => Interval::YearToMonth,
        ("DAY", "HOUR") => Interval::DayToHour,
        ("DAY", "MINUTE") => Interval::DayToMinute,
        ("DAY", "SECOND") => Interval::DayToSecond,
        ("HOUR", "MINUTE") => Interval::HourToMinute,
        ("HOUR", "SECOND") => Interval::HourToSecond,
        ("MINUTE", "SECOND") => Interval::MinuteToSecond,
        _ => return None,
    })
}

fn parse_value(text: &str, kind: Interval) -> Option<Span> {
    let text = text.trim_matches(' ');
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let amount = if is_year_month(kind) {
        parse_months(text, kind)?
    } else {
        parse_nanos(text, kind)?
    };
    Some(Span { negative, amount })
}

fn parse_months(text: &str, kind: Interval) -> Option<Amount> {
    let months = match text.split_once('-') {
        Some((years, months)) => whole(years)?.checked_mul(12)?.checked_add(below(whole(months)?, 12)?)?,
        None => whole(text)?.checked_mul(units(kind)[0].1)?,
    };
    Some(Amount::Months(months))
}

fn parse_nanos(text: &str, kind: Interval) -> Option<Amount> {
    let (days, clock) = match text.split_once(' ') {
        Some((days, clock)) => (whole(days)?.checked_mul(DAY)?, Some(clock)),
        None => (0, None),
    };
    let leading = units(kind)[0].0;
    let (first, clock) = match clock {
        // After days come hours, unless the interval begins lower.
        Some(clock) => (1, clock),
        None if leading == 0 && text.contains(':') => (1, text),
        None => (leading, text),
    };
    let mut total = days;
    const FIELDS: [(u128, u128); 4] = [
        (DAY, u128::MAX),
        (HOUR, 24),
        (MINUTE, 60),
        (NANOS_PER_SECOND as u128, 60),
    ];
    for (position, field) in clock.split(':').enumerate() {
        let (unit, limit) = *FIELDS.get(first + position)?;
        let nanos = if first + position == 3 {
            seconds(field)?
        } else {
            whole(field)?.checked_mul(unit)?
        };
        let is_leading = position == 0 && days == 0;
        if !is_leading && nanos / unit >= limit {
            return None;
        }
        total = total.checked_add(nanos)?;
    }
    Some(Amount::Nanos(total))
}

fn whole(text: &str) -> Option<u128> {
    if text.is_empty() || text.len() > 18 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

fn below(value: u128, limit: u128) -> Option<u128> {
    (value < limit).then_some(value)
}

/// `ss[.f…]` in nanoseconds.
fn seconds(text: &str) -> Option<u128> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let fraction_digits = u32::try_from(fraction.len())
        .ok()
        .filter(|digits| (1..=9).contains(digits))?;
    let nanos = whole(fraction)? * 10u128.pow(9 - fraction_digits);
    Some(whole(seconds)? * u128::from(NANOS_PER_SECOND) + nanos)
}

/// The span in the fields of `kind`. 22015 if the leading field has more digits than it may, 22018 if months are asked of
/// days.
pub(super) fn structure(span: Span, kind: Interval, precision: i16) -> Result<Structure, Error> {
    let mut rest = match (span.amount, is_year_month(kind)) {
        (Amount::Months(months), true) => months,
        (Amount::Nanos(nanos), false) => nanos,
        _ => {
            return Err(Error::InvalidCharacter {
                message: "Months and days cannot be converted into each other".to_owned(),
            });
        }
    };
    let mut fields = [0u32; 5];
    for (position, (field, unit)) in units(kind).iter().enumerate() {
        let value = rest / unit;
        if position == 0 && value >= 10u128.pow(LEADING_PRECISION) {
            return Err(overflow("The interval's first field has more than two digits"));
        }
        fields[*field] = value as u32;
        rest %= unit;
    }
    if has_seconds(kind) {
        let digits = if (1..=9).contains(&precision) {
            precision
        } else {
            SECONDS_PRECISION
        };
        let unit = 10u128.pow(9 - u32::from(digits.unsigned_abs()));
        fields[4] = (rest / unit) as u32;
        rest %= unit;
    }
    let mut bytes = [0; size_of::<odbc_sys::IntervalStruct>()];
    bytes[..4].copy_from_slice(&(kind as i32).to_ne_bytes());
    let is_zero = fields.iter().all(|field| *field == 0);
    bytes[4..6].copy_from_slice(&i16::from(span.negative && !is_zero).to_ne_bytes());
    for (position, field) in fields.iter().enumerate() {
        bytes[8 + 4 * position..12 + 4 * position].copy_from_slice(&field.to_ne_bytes());
    }
    Ok((bytes, rest != 0))
}

/// A SQL_INTERVAL_STRUCT from an application, whose type is that of its binding.
pub(super) fn from_structure(bytes: &[u8], kind: Interval) -> Option<Span> {
    let word = |at: usize| Some(u128::from(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?)));
    let negative = i16::from_ne_bytes(bytes.get(4..6)?.try_into().ok()?) != 0;
    let mut total = 0;
    for (field, unit) in units(kind) {
        total += word(8 + 4 * field)? * unit;
    }
    if has_seconds(kind) {
        total += word(24)? * 10u128.pow(9 - u32::from(SECONDS_PRECISION.unsigned_abs()));
    }
    let amount = if is_year_month(kind) {
        Amount::Months(total)
    } else {
        Amount::Nanos(total)
    };
    Some(Span { negative, amount })
}

/// The span's value as an interval literal has it between its quotes.
pub(super) fn render(span: Span, kind: Interval, text: &mut Scratch) {
    let (Amount::Months(mut rest) | Amount::Nanos(mut rest)) = span.amount;
    if span.negative && rest != 0 {
        text.push(b'-');
    }
    for (position, (field, unit)) in units(kind).iter().enumerate() {
        let separator = match (is_year_month(kind), field) {
            (true, _) => b'-',
            (false, 1) => b' ',
            (false, _) => b':',
        };
        if position > 0 {
            text.push(separator);
        }
        let width = if position > 0 && !is_year_month(kind) { 2 } else { 1 };
        text.push_number(rest / unit, width);
        rest %= unit;
    }
    if has_seconds(kind) && rest > 0 {
        text.push(b'.');
        text.push_number(rest / 1_000, 6);
    }
}

/// The span as a number of the one field of `kind`.
pub(super) fn to_number(span: Span, kind: Interval) -> Option<Number> {
    let (Amount::Months(total) | Amount::Nanos(total)) = span.amount;
    let unit = units(kind)[0].1;
    let (coefficient, scale) = if kind == Interval::Second {
        (total / 1_000, 6)
    } else {
        (total / unit, 0)
    };
    is_single_field(kind).then_some(Number {
        negative: span.negative,
        coefficient,
        scale,
        lost: false,
    })
}

fn overflow(message: &str) -> Error {
    Error::IntervalOverflow {
        message: message.to_owned(),
    }
}
