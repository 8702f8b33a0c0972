//! Values as text: what stands in the text, and how much of it must not be cut.

use std::fmt::Write;

use super::Error;
use super::datetime::{Date, render_time};
use super::guid;
use super::number::{Number, render_double};
use super::scratch::Scratch;
use super::value::Value;

/// Renders anything but text and binary. Returns how many leading characters a buffer must take, else 22003: whole
/// digits, a timestamp's 19 characters, all of a GUID.
pub(super) fn render(value: Value<'_>, text: &mut Scratch) -> Result<usize, Error> {
    match value {
        Value::Null | Value::Text(_) | Value::Binary(_) => {
            return Err(Error::RestrictedType {
                message: "The value has no text of its own".to_owned(),
            });
        }
        Value::Bit(bit) => text.push(if bit { b'1' } else { b'0' }),
        Value::Int(int) => {
            if int < 0 {
                text.push(b'-');
            }
            text.push_number(u128::from(int.unsigned_abs()), 1);
        }
        Value::UInt(int) => text.push_number(u128::from(int), 1),
        // Scratch takes all that is written to it here and below.
        Value::Float(float) => {
            let mut shortest = Scratch::new();
            let _ = write!(shortest, "{float:e}");
            render_double(f64::from(float), shortest.as_str(), f32::DIGITS as i32, text);
        }
        Value::Double(double) => {
            let mut shortest = Scratch::new();
            let _ = write!(shortest, "{double:e}");
            render_double(double, shortest.as_str(), f64::DIGITS as i32, text);
        }
        // Zeros stand behind the digits; a Number of them would overflow.
        Value::Decimal {
            value,
            scale: scale @ ..0,
            ..
        } => {
            if value < 0 {
                text.push(b'-');
            }
            text.push_number(value.unsigned_abs(), 1);
            (scale..0).filter(|_| value != 0).for_each(|_| text.push(b'0'));
        }
        Value::Decimal { value, scale, .. } => Number::from_decimal(value, scale).render(text),
        Value::Date(days) => Date::from_days(days).render(text),
        Value::Time { nanos, digits } => render_time(nanos, digits, text),
        Value::Timestamp { days, nanos, digits } => {
            Date::from_days(days).render(text);
            text.push(b' ');
            render_time(nanos, digits, text);
        }
        Value::Guid(bytes) => guid::render(bytes, text),
    }
    Ok(uncuttable(value, text.as_str()))
}

fn uncuttable(value: Value<'_>, text: &str) -> usize {
    match value {
        Value::Guid(_) => text.len(),
        // A cut exponent would be another number.
        _ if text.contains('e') => text.len(),
        _ => text.find('.').unwrap_or(text.len()),
    }
}
