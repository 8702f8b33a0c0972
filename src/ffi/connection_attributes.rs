//! SQLGetConnectAttr and SQLSetConnectAttr.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::{Form, Text};
use super::{guard, memory};
use crate::catalog::CATALOG_NAME;
use crate::diag::{Record, SqlState};
use crate::handles::Value;
use crate::statement::Done;

fn get(dbc: Handle, form: Form, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32) -> i16 {
    let length = length as usize;
    let address = value as usize;
    guard::dbc("SQLGetConnectAttr", dbc, |_, connection| {
        let written = match connection.get(attribute)? {
            Value::Number(number) => {
                memory::write(address, number);
                size_of::<u32>()
            }
            Value::Long(number) => {
                memory::write(address, number);
                size_of::<usize>()
            }
            Value::Text(text) => OutText::new(form, Measure::Bytes, value, capacity).write_or_warn(
                &text,
                connection.wide,
                &mut connection.diag,
            )?,
        };
        memory::write(length, out::int(written));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetConnectAttr(
    dbc: Handle,
    attribute: i32,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    get(dbc, Form::Narrow, attribute, value, capacity, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetConnectAttrW(
    dbc: Handle,
    attribute: i32,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    get(dbc, Form::Wide, attribute, value, capacity, length)
}

fn set(dbc: Handle, form: Form, attribute: i32, value: *mut c_void, length: i32) -> i16 {
    guard::dbc("SQLSetConnectAttr", dbc, |_, connection| {
        // Attribute texts are measured in bytes, unlike all other texts that go in.
        let wide = connection.wide;
        let text = || {
            let unit = form.encoding(wide).unit() as i32;
            let length = if length > 0 { length / unit } else { length };
            Text {
                form,
                address: value as usize,
                length: length as isize,
            }
            .required(wide)
        };
        match attribute {
            SQL_ATTR_CURRENT_CATALOG => {
                let name = text()?;
                if !name.is_empty() && !name.eq_ignore_ascii_case(CATALOG_NAME) {
                    return Err(Record::new(
                        SqlState::INVALID_ATTRIBUTE_VALUE,
                        format!("The only catalog is {CATALOG_NAME}, not {name}"),
                    ));
                }
            }
            SQL_ATTR_TRACEFILE => connection.attributes.trace_file = text()?,
            SQL_ATTR_TRANSLATE_LIB => {
                return Err(Record::new(
                    SqlState::NOT_IMPLEMENTED,
                    "Translation libraries are not supported",
                ));
            }
            SQL_ATTR_APPLICATION_NAME => {}
            _ => connection.set(attribute, value as usize)?,
        }
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetConnectAttr(dbc: Handle, attribute: i32, value: *mut c_void, length: i32) -> i16 {
    set(dbc, Form::Narrow, attribute, value, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetConnectAttrW(dbc: Handle, attribute: i32, value: *mut c_void, length: i32) -> i16 {
    set(dbc, Form::Wide, attribute, value, length)
}
