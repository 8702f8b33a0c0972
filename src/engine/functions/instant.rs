//! Instants as microseconds since 1970-01-01: read from text as T-SQL reads it, taken apart and put together.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, Timelike};

use super::dates::MONTHS;

/// Microseconds of a day.
pub const DAY: i64 = 86_400_000_000;
/// Days from 1970-01-01 to T-SQL's day 0.
pub const DAYS_TO_1900: i64 = -25_567;

pub fn civil(instant: i64) -> Option<NaiveDateTime> {
    chrono::DateTime::from_timestamp_micros(instant).map(|instant| instant.naive_utc())
}

pub fn of_civil(civil: NaiveDateTime) -> i64 {
    civil.and_utc().timestamp_micros()
}

/// Dates of T-SQL lie in the years 1 to 9999.
pub fn in_range(civil: NaiveDateTime) -> Option<NaiveDateTime> {
    (1..=9999).contains(&civil.year()).then_some(civil)
}

/// The instant that a text says, in UTC.
///
/// Dates are `2026-01-31`, `20260131`, `2026/01/31` and, as SQL Server reads them in English, `1/31/2026` and
/// `Jan 31, 2026`; times are `13:05[:59[.1234567]]`, with AM or PM, with an offset; a time alone is on 1900-01-01.
pub fn read(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let (day, time) = match read_named(text) {
        Some(named) => named,
        None => read_numbers(text)?,
    };
    let (time, offset) = if time.is_empty() { (0, 0) } else { read_time(time)? };
    let civil = in_range(day.and_hms_opt(0, 0, 0)?)?;
    Some(of_civil(civil) + time - offset)
}

/// `Apr 15, 1996`, `15 April 1996` or `1996 Apr 15`, and the time after it.
fn read_named(text: &str) -> Option<(NaiveDate, &str)> {
    let mut rest = text;
    let mut words = [""; 3];
    for word in &mut words {
        rest = rest.trim_start_matches([' ', ',']);
        (*word, rest) = rest.split_at(rest.find([' ', ',']).unwrap_or(rest.len()));
    }
    let month = words.iter().find_map(|word| {
        let is = |name: &str| word.eq_ignore_ascii_case(name) || word.eq_ignore_ascii_case(&name[..3]);
        MONTHS
            .into_iter()
            .zip(1..)
            .find_map(|(name, number)| is(name).then_some(number))
    })?;
    let day = words
        .iter()
        .find(|word| word.len() <= 2)
        .and_then(|word| digits(word))?;
    let year = words
        .iter()
        .filter(|word| word.len() == 4)
        .find_map(|word| digits(word))?;
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some((date, rest.trim_start()))
}

/// The date, and the text of the time.
fn read_numbers(text: &str) -> Option<(NaiveDate, &str)> {
    let (date, time) = match text.find([' ', 'T', 't']) {
        Some(place) => (&text[..place], text[place + 1..].trim_start()),
        None if text.contains(':') => ("", text),
        None => (text, ""),
    };
    let (date, time) = if date.contains(':') { ("", text) } else { (date, time) };
    let day = if date.is_empty() {
        NaiveDate::from_ymd_opt(1900, 1, 1)?
    } else {
        read_date(date)?
    };
    Some((day, time))
}

fn digits(text: &str) -> Option<u32> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn read_date(text: &str) -> Option<NaiveDate> {
    if text.len() == 8 && digits(text).is_some() {
        return ymd(&text[..4], &text[4..6], &text[6..]);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.']).collect();
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => ymd(year, month, day),
        [month, day, year] | [month, year, day] if year.len() == 4 => ymd(year, month, day),
        _ => None,
    }
}

pub fn ymd(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let short = |text: &str| digits(text).filter(|_| text.len() <= 2);
    NaiveDate::from_ymd_opt(i32::try_from(digits(year)?).ok()?, short(month)?, short(day)?)
}

/// Microseconds since midnight, and those that the offset is ahead of UTC.
fn read_time(text: &str) -> Option<(i64, i64)> {
    let (text, offset) = split_offset(text.trim_end())?;
    let upper = text.to_ascii_uppercase();
    let (text, half) = match upper.strip_suffix("AM").or_else(|| upper.strip_suffix("PM")) {
        Some(rest) => (rest.trim_end(), Some(upper.ends_with("PM"))),
        None => (upper.trim_end(), None),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':').map(digits);
    let (hour, minute, second) = (
        parts.next()??,
        parts.next().unwrap_or(Some(0))?,
        parts.next().unwrap_or(Some(0))?,
    );
    // `12:38:54:840` is the form of styles 9 and 13.
    let (fraction, one) = match parts.next() {
        Some(thousandths) if fraction.is_empty() => (whole.rsplit(':').next()?, thousandths?),
        Some(_) => return None,
        None => (fraction, 0),
    };
    if parts.next().is_some() || one > 999 || (half.is_none() && !whole.contains(':')) {
        return None;
    }
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(after_noon) => hour % 12 + if after_noon { 12 } else { 0 },
        None => hour,
    };
    if hour > 23 || minute > 59 || second > 59 || fraction.len() > 9 {
        return None;
    }
    let micros = if fraction.is_empty() {
        0
    } else {
        digits(fraction)?;
        let padded: String = fraction.chars().chain("000000".chars()).take(6).collect();
        i64::from(digits(&padded)?)
    };
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some((seconds * 1_000_000 + micros, offset))
}

fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(rest) = text.strip_suffix(['Z', 'z']) {
        return Some((rest, 0));
    }
    let Some(place) = text.rfind(['+', '-']) else {
        return Some((text, 0));
    };
    let (hours, minutes) = text[place + 1..].split_once(':')?;
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    if hours > 14 || minutes > 59 {
        return None;
    }
    let ahead = i64::from(hours * 60 + minutes) * 60_000_000;
    let ahead = if text[place..].starts_with('-') { -ahead } else { ahead };
    Some((text[..place].trim_end(), ahead))
}

/// A part of a date, under all of T-SQL's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Year,
    Quarter,
    Month,
    DayOfYear,
    Day,
    Week,
    Weekday,
    Hour,
    Minute,
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
    Offset,
    IsoWeek,
}

/// Names of the parts, as DATEPART and its like take them.
pub const PARTS: &[(&str, Part)] = &[
    ("year", Part::Year),
    ("yy", Part::Year),
    ("yyyy", Part::Year),
    ("quarter", Part::Quarter),
    ("qq", Part::Quarter),
    ("q", Part::Quarter),
    ("month", Part::Month),
    ("mm", Part::Month),
    ("m", Part::Month),
    ("dayofyear", Part::DayOfYear),
    ("dy", Part::DayOfYear),
    ("y", Part::DayOfYear),
    ("day", Part::Day),
    ("dd", Part::Day),
    ("d", Part::Day),
    ("week", Part::Week),
    ("wk", Part::Week),
    ("ww", Part::Week),
    ("weekday", Part::Weekday),
    ("dw", Part::Weekday),
    ("w", Part::Weekday),
    ("hour", Part::Hour),
    ("hh", Part::Hour),
    ("minute", Part::Minute),
    ("mi", Part::Minute),
    ("n", Part::Minute),
    ("second", Part::Second),
    ("ss", Part::Second),
    ("s", Part::Second),
    ("millisecond", Part::Millisecond),
    ("ms", Part::Millisecond),
    ("microsecond", Part::Microsecond),
    ("mcs", Part::Microsecond),
    ("nanosecond", Part::Nanosecond),
    ("ns", Part::Nanosecond),
    ("tzoffset", Part::Offset),
    ("tz", Part::Offset),
    ("iso_week", Part::IsoWeek),
    ("isowk", Part::IsoWeek),
    ("isoww", Part::IsoWeek),
];

pub fn part(name: &str) -> Option<Part> {
    let named = PARTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, part)| *part)
}

/// Days since Sunday.
fn since_sunday(date: NaiveDate) -> u32 {
    date.weekday().num_days_from_sunday()
}

impl Part {
    /// Microseconds, for the parts of which all are equally long.
    pub fn length(self) -> Option<i64> {
        Some(match self {
            Part::Day | Part::DayOfYear | Part::Weekday => DAY,
            Part::Week => 7 * DAY,
            Part::Hour => 3_600_000_000,
            Part::Minute => 60_000_000,
            Part::Second => 1_000_000,
            Part::Millisecond => 1_000,
            Part::Microsecond => 1,
            _ => return None,
        })
    }

    /// Months, for the parts that are so many.
    pub fn months(self) -> Option<i64> {
        match self {
            Part::Year => Some(12),
            Part::Quarter => Some(3),
            Part::Month => Some(1),
            _ => None,
        }
    }

    /// Its number in an instant; weeks start on Sunday, the first of a year on 1 January (DATEFIRST 7).
    pub fn of(self, civil: NaiveDateTime) -> i64 {
        let date = civil.date();
        let number = match self {
            Part::Year => return i64::from(date.year()),
            Part::Quarter => date.month0() / 3 + 1,
            Part::Month => date.month(),
            Part::DayOfYear => date.ordinal(),
            Part::Day => date.day(),
            Part::Week => {
                let first = NaiveDate::from_ymd_opt(date.year(), 1, 1).unwrap_or(date);
                (date.ordinal0() + since_sunday(first)) / 7 + 1
            }
            Part::Weekday => since_sunday(date) + 1,
            Part::Hour => civil.hour(),
            Part::Minute => civil.minute(),
            Part::Second => civil.second(),
            Part::Millisecond => civil.nanosecond() / 1_000_000,
            Part::Microsecond => civil.nanosecond() / 1_000,
            Part::Nanosecond => civil.nanosecond(),
            Part::Offset => 0,
            Part::IsoWeek => date.iso_week().week(),
        };
        i64::from(number)
    }

    /// So many of it later; the day stays within the month.
    pub fn add(self, civil: NaiveDateTime, count: i64) -> Option<NaiveDateTime> {
        if let Some(months) = self.months() {
            let months = months.checked_mul(count)?;
            let size = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
            let moved = if months < 0 {
                civil.checked_sub_months(size)
            } else {
                civil.checked_add_months(size)
            };
            return in_range(moved?);
        }
        let micros = match self {
            Part::Nanosecond => count / 1000,
            _ => self.length()?.checked_mul(count)?,
        };
        in_range(self::civil(of_civil(civil).checked_add(micros)?)?)
    }

    /// Boundaries of it between two instants.
    pub fn between(self, from: NaiveDateTime, to: NaiveDateTime) -> Option<i64> {
        if let Some(months) = self.months() {
            let index =
                |civil: NaiveDateTime| (i64::from(civil.year()) * 12 + i64::from(civil.month0())).div_euclid(months);
            return Some(index(to) - index(from));
        }
        let (from, to) = (of_civil(from), of_civil(to));
        match self {
            Part::Nanosecond => (to - from).checked_mul(1000),
            // 1970-01-04 was a Sunday.
            Part::Week => Some((to - 3 * DAY).div_euclid(7 * DAY) - (from - 3 * DAY).div_euclid(7 * DAY)),
            _ => {
                let length = self.length()?;
                Some(to.div_euclid(length) - from.div_euclid(length))
            }
        }
    }

    /// Its beginning.
    pub fn start(self, civil: NaiveDateTime) -> Option<NaiveDateTime> {
        let date = civil.date();
        let midnight = |date: NaiveDate| Some(date.and_time(NaiveTime::MIN));
        match self {
            Part::Year => midnight(date.with_ordinal(1)?),
            Part::Quarter => midnight(date.with_day(1)?.with_month0(date.month0() / 3 * 3)?),
            Part::Month => midnight(date.with_day(1)?),
            Part::Week => midnight(date.checked_sub_days(Days::new(u64::from(since_sunday(date))))?),
            Part::IsoWeek => {
                let since_monday = date.weekday().num_days_from_monday();
                midnight(date.checked_sub_days(Days::new(u64::from(since_monday)))?)
            }
            _ => {
                let length = self.length()?;
                let instant = of_civil(civil);
                self::civil(instant - instant.rem_euclid(length))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of arguments in Microsoft's reference of DATEPART, with its values of
    /// `2007-10-30 12:15:32.1234567`.
    #[test]
    fn every_part_has_the_reference_s_names_and_value() {
        let instant = civil(read("2007-10-30 12:15:32.1234567").unwrap()).unwrap();
        let expected: &[(&[&str], i64)] = &[
            (&["year", "yyyy", "yy"], 2007),
            (&["quarter", "qq", "q"], 4),
            (&["month", "mm", "m"], 10),
            (&["dayofyear", "dy", "y"], 303),
            (&["day", "dd", "d"], 30),
            (&["week", "wk", "ww"], 44),
            (&["weekday", "dw", "w"], 3),
            (&["hour", "hh"], 12),
            (&["minute", "mi", "n"], 15),
            (&["second", "ss", "s"], 32),
            (&["millisecond", "ms"], 123),
            (&["microsecond", "mcs"], 123_456),
            // 123456700 there: microseconds are the finest here.
            (&["nanosecond", "ns"], 123_456_000),
            (&["tzoffset", "tz"], 0),
            (&["iso_week", "isowk", "isoww"], 44),
        ];
        let names: Vec<&str> = expected.iter().flat_map(|(names, _)| *names).copied().collect();
        assert!(PARTS.iter().all(|(name, _)| names.contains(name)) && PARTS.len() == names.len());
        for (names, value) in expected {
            for name in *names {
                assert_eq!(
                    part(&name.to_uppercase()).map(|part| part.of(instant)),
                    Some(*value),
                    "{name}"
                );
            }
        }
    }

    #[test]
    fn texts_are_read_as_sql_server_reads_them_in_english() {
        for (text, expected) in [
            ("2007-10-30 12:15:32.1234567", "2007-10-30T12:15:32.123456"),
            ("20071030", "2007-10-30T00:00:00"),
            ("2007/10/30", "2007-10-30T00:00:00"),
            ("10/30/2007", "2007-10-30T00:00:00"),
            ("2007-10-30T12:15:32Z", "2007-10-30T12:15:32"),
            ("2007-10-30 12:15:32 +05:10", "2007-10-30T07:05:32"),
            ("2007-10-30 12:15 AM", "2007-10-30T00:15:00"),
            ("Oct 30 2007 12:15:32:123PM", "2007-10-30T12:15:32.123"),
            ("October 30, 2007", "2007-10-30T00:00:00"),
            ("30 oct 2007 12:15", "2007-10-30T12:15:00"),
            ("2007 Oct 30", "2007-10-30T00:00:00"),
            ("12:10:30.123", "1900-01-01T12:10:30.123"),
        ] {
            let expected: NaiveDateTime = expected.parse().unwrap();
            assert_eq!(read(text), Some(of_civil(expected)), "{text}");
        }
        for text in [
            "",
            "soon",
            "2007-13-01",
            "2007-02-30",
            "2007-1",
            "Oct 32 2007",
            "Oct 2007",
            "12:15:32:1234",
            "25:00",
            "13:00 PM",
            "é",
            "2007-10-30 é",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
