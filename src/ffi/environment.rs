//! SQLSetEnvAttr and SQLGetEnvAttr.

use std::ffi::c_void;
use std::sync::atomic::Ordering;

use super::consts::*;
use super::{guard, memory, text};
use crate::convert::WideChar;
use crate::diag::{Record, SqlState};
use crate::statement::Done;

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetEnvAttr(env: Handle, attribute: i32, value: *mut c_void, _length: i32) -> i16 {
    guard::env(env, |environment, state| {
        let number = value as usize as u32 as i32;
        let invalid = || {
            Err(Record::new(
                SqlState::INVALID_ATTRIBUTE_VALUE,
                format!("{number} is no value of environment attribute {attribute}"),
            ))
        };
        match attribute {
            SQL_ATTR_ODBC_VERSION if environment.connections.load(Ordering::Acquire) > 0 => {
                return Err(Record::new(
                    SqlState::SEQUENCE_ERROR,
                    "Set SQL_ATTR_ODBC_VERSION before connecting",
                ));
            }
            SQL_ATTR_ODBC_VERSION => match number {
                SQL_OV_ODBC2 | SQL_OV_ODBC3 | SQL_OV_ODBC3_80 => environment.set_version(number),
                _ => return invalid(),
            },
            SQL_ATTR_CONNECTION_POOLING if (0..=3).contains(&number) => state.pooling = number as usize,
            SQL_ATTR_CP_MATCH if (0..=1).contains(&number) => state.cp_match = number as usize,
            SQL_ATTR_OUTPUT_NTS if number == 1 => {}
            SQL_ATTR_OUTPUT_NTS => {
                return Err(Record::new(
                    SqlState::NOT_IMPLEMENTED,
                    "Texts always end with a terminator",
                ));
            }
            SQL_ATTR_CONNECTION_POOLING | SQL_ATTR_CP_MATCH => return invalid(),
            _ => return Err(unknown(attribute)),
        }
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetEnvAttr(
    env: Handle,
    attribute: i32,
    value: *mut c_void,
    _capacity: i32,
    length: *mut i32,
) -> i16 {
    let (value, length) = (value as usize, length as usize);
    guard::env(env, |environment, state| {
        let number = match attribute {
            SQL_ATTR_ODBC_VERSION => environment.version(),
            SQL_ATTR_CONNECTION_POOLING => state.pooling as i32,
            SQL_ATTR_CP_MATCH => state.cp_match as i32,
            SQL_ATTR_OUTPUT_NTS => 1,
            SQL_ATTR_DRIVER_UNICODE_TYPE => match text::default_wide() {
                WideChar::Utf16 => SQL_DM_CP_UTF16 as i32,
                WideChar::Utf32 => SQL_DM_CP_UCS4 as i32,
            },
            _ => return Err(unknown(attribute)),
        };
        memory::write(value, number);
        memory::write(length, 4i32);
        Ok(Done::Success)
    })
}

fn unknown(attribute: i32) -> Record {
    Record::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("{attribute} is no environment attribute of this driver"),
    )
}
