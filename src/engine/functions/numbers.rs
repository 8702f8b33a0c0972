//! T-SQL's functions of numbers that DataFusion lacks.

use super::row::{Answer, Args, Body, Kind, Row};

pub const ROWS: &[Row] = &[Row::new("isnumeric", &[Kind::Value], Body::Whole(is_numeric)).of_nulls()];

/// Those of MONEY that are in daily use.
const CURRENCIES: [char; 5] = ['$', '¢', '£', '¥', '€'];

fn is_numeric(args: &Args, row: usize) -> Answer<i32> {
    if args.number(0, row).is_some() {
        return Ok(Some(1));
    }
    let written = args.text(0, row).trim();
    let text = written.strip_prefix(['+', '-']).unwrap_or(written);
    let text = text.strip_prefix(CURRENCIES).unwrap_or(text);
    if text.is_empty() {
        // A sign or a currency symbol alone passes, as the reference says.
        return Ok(Some(i32::from(!written.is_empty())));
    }
    let digits = text.starts_with(|character: char| character.is_ascii_digit() || character == '.')
        && text.chars().any(|character| character.is_ascii_digit());
    let plain = text
        .chars()
        .all(|character| character.is_ascii_digit() || matches!(character, '.' | ',' | 'e' | 'E' | '+' | '-'));
    let number = digits && plain && text.replace(',', "").parse::<f64>().is_ok();
    Ok(Some(i32::from(number)))
}

/// `STR(number, length, decimals)`.
pub fn str(args: &Args, row: usize) -> Answer<String> {
    let number = args.number(0, row).unwrap_or_default();
    let length = if args.count() > 1 {
        args.whole(1, row).unwrap_or(-1)
    } else {
        10
    };
    let decimals = if args.count() > 2 {
        args.whole(2, row).unwrap_or(-1)
    } else {
        0
    };
    let (Ok(length), Ok(decimals)) = (usize::try_from(length), usize::try_from(decimals)) else {
        return Ok(None);
    };
    let (length, decimals) = (length.min(8000), decimals.min(16));
    let whole = fixed(number, 0).chars().count();
    if whole > length {
        return Ok(Some("*".repeat(length)));
    }
    let room = length.saturating_sub(whole + 1);
    let text = fixed(number, decimals.min(room));
    Ok(Some(format!("{text:>length$}")))
}

/// With so many decimals, halves away from zero.
pub fn fixed(number: f64, decimals: usize) -> String {
    let shortest = format!("{number}");
    let negative = shortest.starts_with('-');
    let digits = shortest.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() <= decimals || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return format!("{number:.decimals$}");
    }
    let mut kept: Vec<u8> = whole.bytes().chain(fraction.bytes().take(decimals)).collect();
    if fraction.as_bytes()[decimals] >= b'5' {
        let mut carry = true;
        for digit in kept.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == b'9';
            *digit = if carry { b'0' } else { *digit + 1 };
        }
        if carry {
            kept.insert(0, b'1');
        }
    }
    let text: String = kept.into_iter().map(char::from).collect();
    let (whole, fraction) = text.split_at(text.len() - decimals);
    let zero = text.bytes().all(|byte| byte == b'0');
    let sign = if negative && !zero { "-" } else { "" };
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{whole}{point}{fraction}")
}

/// Thousands parted by commas.
pub fn grouped(whole: &str) -> String {
    let mut parts = Vec::new();
    let mut rest = whole;
    while rest.len() > 3 {
        let (front, back) = rest.split_at(rest.len() - 3);
        parts.push(back);
        rest = front;
    }
    parts.push(rest);
    parts.reverse();
    parts.join(",")
}
