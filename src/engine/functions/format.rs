//! Dates and numbers as text: FORMAT with .NET's patterns, CONVERT with T-SQL's styles.

use chrono::{Datelike, NaiveDateTime, Timelike};

use super::super::Error;
use super::dates::{MONTHS, WEEKDAYS};
use super::instant;
use super::numbers::{fixed, grouped};
use super::row::{Answer, Args, Body, Kind, Row};

pub const ROWS: &[Row] = &[
    Row::new("format", &[Kind::Value, Kind::Text, Kind::Text], Body::Text(format)).at_least(2),
    Row::new("okta_styled", &[Kind::Value, Kind::Whole], Body::Text(styled)),
];

/// CONVERT's styles of dates, as .NET patterns; the two-digit year's style is the first, the four-digit one the second.
pub const STYLES: &[(i64, &str)] = &[
    (0, "MMM #d yyyy #h:mmtt"),
    (100, "MMM #d yyyy #h:mmtt"),
    (1, "MM/dd/yy"),
    (101, "MM/dd/yyyy"),
    (2, "yy.MM.dd"),
    (102, "yyyy.MM.dd"),
    (3, "dd/MM/yy"),
    (103, "dd/MM/yyyy"),
    (4, "dd.MM.yy"),
    (104, "dd.MM.yyyy"),
    (5, "dd-MM-yy"),
    (105, "dd-MM-yyyy"),
    (6, "dd MMM yy"),
    (106, "dd MMM yyyy"),
    (7, "MMM dd, yy"),
    (107, "MMM dd, yyyy"),
    (8, "HH:mm:ss"),
    (24, "HH:mm:ss"),
    (108, "HH:mm:ss"),
    (9, "MMM #d yyyy #h:mm:ss:ffftt"),
    (109, "MMM #d yyyy #h:mm:ss:ffftt"),
    (10, "MM-dd-yy"),
    (110, "MM-dd-yyyy"),
    (11, "yy/MM/dd"),
    (111, "yyyy/MM/dd"),
    (12, "yyMMdd"),
    (112, "yyyyMMdd"),
    (13, "dd MMM yyyy HH:mm:ss:fff"),
    (113, "dd MMM yyyy HH:mm:ss:fff"),
    (14, "HH:mm:ss:fff"),
    (114, "HH:mm:ss:fff"),
    (20, "yyyy-MM-dd HH:mm:ss"),
    (120, "yyyy-MM-dd HH:mm:ss"),
    (21, "yyyy-MM-dd HH:mm:ss.fff"),
    (25, "yyyy-MM-dd HH:mm:ss.fff"),
    (121, "yyyy-MM-dd HH:mm:ss.fff"),
    (22, "MM/dd/yy #h:mm:ss tt"),
    (23, "yyyy-MM-dd"),
    (126, "yyyy-MM-dd'T'HH:mm:ss.fff"),
    (127, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
];

/// .NET's standard patterns of dates in en-US.
const STANDARD: &[(&str, &str)] = &[
    ("d", "M/d/yyyy"),
    ("D", "dddd, MMMM d, yyyy"),
    ("f", "dddd, MMMM d, yyyy h:mm tt"),
    ("F", "dddd, MMMM d, yyyy h:mm:ss tt"),
    ("g", "M/d/yyyy h:mm tt"),
    ("G", "M/d/yyyy h:mm:ss tt"),
    ("m", "MMMM d"),
    ("M", "MMMM d"),
    ("o", "yyyy-MM-dd'T'HH:mm:ss.fffffff"),
    ("O", "yyyy-MM-dd'T'HH:mm:ss.fffffff"),
    ("s", "yyyy-MM-dd'T'HH:mm:ss"),
    ("t", "h:mm tt"),
    ("T", "h:mm:ss tt"),
    ("u", "yyyy-MM-dd HH:mm:ss'Z'"),
    ("y", "MMMM yyyy"),
    ("Y", "MMMM yyyy"),
];

/// Most digits that one part of a pattern gives: Rust's own formatting panics beyond 65,535.
const MOST_DIGITS: usize = 1000;

fn format(args: &Args, row: usize) -> Answer<String> {
    let pattern = args.text(1, row);
    if let Some(instant) = args.stored_instant(0, row) {
        let Some(civil) = instant::civil(instant) else {
            return Ok(None);
        };
        if args.is_time(0) {
            return Ok(of_time(pattern).map(|pattern| date(civil, &pattern)));
        }
        let standard = STANDARD.iter().find(|(name, _)| *name == pattern);
        return Ok(Some(date(civil, standard.map_or(pattern, |(_, long)| long))));
    }
    if let Some(value) = args.number(0, row) {
        return Ok(number(value, pattern));
    }
    Err(Error::Invalid("FORMAT takes a date or a number".into()))
}

/// A pattern of .NET's TimeSpan, in which `h` counts to 24 and separators are escaped; None where one is not.
fn of_time(pattern: &str) -> Option<String> {
    let mut written = String::with_capacity(pattern.len());
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            ':' | '.' => return None,
            '\\' => {
                written.push(character);
                written.extend(characters.next());
            }
            'h' => written.push('H'),
            other => written.push(other),
        }
    }
    Some(written)
}

fn styled(args: &Args, row: usize) -> Answer<String> {
    let style = args.whole(1, row).unwrap_or_default();
    if let Some(instant) = args.stored_instant(0, row) {
        let Some((_, pattern)) = STYLES.iter().find(|(known, _)| *known == style) else {
            return Err(Error::Invalid(format!(
                "{style} is no style of a date that CONVERT knows"
            )));
        };
        let Some(civil) = instant::civil(instant) else {
            return Ok(None);
        };
        // The ISO styles show no fraction of zero.
        let whole = matches!(style, 126 | 127) && fraction(civil, 3) == "000";
        let pattern = if whole {
            pattern.replace(".fff", "")
        } else {
            (*pattern).to_owned()
        };
        return Ok(Some(date(civil, &pattern)));
    }
    Ok(Some(match (args.whole(0, row), args.number(0, row)) {
        (Some(whole), _) => whole.to_string(),
        (None, Some(number)) => number.to_string(),
        (None, None) => args.text(0, row).to_owned(),
    }))
}

/// A date by a pattern of .NET's; `#` before `d` and `h` pads with a blank, as T-SQL's styles do.
fn date(civil: NaiveDateTime, pattern: &str) -> String {
    let characters: Vec<char> = pattern.chars().collect();
    let mut text = String::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        let run = match character {
            // Two quotes side by side are an empty text, two backslashes are one.
            '\'' | '"' | '\\' => 1,
            _ => characters[at..].iter().take_while(|next| *next == character).count(),
        };
        at += run;
        match character {
            '\'' | '"' => {
                let end = characters[at..].iter().position(|next| next == character);
                let end = end.map_or(characters.len(), |end| at + end);
                text.extend(&characters[at..end]);
                at = end + 1;
            }
            '\\' => {
                text.extend(characters.get(at));
                at += 1;
            }
            '#' => {
                let padded = date(civil, &String::from_iter(characters.get(at)));
                text.push_str(&format!("{padded:>2}"));
                at += 1;
            }
            '%' => {}
            'F' => {
                let fraction = fraction(civil, run);
                let kept = fraction.trim_end_matches('0');
                if kept.is_empty() && text.ends_with('.') {
                    text.pop();
                }
                text.push_str(kept);
            }
            _ => match element(civil, *character, run) {
                Some(element) => text.push_str(&element),
                None => text.extend(std::iter::repeat_n(*character, run)),
            },
        }
    }
    text
}

fn fraction(civil: NaiveDateTime, digits: usize) -> String {
    let nanoseconds = format!("{:09}", civil.nanosecond());
    nanoseconds.chars().take(digits.min(7)).collect()
}

fn element(civil: NaiveDateTime, character: char, run: usize) -> Option<String> {
    let padded = |number: u32| {
        if run == 1 {
            number.to_string()
        } else {
            format!("{number:0width$}", width = run.min(MOST_DIGITS))
        }
    };
    let twelve = civil.hour12().1;
    let half = if civil.hour() < 12 { "AM" } else { "PM" };
    let month = MONTHS.get(civil.month0() as usize).copied().unwrap_or_default();
    let weekday = WEEKDAYS
        .get(civil.weekday().num_days_from_sunday() as usize)
        .copied()
        .unwrap_or_default();
    Some(match (character, run) {
        ('y', 1 | 2) => padded(u32::try_from(civil.year() % 100).ok()?),
        ('y', _) => padded(u32::try_from(civil.year()).ok()?),
        ('M', 1 | 2) => padded(civil.month()),
        ('M', 3) => month[..3].to_owned(),
        ('M', _) => month.to_owned(),
        ('d', 1 | 2) => padded(civil.day()),
        ('d', 3) => weekday[..3].to_owned(),
        ('d', _) => weekday.to_owned(),
        ('H', _) => padded(civil.hour()),
        ('h', _) => padded(twelve),
        ('m', _) => padded(civil.minute()),
        ('s', _) => padded(civil.second()),
        ('f', _) => fraction(civil, run),
        ('t', 1) => half[..1].to_owned(),
        ('t', _) => half.to_owned(),
        ('z', 1) => "+0".to_owned(),
        ('z', 2) => "+00".to_owned(),
        ('z', _) | ('K', _) => "+00:00".to_owned(),
        _ => return None,
    })
}

/// A number by a standard pattern (`N2`, `F1`, `D5`, `C`, `P0`, `X4`, `E2`, `G`) or one of `0`, `#`, `,`, `.`, `%`.
fn number(value: f64, pattern: &str) -> Option<String> {
    let mut characters = pattern.chars();
    let letter = characters.next()?;
    let digits = characters.as_str();
    if letter.is_ascii_alphabetic() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return match letter {
            'E' | 'e' => Some(scientific(value, letter, digits.parse().unwrap_or(6))),
            'X' | 'x' => hexadecimal(value, letter, digits.parse().unwrap_or(1)),
            _ => standard(value, letter.to_ascii_uppercase(), digits.parse().ok()),
        };
    }
    Some(custom(value, pattern))
}

/// `1.05e+003`.
fn scientific(value: f64, letter: char, decimals: usize) -> String {
    let written = format!("{value:.*e}", decimals.min(99));
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let (sign, size) = match exponent.strip_prefix('-') {
        Some(size) => ('-', size),
        None => ('+', exponent),
    };
    format!("{mantissa}{letter}{sign}{size:0>3}")
}

/// Of whole numbers only; a negative one in the 32 bits of INTEGER, where it fits.
fn hexadecimal(value: f64, letter: char, digits: usize) -> Option<String> {
    if value.fract() != 0.0 || value.abs() >= 9e15 {
        return None;
    }
    // Whole, and below 2⁵³.
    let whole = value as i64;
    let digits = digits.min(99);
    let lower = match i32::try_from(whole) {
        Ok(small) => format!("{small:0>digits$x}"),
        Err(_) => format!("{whole:0>digits$x}"),
    };
    Some(if letter == 'X' { lower.to_uppercase() } else { lower })
}

fn standard(value: f64, letter: char, digits: Option<usize>) -> Option<String> {
    let decimals = digits.unwrap_or(2).min(16);
    let (sign, size) = if value < 0.0 { ("-", -value) } else { ("", value) };
    let text = match letter {
        'N' => with_groups(&fixed(size, decimals)),
        'F' => fixed(size, decimals),
        'D' if size.fract() == 0.0 => {
            let width = digits.unwrap_or(1).min(100);
            format!("{:0>width$}", fixed(size, 0))
        }
        'P' => return Some(format!("{sign}{}%", with_groups(&fixed(size * 100.0, decimals)))),
        'C' if value < 0.0 => return Some(format!("-${}", with_groups(&fixed(size, decimals)))),
        'C' => return Some(format!("${}", with_groups(&fixed(size, decimals)))),
        'G' => format!("{size}"),
        _ => return None,
    };
    let zero = text
        .chars()
        .all(|character| !character.is_ascii_digit() || character == '0');
    Some(if zero { text } else { format!("{sign}{text}") })
}

fn with_groups(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) => format!("{}.{fraction}", grouped(whole)),
        None => grouped(text),
    }
}

/// One section: literals around one run of `0 # , .`; a `#` elsewhere takes one digit of its own.
fn custom(value: f64, pattern: &str) -> String {
    let sections: Vec<&str> = pattern.split(';').collect();
    let (pattern, size) = match sections.as_slice() {
        [_, negative, ..] if value < 0.0 => (*negative, -value),
        [positive, ..] => (*positive, value),
        [] => (pattern, value),
    };
    let percent = pattern.contains('%');
    let size = if percent { size * 100.0 } else { size };
    let (whole_pattern, fraction_pattern) = pattern.split_once('.').unwrap_or((pattern, ""));
    let places = |pattern: &str, wanted: &[char]| pattern.chars().filter(|c| wanted.contains(c)).count();
    let most = places(fraction_pattern, &['0', '#']).min(MOST_DIGITS);
    let fewest = places(fraction_pattern, &['0']).min(most);
    let text = fixed(size.abs(), most);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let kept = fraction.trim_end_matches('0').len().max(fewest);
    let slots = places(whole_pattern, &['0', '#']);
    let zeros = places(whole_pattern, &['0']).min(MOST_DIGITS);
    let groups = whole_pattern.contains(',');
    let whole = whole.trim_start_matches('0');
    let whole = format!("{whole:0>zeros$}");
    let mut digits: Vec<char> = whole.chars().rev().collect();
    let mut written = Vec::new();
    let mut filled = 0;
    let mut count = 0;
    // From the right: each slot takes a digit, the leftmost all that are left.
    for character in whole_pattern.chars().rev() {
        match character {
            '0' | '#' => {
                filled += 1;
                let take = if filled == slots {
                    digits.len()
                } else {
                    digits.len().min(1)
                };
                for digit in digits.drain(..take) {
                    if groups && count > 0 && count % 3 == 0 {
                        written.push(',');
                    }
                    written.push(digit);
                    count += 1;
                }
            }
            ',' => {}
            literal => written.push(literal),
        }
    }
    let mut text: String = written.into_iter().rev().collect();
    if kept > 0 {
        text.push('.');
        text.extend(fraction.chars().take(kept));
    }
    text.extend(fraction_pattern.chars().filter(|c| !matches!(c, '0' | '#')));
    let negative = size < 0.0 && text.chars().any(|c| c.is_ascii_digit() && c != '0');
    if negative { format!("-{text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_is_a_pattern_that_leaves_nothing_unread() {
        let civil: NaiveDateTime = "2006-12-30T00:38:54.840".parse().unwrap();
        for (style, pattern) in STYLES {
            let text = date(civil, pattern);
            assert!(!text.contains(['y', 'H', 'f', '#']), "{style}: {text}");
        }
    }
}
