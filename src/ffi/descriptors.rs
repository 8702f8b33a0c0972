//! SQLGetDescField, SQLSetDescField, SQLGetDescRec, SQLSetDescRec, SQLCopyDesc.

use std::ffi::c_void;

use super::consts::*;
use super::out::{self, Measure, OutText};
use super::text::{Form, Text};
use super::{guard, memory};
use crate::diag::{Record, SqlState};
use crate::statement::{Done, Field, Role};

/// "Until the IRD has been populated, any attempt to gain access to a field of an IRD will return an error."
fn not_prepared() -> Record {
    Record::new(
        SqlState::UNPREPARED_STATEMENT,
        "The descriptor's statement is neither prepared nor executed",
    )
}

fn get_field(desc: Handle, number: i16, id: i16, value: OutText, length: *mut i32) -> i16 {
    let length = length as usize;
    guard::desc("SQLGetDescField", desc, |descriptor, wide, unprepared| {
        let own = matches!(
            id,
            SQL_DESC_ALLOC_TYPE | SQL_DESC_ARRAY_STATUS_PTR | SQL_DESC_ROWS_PROCESSED_PTR
        );
        if unprepared && !own {
            return Err(not_prepared());
        }
        let Some(field) = descriptor.get(number, id)? else {
            return Ok(Done::NoData);
        };
        let address = value.address;
        let written = match field {
            Field::Text(text) => value.write_or_warn(&text, wide, &mut descriptor.diag)?,
            Field::Small(number) => {
                memory::write(address, number);
                size_of::<i16>()
            }
            Field::Integer(number) => {
                memory::write(address, number);
                size_of::<i32>()
            }
            Field::Long(number) => {
                memory::write(address, number);
                size_of::<isize>()
            }
        };
        memory::write(length, out::int(written));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDescField(
    desc: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    get_field(
        desc,
        number,
        id,
        OutText::new(Form::Narrow, Measure::Bytes, value, capacity),
        length,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDescFieldW(
    desc: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    capacity: i32,
    length: *mut i32,
) -> i16 {
    get_field(
        desc,
        number,
        id,
        OutText::new(Form::Wide, Measure::Bytes, value, capacity),
        length,
    )
}

/// SQL_MAX_IDENTIFIER_LEN
const LONGEST_NAME: usize = 128;

fn set_field(desc: Handle, number: i16, id: i16, form: Form, value: *mut c_void, length: i32) -> i16 {
    guard::desc("SQLSetDescField", desc, |descriptor, wide, _| {
        if id == SQL_DESC_NAME && descriptor.role == Role::ImplementationParameter {
            let unit = form.encoding(wide).unit() as i32;
            let length = if length > 0 { length / unit } else { length } as isize;
            let name = Text {
                form,
                address: value as usize,
                length,
            }
            .read(wide)?
            .unwrap_or_default();
            if name.chars().count() > LONGEST_NAME {
                return Err(Record::new(
                    SqlState::TEXT_TRUNCATED,
                    format!("A name has at most {LONGEST_NAME} characters"),
                ));
            }
            descriptor.binding(usize::try_from(number).unwrap_or(0))?.name = name;
            return Ok(Done::Success);
        }
        descriptor.set(number, id, value as usize)?;
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetDescField(
    desc: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    length: i32,
) -> i16 {
    set_field(desc, number, id, Form::Narrow, value, length)
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetDescFieldW(
    desc: Handle,
    number: i16,
    id: i16,
    value: *mut c_void,
    length: i32,
) -> i16 {
    set_field(desc, number, id, Form::Wide, value, length)
}

/// SQLGetDescRec's out-arguments beside the name, each with its field.
struct RecordOut {
    name_length: usize,
    fields: [(i16, usize); 6],
}

fn get_record(desc: Handle, number: i16, name: OutText, to: RecordOut) -> i16 {
    guard::desc("SQLGetDescRec", desc, |descriptor, wide, unprepared| {
        if unprepared {
            return Err(not_prepared());
        }
        if number < 0 || (number == 0 && !descriptor.has_bookmark()) {
            return Err(Record::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                "Records are counted from 1; record 0 is a bookmark's, where there is one",
            ));
        }
        if usize::from(number as u16) > descriptor.count() {
            return Ok(Done::NoData);
        }
        for (id, address) in to.fields {
            // Fields that this kind of descriptor does not have are left alone.
            match descriptor.get(number, id) {
                Ok(Some(Field::Small(value))) => memory::write(address, value),
                Ok(Some(Field::Integer(value))) => memory::write(address, value as i16),
                Ok(Some(Field::Long(value))) => memory::write(address, value),
                _ => {}
            }
        }
        let text = match descriptor.get(number, SQL_DESC_NAME) {
            Ok(Some(Field::Text(text))) => text,
            _ => String::new(),
        };
        let full = name.write_or_warn(&text, wide, &mut descriptor.diag)?;
        memory::write(to.name_length, out::short(full));
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDescRec(
    desc: Handle,
    number: i16,
    name: *mut u8,
    capacity: i16,
    name_length: *mut i16,
    r#type: *mut i16,
    sub_type: *mut i16,
    length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> i16 {
    let fields = record_fields(r#type, sub_type, length, precision, scale, nullable);
    let to = RecordOut {
        name_length: name_length as usize,
        fields,
    };
    get_record(
        desc,
        number,
        OutText::new(Form::Narrow, Measure::Characters, name, capacity),
        to,
    )
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLGetDescRecW(
    desc: Handle,
    number: i16,
    name: *mut u16,
    capacity: i16,
    name_length: *mut i16,
    r#type: *mut i16,
    sub_type: *mut i16,
    length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> i16 {
    let fields = record_fields(r#type, sub_type, length, precision, scale, nullable);
    let to = RecordOut {
        name_length: name_length as usize,
        fields,
    };
    get_record(
        desc,
        number,
        OutText::new(Form::Wide, Measure::Characters, name, capacity),
        to,
    )
}

fn record_fields(
    r#type: *mut i16,
    sub_type: *mut i16,
    length: *mut isize,
    precision: *mut i16,
    scale: *mut i16,
    nullable: *mut i16,
) -> [(i16, usize); 6] {
    [
        (SQL_DESC_TYPE, r#type as usize),
        (SQL_DESC_DATETIME_INTERVAL_CODE, sub_type as usize),
        (SQL_DESC_OCTET_LENGTH, length as usize),
        (SQL_DESC_PRECISION, precision as usize),
        (SQL_DESC_SCALE, scale as usize),
        (SQL_DESC_NULLABLE, nullable as usize),
    ]
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLSetDescRec(
    desc: Handle,
    number: i16,
    r#type: i16,
    sub_type: i16,
    length: isize,
    precision: i16,
    scale: i16,
    data: *mut c_void,
    octet_length: *mut isize,
    indicator: *mut isize,
) -> i16 {
    let (data, octet_length, indicator) = (data as usize, octet_length as usize, indicator as usize);
    guard::desc("SQLSetDescRec", desc, |descriptor, _, _| {
        descriptor.set(number, SQL_DESC_TYPE, r#type as usize)?;
        if matches!(r#type, SQL_DATETIME | SQL_INTERVAL) {
            descriptor.set(number, SQL_DESC_DATETIME_INTERVAL_CODE, sub_type as usize)?;
        }
        descriptor.set(number, SQL_DESC_OCTET_LENGTH, length as usize)?;
        descriptor.set(number, SQL_DESC_PRECISION, precision as usize)?;
        descriptor.set(number, SQL_DESC_SCALE, scale as usize)?;
        let parameter = descriptor.role == Role::ImplementationParameter;
        if !parameter {
            descriptor.set(number, SQL_DESC_OCTET_LENGTH_PTR, octet_length)?;
            descriptor.set(number, SQL_DESC_INDICATOR_PTR, indicator)?;
        }
        // The consistency check is made for a null pointer too.
        descriptor.check(number)?;
        descriptor.set(number, SQL_DESC_DATA_PTR, data)?;
        Ok(Done::Success)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "system" fn SQLCopyDesc(source: Handle, target: Handle) -> i16 {
    let mut copied = None;
    let mut read = Ok(Done::Success);
    // One lock after the other: they may be two connections'.
    let code = guard::desc("SQLCopyDesc", source, |descriptor, _, unprepared| {
        match unprepared {
            true => read = Err(not_prepared()),
            false => copied = Some(descriptor.copied()),
        }
        Ok(Done::Success)
    });
    if code != SQL_SUCCESS {
        return code;
    }
    // Whatever is wrong is told on the target.
    guard::desc("SQLCopyDesc", target, |descriptor, _, _| {
        read?;
        if let Some(copied) = &copied {
            descriptor.copy(copied)?;
        }
        Ok(Done::Success)
    })
}
