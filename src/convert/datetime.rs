//! Dates and times: civil calendar, literals, and their text.

use std::time::{SystemTime, UNIX_EPOCH};

use super::Error;
use super::scratch::Scratch;

pub(super) const NANOS_PER_SECOND: u64 = 1_000_000_000;
pub(super) const NANOS_PER_DAY: u64 = 86_400 * NANOS_PER_SECOND;

/// A day of the proleptic Gregorian calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub year: i64,
    pub month: u32,
    pub day: u32,
}

impl Date {
    /// From days since 1970-01-01 (Howard Hinnant's `civil_from_days`).
    #[inline]
    pub fn from_days(days: i64) -> Self {
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = (day_of_year - (153 * month + 2) / 5 + 1) as u32;
        let month = if month < 10 { month + 3 } else { month - 9 } as u32;
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day,
        }
    }

    /// Days since 1970-01-01; `None` if there is no such day.
    pub fn to_days(self) -> Option<i64> {
        if !(1..=12).contains(&self.month) || self.day < 1 || self.day > days_in_month(self.year, self.month) {
            return None;
        }
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let month = i64::from(if self.month > 2 { self.month - 3 } else { self.month + 9 });
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(era * 146_097 + day_of_era - 719_468)
    }

    /// `yyyy-mm-dd`
    pub fn render(self, text: &mut Scratch) {
        if self.year < 0 {
            text.push(b'-');
        }
        text.push_number(u128::from(self.year.unsigned_abs()), 4);
        text.push(b'-');
        text.push_number(u128::from(self.month), 2);
        text.push(b'-');
        text.push_number(u128::from(self.day), 2);
    }
}

fn days_in_month(year: i64, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Today in UTC, as days since 1970-01-01.
pub(super) fn today() -> i64 {
    let seconds = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    (seconds / 86_400) as i64
}

/// Hours, minutes, seconds and nanoseconds of a time of day.
#[inline]
pub(super) fn clock(nanos: u64) -> (u16, u16, u16, u32) {
    let seconds = nanos / NANOS_PER_SECOND;
    let fraction = (nanos % NANOS_PER_SECOND) as u32;
    (
        (seconds / 3600) as u16,
        (seconds / 60 % 60) as u16,
        (seconds % 60) as u16,
        fraction,
    )
}

/// Nanoseconds since midnight; `None` if there is no such time.
pub(super) fn nanos_of_day(hour: u32, minute: u32, second: u32, fraction: u32) -> Option<u64> {
    if hour > 23 || minute > 59 || second > 59 || u64::from(fraction) >= NANOS_PER_SECOND {
        return None;
    }
    let seconds = u64::from(hour) * 3600 + u64::from(minute) * 60 + u64::from(second);
    Some(seconds * NANOS_PER_SECOND + u64::from(fraction))
}

/// A SQL_DATE_STRUCT; `None` for a year that does not fit in it.
#[inline]
pub(super) fn date_structure(days: i64) -> Option<[u8; 6]> {
    let date = Date::from_days(days);
    let mut bytes = [0; 6];
    bytes[..2].copy_from_slice(&i16::try_from(date.year).ok()?.to_ne_bytes());
    bytes[2..4].copy_from_slice(&(date.month as u16).to_ne_bytes());
    bytes[4..].copy_from_slice(&(date.day as u16).to_ne_bytes());
    Some(bytes)
}

/// The three fields of a SQL_TIME_STRUCT, and the fraction that has no place in it.
#[inline]
pub(super) fn time_structure(nanos: u64) -> ([u8; 6], u32) {
    let (hour, minute, second, fraction) = clock(nanos);
    let mut bytes = [0; 6];
    bytes[..2].copy_from_slice(&hour.to_ne_bytes());
    bytes[2..4].copy_from_slice(&minute.to_ne_bytes());
    bytes[4..].copy_from_slice(&second.to_ne_bytes());
    (bytes, fraction)
}

/// A SQL_TIMESTAMP_STRUCT of so many of the `PER_SECOND` parts of a second since 1970; `None` as above.
#[inline]
pub(super) fn timestamp_structure<const PER_SECOND: i64>(count: i64) -> Option<[u8; 16]> {
    let per_day = 86_400 * PER_SECOND;
    let of_day = count.rem_euclid(per_day) as u64;
    let (clock, fraction) = time_structure(of_day * (NANOS_PER_SECOND / PER_SECOND as u64));
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&date_structure(count.div_euclid(per_day))?);
    bytes[6..12].copy_from_slice(&clock);
    bytes[12..].copy_from_slice(&fraction.to_ne_bytes());
    Some(bytes)
}

/// `hh:mm:ss[.f…]` with that many digits of fraction.
pub(super) fn render_time(nanos: u64, digits: u8, text: &mut Scratch) {
    let (hour, minute, second, fraction) = clock(nanos);
    text.push_number(u128::from(hour), 2);
    text.push(b':');
    text.push_number(u128::from(minute), 2);
    text.push(b':');
    text.push_number(u128::from(second), 2);
    if digits > 0 {
        text.push(b'.');
        text.push_number(
            u128::from(fraction / 10u32.pow(9 - u32::from(digits))),
            usize::from(digits),
        );
    }
}

/// How many digits of fraction are needed to say it all.
pub(super) fn fraction_digits(nanos: u64) -> u8 {
    let mut fraction = nanos % NANOS_PER_SECOND;
    let mut digits = 9;
    while digits > 0 && fraction.is_multiple_of(10) {
        fraction /= 10;
        digits -= 1;
    }
    digits
}

/// What a date, time or timestamp literal says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    Date { days: i64 },
    Time { nanos: u64 },
    Timestamp { days: i64, nanos: u64 },
}

/// `yyyy-mm-dd`, `hh:mm:ss[.f…]` or both, or one of them as an ODBC escape; spaces around it ignored. A timestamp may
/// have ISO 8601's `T` and an offset, which is applied: everything is UTC. 22018 otherwise.
pub(super) fn parse(text: &str) -> Result<Literal, Error> {
    parse_literal(text).ok_or_else(|| {
        let shown: String = text.chars().take(40).collect();
        Error::InvalidCharacter {
            message: format!(
                "'{shown}' is not a date, time or timestamp; write yyyy-mm-dd, hh:mm:ss or yyyy-mm-dd hh:mm:ss"
            ),
        }
    })
}

fn parse_literal(text: &str) -> Option<Literal> {
    let text = text.trim_matches(' ');
    if let Some(escape) = text.strip_prefix('{') {
        let escape = escape.strip_suffix('}')?.trim();
        let (kind, quoted) = escape.split_at(escape.find(['\'', ' '])?);
        let literal = parse_plain(quoted.trim().strip_prefix('\'')?.strip_suffix('\'')?)?;
        let agrees = match literal {
            Literal::Date { .. } => kind.eq_ignore_ascii_case("d"),
            Literal::Time { .. } => kind.eq_ignore_ascii_case("t"),
            Literal::Timestamp { .. } => kind.eq_ignore_ascii_case("ts"),
        };
        return agrees.then_some(literal);
    }
    parse_plain(text)
}

fn parse_plain(text: &str) -> Option<Literal> {
    let mut rest = text;
    if text.as_bytes().get(2) == Some(&b':') {
        let nanos = take_time(&mut rest)?;
        return rest.is_empty().then_some(Literal::Time { nanos });
    }
    let days = take_date(&mut rest)?;
    if rest.is_empty() {
        return Some(Literal::Date { days });
    }
    rest = rest.strip_prefix([' ', 'T', 't'])?;
    let nanos = take_time(&mut rest)?;
    let offset = take_offset(&mut rest)?;
    if !rest.is_empty() {
        return None;
    }
    let total = i128::from(days) * i128::from(NANOS_PER_DAY) + i128::from(nanos) - offset;
    let day = i128::from(NANOS_PER_DAY);
    Some(Literal::Timestamp {
        days: total.div_euclid(day) as i64,
        nanos: total.rem_euclid(day) as u64,
    })
}

/// Takes exactly `count` digits.
fn take_digits(rest: &mut &str, count: usize) -> Option<u32> {
    let digits = rest.get(..count)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *rest = &rest[count..];
    digits.parse().ok()
}

fn take_char(rest: &mut &str, expected: char) -> Option<()> {
    *rest = rest.strip_prefix(expected)?;
    Some(())
}

fn take_date(rest: &mut &str) -> Option<i64> {
    let year = i64::from(take_digits(rest, 4)?);
    take_char(rest, '-')?;
    let month = take_digits(rest, 2)?;
    take_char(rest, '-')?;
    let day = take_digits(rest, 2)?;
    Date { year, month, day }.to_days()
}

fn take_time(rest: &mut &str) -> Option<u64> {
    let hour = take_digits(rest, 2)?;
    take_char(rest, ':')?;
    let minute = take_digits(rest, 2)?;
    // ISO 8601 may end here; ODBC's literals have seconds.
    let second = if rest.starts_with(':') {
        take_char(rest, ':')?;
        take_digits(rest, 2)?
    } else {
        return None;
    };
    let mut fraction = 0;
    if let Some(after) = rest.strip_prefix('.') {
        let count = after.bytes().take_while(u8::is_ascii_digit).count();
        // Nine digits are all that a SQL_TIMESTAMP_STRUCT holds.
        if count == 0 || count > 9 {
            return None;
        }
        *rest = after;
        fraction = take_digits(rest, count)? * 10u32.pow(9 - count as u32);
    }
    nanos_of_day(hour, minute, second, fraction)
}

/// `Z`, `+hh:mm`, `-hhmm` or nothing, in nanoseconds.
fn take_offset(rest: &mut &str) -> Option<i128> {
    if rest.is_empty() {
        return Some(0);
    }
    if let Some(after) = rest.strip_prefix(['Z', 'z']) {
        *rest = after;
        return Some(0);
    }
    let sign = if rest.starts_with('-') { -1 } else { 1 };
    *rest = rest.strip_prefix(['+', '-'])?;
    let hours = take_digits(rest, 2)?;
    *rest = rest.strip_prefix(':').unwrap_or(rest);
    let minutes = take_digits(rest, 2)?;
    if hours > 14 || minutes > 59 {
        return None;
    }
    Some(sign * i128::from(hours * 3600 + minutes * 60) * i128::from(NANOS_PER_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_go_there_and_back() {
        for days in (-800_000..800_000).step_by(13) {
            assert_eq!(Date::from_days(days).to_days(), Some(days));
        }
        assert_eq!(
            Date::from_days(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
        assert_eq!(
            Date::from_days(11_016),
            Date {
                year: 2000,
                month: 2,
                day: 29
            }
        );
        assert_eq!(
            Date::from_days(-719_528),
            Date {
                year: 0,
                month: 1,
                day: 1
            }
        );
        assert_eq!(
            Date {
                year: 1900,
                month: 2,
                day: 29
            }
            .to_days(),
            None
        );
    }

    #[test]
    fn literals() {
        let nanos = nanos_of_day(1, 2, 3, 0).unwrap();
        assert_eq!(parse(" 1970-01-02 ").unwrap(), Literal::Date { days: 1 });
        assert_eq!(parse("{d '1970-01-02'}").unwrap(), Literal::Date { days: 1 });
        assert_eq!(parse("01:02:03").unwrap(), Literal::Time { nanos });
        assert_eq!(parse("{t'01:02:03'}").unwrap(), Literal::Time { nanos });
        assert_eq!(
            parse("1970-01-02 01:02:03").unwrap(),
            Literal::Timestamp { days: 1, nanos }
        );
        assert_eq!(
            parse("{ts '1970-01-02 01:02:03'}").unwrap(),
            Literal::Timestamp { days: 1, nanos }
        );
        assert_eq!(
            parse("1970-01-01T23:02:03.5-02:00").unwrap(),
            Literal::Timestamp {
                days: 1,
                nanos: nanos + 500_000_000
            }
        );
        for text in [
            "",
            "x",
            "1970-1-2",
            "1970-02-30",
            "24:00:00",
            "1:2:3",
            "1970-01-02 01:02",
            "{t '1970-01-02'}",
            "é-é",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
