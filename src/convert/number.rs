//! Exact decimal numbers: numeric literals, and cutting them to the digits a type has.

use std::fmt::Write;

use super::Error;
use super::scratch::Scratch;

/// ± coefficient · 10^-scale. Fraction digits beyond the 38th are dropped and `lost` says whether one was not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub negative: bool,
    pub coefficient: u128,
    pub scale: i32,
    pub lost: bool,
}

const MAX_DIGITS: i32 = 38;

/// A numeric literal taken apart: the digits without point, and where the point goes among them.
struct Literal<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i32,
}

impl<'a> Literal<'a> {
    /// SQL's signed numeric literal, spaces around it ignored.
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.trim_matches(' ');
        let (negative, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], parse_exponent(&text[at + 1..])?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        Some(Self {
            negative,
            whole,
            fraction,
            exponent,
        })
    }
}

fn parse_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // An exponent of more digits is beyond every type, whatever it says.
    let exponent = digits.parse::<i32>().unwrap_or(i32::MAX).min(1_000_000);
    Some(if negative { -exponent } else { exponent })
}

/// 22018 unless the text is a numeric literal.
pub(super) fn not_numeric(text: &str) -> Error {
    let shown: String = text.chars().take(40).collect();
    Error::InvalidCharacter {
        message: format!("'{shown}' is not a number"),
    }
}

/// 22003.
pub(super) fn out_of_range(what: impl std::fmt::Display) -> Error {
    Error::OutOfRange {
        message: format!("{what} does not fit into the type asked for"),
    }
}

/// The number as the nearest binary one; 22018, 22003.
pub(super) fn parse_double(text: &str) -> Result<f64, Error> {
    let text = checked_literal(text)?;
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(out_of_range(text)),
    }
}

/// As `parse_double`, rounded once.
pub(super) fn parse_float(text: &str) -> Result<f32, Error> {
    let text = checked_literal(text)?;
    match text.parse::<f32>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(out_of_range(text)),
    }
}

fn checked_literal(text: &str) -> Result<&str, Error> {
    match Literal::parse(text) {
        Some(_) => Ok(text.trim_matches(' ')),
        None => Err(not_numeric(text)),
    }
}

impl Number {
    /// 22018 if the text is no numeric literal, 22003 if it has more than 38 whole digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let literal = Literal::parse(text).ok_or_else(|| not_numeric(text))?;
        let digits = || literal.whole.bytes().chain(literal.fraction.bytes());
        let zeros = digits().take_while(|digit| *digit == b'0').count();
        let significant = digits().count() - zeros;
        if significant == 0 {
            return Ok(Self {
                negative: false,
                coefficient: 0,
                scale: literal.fraction.len().min(38) as i32,
                lost: false,
            });
        }
        // Digits before the point, after the exponent has moved it; negative in 0.00x.
        let point = literal.whole.len() as i64 - zeros as i64 + i64::from(literal.exponent);
        if point > i64::from(MAX_DIGITS) {
            return Err(out_of_range(text.trim_matches(' ')));
        }
        let kept = significant.min(MAX_DIGITS as usize);
        let mut coefficient = 0u128;
        for digit in digits().skip(zeros).take(kept) {
            coefficient = coefficient * 10 + u128::from(digit - b'0');
        }
        let lost = digits().skip(zeros + kept).any(|digit| digit != b'0');
        let scale = (kept as i64 - point) as i32;
        let number = Self {
            negative: literal.negative,
            coefficient,
            scale,
            lost,
        };
        Ok(if scale < 0 { number.with_whole_scale() } else { number })
    }

    /// Of the shortest text that means this double; 22003 for what has more than 38 whole digits, infinities and NaN.
    pub fn from_double(value: f64) -> Result<Self, Error> {
        let mut text = Scratch::new();
        // Scratch takes every text of this form.
        let _ = write!(text, "{value:e}");
        Self::parse(text.as_str()).map_err(|_| out_of_range(value))
    }

    pub fn from_float(value: f32) -> Result<Self, Error> {
        let mut text = Scratch::new();
        let _ = write!(text, "{value:e}");
        Self::parse(text.as_str()).map_err(|_| out_of_range(value))
    }

    pub fn from_integer(value: i128) -> Self {
        Self {
            negative: value < 0,
            coefficient: value.unsigned_abs(),
            scale: 0,
            lost: false,
        }
    }

    pub fn from_decimal(value: i128, scale: i8) -> Self {
        Self {
            negative: value < 0,
            coefficient: value.unsigned_abs(),
            scale: i32::from(scale),
            lost: false,
        }
        .with_whole_scale()
    }

    /// A scale below zero written out. Only a decimal of 38 digits times a power of ten can overflow; it saturates, and
    /// is then out of every range.
    fn with_whole_scale(self) -> Self {
        if self.scale >= 0 {
            return self;
        }
        let factor = power_of_ten(self.scale.unsigned_abs());
        let coefficient = factor.and_then(|f| self.coefficient.checked_mul(f));
        Self {
            coefficient: coefficient.unwrap_or(if self.coefficient == 0 { 0 } else { u128::MAX }),
            scale: 0,
            ..self
        }
    }

    /// The whole part, and whether a nonzero fraction was cut.
    pub fn whole(&self) -> (u128, bool) {
        let (whole, cut) = self.at_scale(0).unwrap_or((u128::MAX, false));
        (whole, cut)
    }

    /// The whole part with its sign, `None` beyond 127 bits.
    pub fn integer(&self) -> Option<(i128, bool)> {
        let (whole, cut) = self.whole();
        let whole = i128::try_from(whole).ok()?;
        Some((if self.negative { -whole } else { whole }, cut))
    }

    /// The coefficient at another scale, and whether nonzero digits were cut; `None` if it has no room.
    pub fn at_scale(&self, scale: i32) -> Option<(u128, bool)> {
        if scale >= self.scale {
            let factor = power_of_ten((scale - self.scale).unsigned_abs());
            let coefficient = match factor {
                Some(factor) => self.coefficient.checked_mul(factor)?,
                None if self.coefficient == 0 => 0,
                None => return None,
            };
            return Some((coefficient, self.lost));
        }
        let Some(factor) = power_of_ten((self.scale - scale).unsigned_abs()) else {
            return Some((0, self.coefficient != 0 || self.lost));
        };
        Some((
            self.coefficient / factor,
            self.lost || !self.coefficient.is_multiple_of(factor),
        ))
    }

    /// The coefficient as a decimal of `precision` digits, `scale` of them behind the point, and whether fraction digits
    /// were cut; `None` if whole digits would be.
    pub fn fit(&self, precision: u32, scale: i32) -> Option<(u128, bool)> {
        let (coefficient, cut) = self.at_scale(scale)?;
        if cut && scale < 0 {
            return None;
        }
        let limit = power_of_ten(precision.min(MAX_DIGITS as u32))?;
        (coefficient < limit).then_some((coefficient, cut))
    }

    pub fn is_zero(&self) -> bool {
        self.coefficient == 0 && !self.lost
    }

    /// Plain digits with all of the scale.
    pub fn render(&self, text: &mut Scratch) {
        if self.negative && self.coefficient != 0 {
            text.push(b'-');
        }
        let factor = power_of_ten(self.scale.unsigned_abs()).unwrap_or(u128::MAX);
        text.push_number(self.coefficient / factor, 1);
        if self.scale > 0 {
            text.push(b'.');
            text.push_number(self.coefficient % factor, self.scale as usize);
        }
    }
}

pub(super) fn power_of_ten(exponent: u32) -> Option<u128> {
    10u128.checked_pow(exponent)
}

/// How many decimal digits the coefficient has; 1 for zero.
pub(super) fn digits(coefficient: u128) -> u32 {
    coefficient.checked_ilog10().unwrap_or(0) + 1
}

/// The shortest text that reads back as the same number: plain where it is short, else with an exponent.
/// `precision` is the type's decimal digits (15 or 6): a number of more whole digits has an exponent.
pub(super) fn render_double(value: f64, shortest: &str, precision: i32, text: &mut Scratch) {
    if value.is_nan() {
        return text.push_str("NaN");
    }
    if value.is_infinite() {
        return text.push_str(if value < 0.0 { "-Infinity" } else { "Infinity" });
    }
    let unsigned = shortest.trim_start_matches('-');
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (first, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if value.is_sign_negative() && value != 0.0 {
        text.push(b'-');
    }
    if !(-4..precision).contains(&exponent) {
        text.push_str(mantissa);
        text.push_str(if exponent < 0 { "e-" } else { "e+" });
        return text.push_number(u128::from(exponent.unsigned_abs()), 2);
    }
    if exponent < 0 {
        text.push_str("0.");
        (1..-exponent).for_each(|_| text.push(b'0'));
        text.push_str(first);
        return text.push_str(rest);
    }
    let whole = exponent as usize;
    text.push_str(first);
    text.push_str(&rest[..whole.min(rest.len())]);
    (rest.len()..whole).for_each(|_| text.push(b'0'));
    if rest.len() > whole {
        text.push(b'.');
        text.push_str(&rest[whole..]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> (bool, u128, i32, bool) {
        let n = Number::parse(text).expect(text);
        (n.negative, n.coefficient, n.scale, n.lost)
    }

    #[test]
    fn literals_are_exact() {
        assert_eq!(number(" -12.50 "), (true, 1250, 2, false));
        assert_eq!(number("+.5"), (false, 5, 1, false));
        assert_eq!(number("5."), (false, 5, 0, false));
        assert_eq!(number("1.5e3"), (false, 1500, 0, false));
        assert_eq!(number("15E-4"), (false, 15, 4, false));
        assert_eq!(number("000.000"), (false, 0, 3, false));
        assert_eq!(
            number("99999999999999999999999999999999999999"),
            (false, 10u128.pow(38) - 1, 0, false)
        );
        let long = format!("0.{}1", "3".repeat(40));
        assert!(Number::parse(&long).unwrap().lost);
        for text in [
            "", " ", "-", ".", "1e", "e5", "1,5", "0x10", "NaN", "inf", "1 2", "--1", "٣",
        ] {
            assert!(
                matches!(Number::parse(text), Err(Error::InvalidCharacter { .. })),
                "{text}"
            );
        }
        for text in ["1e38", "1e99999999999", "999999999999999999999999999999999999999"] {
            assert!(matches!(Number::parse(text), Err(Error::OutOfRange { .. })), "{text}");
        }
        assert!(Number::parse("1e-99999999999").unwrap().whole() == (0, true));
    }

    #[test]
    fn cutting_tells_whole_digits_from_fraction_digits() {
        let n = Number::parse("123.456").unwrap();
        assert_eq!(n.whole(), (123, true));
        assert_eq!(n.fit(5, 2), Some((12345, true)));
        assert_eq!(n.fit(6, 3), Some((123456, false)));
        assert_eq!(n.fit(4, 2), None);
        assert_eq!(n.fit(38, 30), Some((123456 * 10u128.pow(27), false)));
        assert_eq!(n.fit(38, 37), None);
        assert_eq!(Number::parse("1200").unwrap().fit(2, -2), Some((12, false)));
        assert_eq!(Number::parse("1234").unwrap().fit(2, -2), None);
    }
}
