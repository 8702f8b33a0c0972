//! SQLGetInfo, SQLGetFunctions and SQLGetTypeInfo.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::Form;
use super::{asynchronous, guard, memory};
use crate::diag::{Record, SqlState};
use crate::handles::{Connection, Environment};
use crate::metadata::info::{self, Facts, InfoValue};
use crate::metadata::{self, View};
use crate::statement::state::Call;
use crate::statement::{Done, c_types};

fn facts(environment: &Environment, connection: &Connection) -> Facts {
    let odbc2 = environment.odbc2();
    match connection.session.as_ref().map(|session| session.settings()) {
        Some(settings) => Facts {
            dsn: settings.dsn.clone(),
            server: settings.domain.clone(),
            user: settings.uid.clone(),
            read_only: settings.read_only,
            odbc2,
        },
        None => Facts {
            read_only: true,
            odbc2,
            ..Facts::default()
        },
    }
}

fn get_info(dbc: Handle, form: Form, id: u16, value: *mut c_void, capacity: i16, length: *mut i16) -> i16 {
    let (address, length) = (value as usize, length as usize);
    guard::dbc("SQLGetInfo", dbc, |family, connection| {
        let answer = info::info(id, &facts(&family.environment, connection)).ok_or_else(|| {
            Record::new(
                SqlState::INVALID_INFORMATION_TYPE,
                format!("{id} is no information type of this driver"),
            )
        })?;
        // Access refuses a driver that leaves the length of a number unset.
        let written = match answer {
            InfoValue::Text(text) => OutText::new(form, Measure::Bytes, value, capacity).write_or_warn(
                &text,
                connection.wide,
                &mut connection.diag,
            )?,
            InfoValue::U16(number) => {
                memory::write(address, number);
                size_of::<u16>()
            }
            InfoValue::U32(number) => {
                memory::write(address, number);
                size_of::<u32>()
            }
            InfoValue::Pointer(number) => {
                memory::write(address, number);
                size_of::<usize>()
            }
        };
        memory::write(length, out::short(written));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetInfo(
    dbc: Handle,
    id: u16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    get_info(dbc, Form::Narrow, id, value, capacity, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetInfoW(
    dbc: Handle,
    id: u16,
    value: *mut c_void,
    capacity: i16,
    length: *mut i16,
) -> i16 {
    get_info(dbc, Form::Wide, id, value, capacity, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetFunctions(dbc: Handle, id: u16, supported: *mut u16) -> i16 {
    let supported = supported as usize;
    guard::dbc("SQLGetFunctions", dbc, |_, _| {
        match id {
            SQL_API_ODBC3_ALL_FUNCTIONS => {
                let mut bitmap = [0u16; SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];
                for (id, _) in info::FUNCTIONS {
                    bitmap[usize::from(id >> 4)] |= 1 << (id & 15);
                }
                for (i, bits) in bitmap.into_iter().enumerate() {
                    memory::write_element(supported, i, bits);
                }
            }
            SQL_API_ALL_FUNCTIONS => {
                for id in 0..100u16 {
                    memory::write_element(supported, usize::from(id), u16::from(info::supports_function(id)));
                }
            }
            id if usize::from(id >> 4) < SQL_API_ODBC3_ALL_FUNCTIONS_SIZE => {
                memory::write(supported, u16::from(info::supports_function(id)));
            }
            _ => {
                return Err(Record::new(
                    SqlState::INVALID_FUNCTION_ID,
                    format!("{id} is no function of ODBC"),
                ));
            }
        }
        Ok(Done::Success)
    })
}

fn get_type_info(stmt: Handle, data_type: i16) -> i16 {
    asynchronous::run(stmt, 47, [], move |stmt, []| {
        guard::stmt("SQLGetTypeInfo", stmt, Call::Catalog, |scope| {
            // Types beyond ODBC's own belong to drivers, of which this one has none.
            let other_drivers = !(SQL_GUID..=SQL_C_INTERVAL_MINUTE_TO_SECOND).contains(&data_type);
            if data_type != SQL_ALL_TYPES && !other_drivers && !c_types::is_sql_type(data_type) {
                return Err(Record::new(
                    SqlState::INVALID_SQL_TYPE,
                    format!("{data_type} is no SQL type"),
                ));
            }
            let view = View {
                odbc2: scope.odbc2,
                metadata_id: false,
                max_varchar_size: scope.session()?.settings().max_varchar_size,
            };
            let rows = metadata::type_info(view, data_type);
            scope.open_rows(rows)
        })
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetTypeInfo(stmt: Handle, data_type: i16) -> i16 {
    get_type_info(stmt, data_type)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetTypeInfoW(stmt: Handle, data_type: i16) -> i16 {
    get_type_info(stmt, data_type)
}
