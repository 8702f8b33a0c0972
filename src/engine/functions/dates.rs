//! T-SQL's functions of dates and times.

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime};

use super::super::Error;
use super::instant::{self, DAY, Part};
use super::row::{Answer, Args, Body, Kind, Row};

use Kind::{Instant, Text, Whole};

pub const ROWS: &[Row] = &[
    DATEADD,
    Row::new("datediff", &[Text, Instant, Instant], Body::Whole(date_diff)),
    Row::new("datediff_big", &[Text, Instant, Instant], Body::Big(date_diff_big)),
    Row::new("datepart", &[Text, Instant], Body::Whole(date_part)),
    Row::new("datename", &[Text, Instant], Body::Text(date_name)),
    Row::new("datetrunc", &[Text, Instant], Body::LikeLast(date_trunc)),
    Row::new(
        "year",
        &[Instant],
        Body::Whole(|args, row| number(Part::Year, args, row)),
    ),
    Row::new(
        "month",
        &[Instant],
        Body::Whole(|args, row| number(Part::Month, args, row)),
    ),
    Row::new("day", &[Instant], Body::Whole(|args, row| number(Part::Day, args, row))),
    Row::new("eomonth", &[Instant, Whole], Body::Date(end_of_month)).at_least(1),
    Row::new("isdate", &[Text], Body::Whole(is_date)).of_nulls(),
    Row::new("datefromparts", &[Whole, Whole, Whole], Body::Date(date_from_parts)),
    Row::new(
        "datetimefromparts",
        &[Whole, Whole, Whole, Whole, Whole, Whole, Whole],
        Body::Instant(|args, row| from_parts(args, row, Some(3))),
    ),
    Row::new(
        "datetime2fromparts",
        &[Whole, Whole, Whole, Whole, Whole, Whole, Whole, Whole],
        Body::Instant(|args, row| from_parts(args, row, args.whole(7, row))),
    ),
    Row::new(
        "smalldatetimefromparts",
        &[Whole, Whole, Whole, Whole, Whole],
        Body::Instant(|args, row| from_parts(args, row, Some(0))),
    ),
    Row::new(
        "timefromparts",
        &[Whole, Whole, Whole, Whole, Whole],
        Body::Time(time_from_parts),
    ),
    Row::new("okta_parse", &[Text, Whole], Body::Instant(parse)),
    Row::new(
        "okta_try_parse",
        &[Text, Whole],
        Body::Instant(|args, row| Ok(parse(args, row).unwrap_or(None))),
    ),
];

pub const DATEADD: Row = Row::new("dateadd", &[Text, Whole, Instant], Body::LikeLast(date_add));

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

fn out_of_range() -> Error {
    Error::Overflow("A date is out of the years 1 to 9999".into())
}

fn civil(args: &Args, arg: usize, row: usize) -> Result<NaiveDateTime, Error> {
    instant::civil(args.instant(arg, row)?).ok_or_else(out_of_range)
}

fn part(args: &Args, row: usize) -> Result<Part, Error> {
    let name = args.text(0, row);
    instant::part(name).ok_or_else(|| Error::Invalid(format!("'{name}' is no part of a date, such as year or dd")))
}

fn unfit(part: Part, function: &str) -> Error {
    Error::Invalid(format!("{function} does not take {part:?}"))
}

fn date_add(args: &Args, row: usize) -> Answer<i64> {
    let (part, civil) = (part(args, row)?, civil(args, 2, row)?);
    if part.months().is_none() && part.length().is_none() && part != Part::Nanosecond {
        return Err(unfit(part, "DATEADD"));
    }
    let count = args.whole(1, row).unwrap_or_default();
    let moved = part.add(civil, count).ok_or_else(out_of_range)?;
    Ok(Some(instant::of_civil(moved)))
}

fn date_diff_big(args: &Args, row: usize) -> Answer<i64> {
    let part = part(args, row)?;
    let (from, to) = (civil(args, 1, row)?, civil(args, 2, row)?);
    if matches!(part, Part::Offset | Part::IsoWeek) {
        return Err(unfit(part, "DATEDIFF"));
    }
    let too_many = || Error::Overflow("DATEDIFF is out of the range of BIGINT".into());
    part.between(from, to).ok_or_else(too_many).map(Some)
}

fn date_diff(args: &Args, row: usize) -> Answer<i32> {
    let too_many = |_| Error::Overflow("DATEDIFF is out of the range of INTEGER; use DATEDIFF_BIG".into());
    date_diff_big(args, row)?
        .map(i32::try_from)
        .transpose()
        .map_err(too_many)
}

fn number(part: Part, args: &Args, row: usize) -> Answer<i32> {
    let last = args.count() - 1;
    Ok(i32::try_from(part.of(civil(args, last, row)?)).ok())
}

fn date_part(args: &Args, row: usize) -> Answer<i32> {
    number(part(args, row)?, args, row)
}

fn date_name(args: &Args, row: usize) -> Answer<String> {
    let (part, civil) = (part(args, row)?, civil(args, 1, row)?);
    let place = usize::try_from(part.of(civil) - 1).unwrap_or_default();
    let name = match part {
        Part::Month => MONTHS.get(place).copied().unwrap_or_default().to_owned(),
        Part::Weekday => WEEKDAYS.get(place).copied().unwrap_or_default().to_owned(),
        Part::Offset => "+00:00".to_owned(),
        other => other.of(civil).to_string(),
    };
    Ok(Some(name))
}

fn date_trunc(args: &Args, row: usize) -> Answer<i64> {
    let (part, civil) = (part(args, row)?, civil(args, 1, row)?);
    if matches!(part, Part::Weekday | Part::Offset | Part::Nanosecond) {
        return Err(unfit(part, "DATETRUNC"));
    }
    let start = part.start(civil).and_then(instant::in_range).ok_or_else(out_of_range)?;
    Ok(Some(instant::of_civil(start)))
}

fn days(date: NaiveDate) -> Option<i32> {
    let midnight = date.and_hms_opt(0, 0, 0)?;
    i32::try_from(instant::of_civil(midnight).div_euclid(DAY)).ok()
}

fn end_of_month(args: &Args, row: usize) -> Answer<i32> {
    let civil = civil(args, 0, row)?;
    let later = args.whole(1, row).unwrap_or_default();
    let first = Part::Month.start(civil).ok_or_else(out_of_range)?;
    let next = Part::Month
        .add(first, later)
        .and_then(|month| month.checked_add_months(Months::new(1)));
    let last = next
        .and_then(|next| next.date().pred_opt())
        .filter(|last| last.year() <= 9999);
    Ok(days(last.ok_or_else(out_of_range)?))
}

fn is_date(args: &Args, row: usize) -> Answer<i32> {
    let text = args.text(0, row);
    // DATETIME starts in 1753, and has three digits after the second.
    let civil = instant::read(text).and_then(instant::civil);
    let civil = civil.filter(|civil| civil.year() >= 1753);
    let fraction = text.rsplit_once(':').and_then(|(_, second)| second.split_once('.'));
    let digits = fraction.map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
    Ok(Some(i32::from(civil.is_some() && digits <= 3)))
}

fn not_a_date() -> Error {
    Error::Cast("The parts given are of no date or time".into())
}

fn date(args: &Args, row: usize) -> Result<NaiveDate, Error> {
    let whole = |arg| args.whole(arg, row).unwrap_or(-1);
    let date = (|| {
        let year = i32::try_from(whole(0)).ok().filter(|year| (1..=9999).contains(year))?;
        NaiveDate::from_ymd_opt(year, u32::try_from(whole(1)).ok()?, u32::try_from(whole(2)).ok()?)
    })();
    date.ok_or_else(not_a_date)
}

fn date_from_parts(args: &Args, row: usize) -> Answer<i32> {
    Ok(days(date(args, row)?))
}

/// Microseconds of hour, minute, second and a fraction of so many digits, which start at the argument `from`.
fn time(args: &Args, from: usize, row: usize, precision: Option<i64>) -> Result<i64, Error> {
    let whole = |n: usize| {
        if from + n < args.count() {
            args.whole(from + n, row).unwrap_or(-1)
        } else {
            0
        }
    };
    let (hour, minute, second, fraction) = (whole(0), whole(1), whole(2), whole(3));
    let precision = u32::try_from(precision.unwrap_or(-1))
        .ok()
        .filter(|precision| *precision <= 7);
    let one = precision
        .map(|precision| 10_i64.pow(precision))
        .ok_or_else(not_a_date)?;
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..60).contains(&second);
    if !fits || !(0..one).contains(&fraction) {
        return Err(not_a_date());
    }
    Ok(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction * 1_000_000 / one)
}

fn from_parts(args: &Args, row: usize, precision: Option<i64>) -> Answer<i64> {
    let midnight = date(args, row)?.and_hms_opt(0, 0, 0).ok_or_else(not_a_date)?;
    Ok(Some(instant::of_civil(midnight) + time(args, 3, row, precision)?))
}

fn time_from_parts(args: &Args, row: usize) -> Answer<i64> {
    time(args, 0, row, args.whole(4, row)).map(Some)
}

/// `CONVERT(DATE, text, style)`: 101 and 110 are month first, 103 to 105 day first, 102 and 111 year first; the others are
/// read as without a style.
fn parse(args: &Args, row: usize) -> Answer<i64> {
    let (text, style) = (args.text(0, row).trim(), args.whole(1, row).unwrap_or_default());
    let fail = || {
        let of_style = if style == 0 {
            String::new()
        } else {
            format!(" of style {style}")
        };
        Error::Cast(format!("'{text}' cannot be read as a timestamp{of_style}"))
    };
    let day_first = matches!(style, 103..=105 | 131);
    if !day_first {
        return instant::read(text).map(Some).ok_or_else(fail);
    }
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let parts: Vec<&str> = date.split(['/', '.', '-']).collect();
    let [day, month, year] = parts.as_slice() else {
        return Err(fail());
    };
    let date = instant::ymd(year, month, day).ok_or_else(fail)?;
    instant::read(&format!("{date} {time}")).map(Some).ok_or_else(fail)
}
