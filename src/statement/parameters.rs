//! Parameters: bound addresses, arrays of sets and data at execution, read into Arrow arrays of one row.

use arrow::array::ArrayRef;

use super::c_types;
use super::descriptor::{Binding, Header};
use super::{Done, Outcome, Scope, State, execute};
use crate::convert::WideChar;
use crate::diag::{Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::{self, Address, Origin};
use crate::metadata::types;

/// SQLPutData's pieces of one parameter.
#[derive(Default)]
struct Supplied {
    bytes: Vec<u8>,
    null: bool,
    pieces: usize,
}

/// One parameter that SQLParamData will ask for.
struct Asked {
    set: usize,
    parameter: usize,
    /// SQLParamData's ParameterValuePtr.
    token: Address,
    supplied: Supplied,
}

/// An execution between SQL_NEED_DATA and the last piece.
pub struct DataAtExecution {
    asked: Vec<Asked>,
    /// Index in `asked`; None before the first SQLParamData.
    current: Option<usize>,
}

pub enum Gathered {
    /// One list of arrays for each set that is executed.
    Complete(Vec<Vec<ArrayRef>>),
    Awaiting(DataAtExecution),
}

/// What reading needs of the descriptors.
struct Bound {
    header: Header,
    status: Address,
    processed: Address,
    /// APD and IPD record of each parameter.
    records: Vec<(Binding, Binding)>,
}

fn bound(scope: &Scope) -> Result<Bound, Record> {
    let count = scope.stmt.plan.as_ref().map_or(0, |plan| plan.parameters.len());
    let apd = scope.descriptor(scope.stmt.apd)?;
    let ipd = scope.descriptor(scope.stmt.implicit.ipd)?;
    let given = apd.bindings.iter().take_while(|binding| binding.is_bound()).count();
    if given < count {
        return Err(Record::new(
            SqlState::WRONG_NUMBER_OF_PARAMETERS,
            format!("The statement has {count} parameter markers, {given} parameters are bound"),
        ));
    }
    let records = (0..count)
        .map(|i| {
            (
                apd.bindings[i].clone(),
                ipd.bindings.get(i).cloned().unwrap_or_default(),
            )
        })
        .collect();
    Ok(Bound {
        header: apd.header,
        status: ipd.header.array_status,
        processed: ipd.header.rows_processed,
        records,
    })
}

impl Bound {
    fn origin(&self, set: usize, parameter: usize) -> Origin {
        let (apd, ipd) = &self.records[parameter];
        let c_type = if apd.concise == SQL_C_DEFAULT {
            c_types::default_for(ipd.concise)
        } else {
            apd.concise
        };
        let offset = memory::read::<usize>(self.header.bind_offset).unwrap_or(0);
        let fixed = c_types::fixed_size(c_type);
        let (value_step, length_step) = match self.header.bind_type {
            SQL_BIND_BY_COLUMN => {
                let step = fixed.unwrap_or_else(|| usize::try_from(apd.octet_length).unwrap_or(0));
                (step * set, size_of::<isize>() * set)
            }
            row => (row * set, row * set),
        };
        let length = memory::displaced(apd.octet_length_ptr, offset.wrapping_add(length_step));
        let indicator = memory::displaced(apd.indicator, offset.wrapping_add(length_step));
        let null = memory::read::<isize>(indicator) == Some(SQL_NULL_DATA);
        let column_size = if ipd.length > 0 {
            ipd.length
        } else {
            usize::try_from(ipd.precision).unwrap_or(0)
        };
        Origin {
            c_type,
            sql_type: ipd.concise,
            column_size,
            decimal_digits: ipd.scale,
            value: memory::displaced(apd.data, offset.wrapping_add(value_step)),
            buffer_length: fixed.map_or(apd.octet_length, |size| size as isize),
            length: if null { indicator } else { length },
            precision: apd.precision,
            scale: apd.scale,
        }
    }

    fn ignored(&self, set: usize) -> bool {
        memory::read::<u16>(memory::displaced(self.header.array_status, 2 * set)) == Some(SQL_PARAM_IGNORE)
    }
}

fn at_execution(origin: &Origin) -> bool {
    memory::read::<isize>(origin.length)
        .is_some_and(|length| length == SQL_DATA_AT_EXEC || length <= SQL_LEN_DATA_AT_EXEC_OFFSET)
}

/// Reads all sets, unless some of their values come by SQLPutData.
pub fn gather(scope: &mut Scope) -> Result<Gathered, Record> {
    let bound = bound(scope)?;
    let mut asked = Vec::new();
    for set in 0..bound.header.array_size {
        if bound.records.is_empty() {
            break;
        }
        if bound.ignored(set) {
            continue;
        }
        for parameter in 0..bound.records.len() {
            let origin = bound.origin(set, parameter);
            if at_execution(&origin) {
                asked.push(Asked {
                    set,
                    parameter,
                    token: origin.value,
                    supplied: Supplied::default(),
                });
            }
        }
    }
    if asked.is_empty() {
        return read(scope, &bound, &[]).map(Gathered::Complete);
    }
    Ok(Gathered::Awaiting(DataAtExecution { asked, current: None }))
}

fn read(scope: &mut Scope, bound: &Bound, asked: &[Asked]) -> Result<Vec<Vec<ArrayRef>>, Record> {
    let sets = if bound.records.is_empty() {
        1
    } else {
        bound.header.array_size
    };
    let mut complete = Vec::new();
    let mut first_error = None;
    for set in 0..sets {
        let status = if !bound.records.is_empty() && bound.ignored(set) {
            SQL_PARAM_UNUSED
        } else {
            match read_set(bound, set, asked, scope.wide) {
                Ok(arrays) => {
                    complete.push(arrays);
                    SQL_PARAM_SUCCESS
                }
                Err(record) => {
                    if sets == 1 {
                        memory::write(bound.processed, 1usize);
                        memory::write_element(bound.status, 0, SQL_PARAM_ERROR);
                        return Err(record);
                    }
                    let column = record.column;
                    let record = record.at(set as isize + 1, column);
                    scope.stmt.diag.post(record.clone());
                    first_error.get_or_insert(record);
                    SQL_PARAM_ERROR
                }
            }
        };
        memory::write_element(bound.status, set, status);
        memory::write(bound.processed, set + 1);
    }
    match first_error {
        Some(record) if complete.is_empty() => Err(record),
        _ => Ok(complete),
    }
}

fn read_set(bound: &Bound, set: usize, asked: &[Asked], wide: WideChar) -> Result<Vec<ArrayRef>, Record> {
    (0..bound.records.len())
        .map(|parameter| {
            let mut origin = bound.origin(set, parameter);
            let supplied = asked
                .iter()
                .find(|a| a.set == set && a.parameter == parameter)
                .map(|a| &a.supplied);
            let length;
            match supplied {
                Some(supplied) => {
                    length = if supplied.null {
                        SQL_NULL_DATA
                    } else {
                        supplied.bytes.len() as isize
                    };
                    origin.value = supplied.bytes.as_ptr() as Address;
                    origin.buffer_length = supplied.bytes.len() as isize;
                    origin.length = (&raw const length) as Address;
                }
                None if bound.records[parameter].1.parameter_type == SQL_PARAM_OUTPUT => {
                    length = SQL_NULL_DATA;
                    origin.length = (&raw const length) as Address;
                }
                None if memory::read::<isize>(origin.length) == Some(SQL_DEFAULT_PARAM) => {
                    return Err(Record::new(
                        SqlState::INVALID_DEFAULT_PARAMETER,
                        "There are no procedures, so SQL_DEFAULT_PARAM has no meaning",
                    ));
                }
                None => {}
            }
            memory::read_parameter(&origin, wide).map_err(|error| {
                Record::from(&error).at(
                    if bound.header.array_size > 1 {
                        set as isize + 1
                    } else {
                        -1
                    },
                    parameter as i32 + 1,
                )
            })
        })
        .collect()
}

/// SQLParamData: names the next parameter that waits for data, or executes.
pub fn param_data(scope: &mut Scope, value_ptr: Address) -> Outcome {
    let Some(data) = &mut scope.stmt.data_at_execution else {
        return Ok(Done::Success);
    };
    let next = data.current.map_or(0, |current| current + 1);
    if let Some(asked) = data.asked.get(next) {
        memory::write(value_ptr, asked.token);
        data.current = Some(next);
        scope.stmt.state = State::MustPut;
        return Ok(Done::NeedData);
    }
    let result = bound(scope).and_then(|bound| {
        let data = scope.stmt.data_at_execution.take();
        let asked = data.map(|data| data.asked).unwrap_or_default();
        let sets = read(scope, &bound, &asked)?;
        execute::run(scope, sets)
    });
    if result.is_err() {
        scope.stmt.close();
    }
    result
}

/// SQLPutData: one piece.
pub fn put_data(scope: &mut Scope, value: Address, length: isize) -> Outcome {
    let wide = scope.wide;
    let bound = bound(scope)?;
    let Some(data) = &mut scope.stmt.data_at_execution else {
        return Ok(Done::Success);
    };
    let Some(asked) = data.current.and_then(|current| data.asked.get_mut(current)) else {
        return Ok(Done::Success);
    };
    let c_type = bound.origin(asked.set, asked.parameter).c_type;
    let supplied = &mut asked.supplied;
    if supplied.pieces > 0 && (supplied.null || length == SQL_NULL_DATA) {
        return Err(Record::new(
            SqlState::CONCATENATE_NULL,
            "NULL cannot be one of several pieces",
        ));
    }
    let fixed = c_types::fixed_size(c_type);
    if supplied.pieces > 0 && fixed.is_some() {
        return Err(Record::new(
            SqlState::PIECEWISE_FIXED_LENGTH,
            "Only text and binary data come in pieces",
        ));
    }
    let size = match (length, fixed) {
        (SQL_NULL_DATA, _) => 0,
        (_, Some(size)) => size,
        (SQL_NTS, None) if c_type != SQL_C_BINARY => memory::terminated_length(value, c_types::unit(c_type, wide)),
        (length, None) => usize::try_from(length)
            .map_err(|_| Record::new(SqlState::INVALID_LENGTH, format!("{length} is no length of data")))?,
    };
    if value == 0 && size > 0 {
        return Err(Record::new(
            SqlState::NULL_POINTER,
            "The data pointer is null, its length is not 0",
        ));
    }
    supplied.null = length == SQL_NULL_DATA;
    supplied.bytes.extend_from_slice(&memory::bytes(value, size));
    supplied.pieces += 1;
    scope.stmt.state = State::CanPut;
    Ok(Done::Success)
}

/// SQL_ATTR_ENABLE_AUTO_IPD: the IPD says of each parameter what SQLDescribeParam says.
pub fn describe(scope: &mut Scope) -> Result<(), Record> {
    let parameters = scope.stmt.plan.as_ref().map(|plan| plan.parameters.clone());
    let ipd = scope.descriptor_mut(scope.stmt.implicit.ipd)?;
    ipd.bindings.clear();
    for (number, field) in (1..).zip(parameters.iter().flat_map(|parameters| parameters.iter())) {
        let kind = types::of_field(field);
        let record = ipd.binding(number)?;
        record.set_concise(kind.sql.concise);
        record.length = kind.size as usize;
        record.octet_length = kind.octet_length as isize;
        (record.precision, record.scale) = match (kind.sql.verbose, kind.decimal_digits.unwrap_or(0)) {
            (SQL_DATETIME, fraction) => (fraction, 0),
            (_, digits) => (i16::try_from(kind.size).unwrap_or(i16::MAX), digits),
        };
    }
    Ok(())
}

/// SQLBindParameter's arguments.
pub struct Arguments {
    pub number: u16,
    pub direction: i16,
    pub c_type: i16,
    pub sql_type: i16,
    pub column_size: usize,
    pub decimal_digits: i16,
    pub value: Address,
    pub buffer_length: isize,
    pub length: Address,
}

/// ColumnSize and DecimalDigits of the types that they limit; a size of 0 is one that the program does not know.
fn check_digits(a: &Arguments) -> Result<(), Record> {
    let digits = i64::from(a.decimal_digits);
    let fits = match a.sql_type {
        SQL_NUMERIC | SQL_DECIMAL => match a.column_size {
            0 => (0..=38).contains(&digits),
            size => size <= 38 && (0..=size as i64).contains(&digits),
        },
        SQL_TYPE_TIME | SQL_TYPE_TIMESTAMP | SQL_TIMESTAMP => (0..=9).contains(&digits),
        _ => true,
    };
    fits.then_some(()).ok_or_else(|| {
        Record::new(
            SqlState::INVALID_PRECISION_OR_SCALE,
            format!(
                "SQL type {} has no values of size {} with {digits} digits behind the point",
                a.sql_type, a.column_size
            ),
        )
    })
}

/// SQLBindParameter: one record of the APD and one of the IPD.
pub fn bind(scope: &mut Scope, a: Arguments) -> Outcome {
    if a.number == 0 {
        return Err(Record::new(
            SqlState::INVALID_DESCRIPTOR_INDEX,
            "Parameters are counted from 1",
        ));
    }
    if !c_types::is_known(a.c_type) || matches!(a.c_type, SQL_ARD_TYPE | SQL_APD_TYPE) {
        return Err(Record::new(
            SqlState::INVALID_C_TYPE,
            format!("{} is no C type", a.c_type),
        ));
    }
    if !c_types::is_sql_type(a.sql_type) {
        return Err(Record::new(
            SqlState::INVALID_SQL_TYPE,
            format!("{} is no SQL type", a.sql_type),
        ));
    }
    if !matches!(a.direction, SQL_PARAM_INPUT | SQL_PARAM_INPUT_OUTPUT | SQL_PARAM_OUTPUT) {
        return Err(Record::new(
            SqlState::INVALID_PARAMETER_TYPE,
            format!("{} is no parameter type", a.direction),
        ));
    }
    // SQL_SETPARAM_VALUE_MAX is what driver managers make of SQLSetParam, which gives no length.
    if a.buffer_length < 0 && a.buffer_length != SQL_SETPARAM_VALUE_MAX {
        return Err(Record::new(SqlState::INVALID_LENGTH, "The buffer length is negative"));
    }
    check_digits(&a)?;
    if a.value == 0 && a.length == 0 && a.direction != SQL_PARAM_OUTPUT {
        return Err(Record::new(
            SqlState::NULL_POINTER,
            "Neither a value nor an indicator was given",
        ));
    }
    let number = usize::from(a.number);
    let (apd, ipd) = (scope.stmt.apd, scope.stmt.implicit.ipd);
    let record = scope.descriptor_mut(apd)?.binding(number)?;
    record.set_concise(a.c_type);
    if record.concise == SQL_C_NUMERIC {
        // "SQLBindParameter": precision and scale of the C side are the driver's defaults; those of the SQL side serve.
        (record.precision, record.scale) = (i16::try_from(a.column_size).unwrap_or(38), a.decimal_digits);
    }
    record.octet_length = a.buffer_length.max(0);
    record.data = a.value;
    record.octet_length_ptr = a.length;
    record.indicator = a.length;
    let record = scope.descriptor_mut(ipd)?.binding(number)?;
    record.set_concise(a.sql_type);
    record.parameter_type = a.direction;
    record.length = a.column_size;
    record.precision = i16::try_from(a.column_size).unwrap_or(i16::MAX);
    record.scale = a.decimal_digits;
    Ok(Done::Success)
}
