//! Descriptors: the only home of bindings. SQLBindCol writes an ARD, SQLBindParameter an APD and an IPD.

use std::sync::Arc;

use super::columns::{Column, Field};
use super::{bookmark, c_types};
use crate::diag::{Diagnostics, Record, SqlState};
use crate::ffi::consts::*;
use crate::ffi::memory::Address;

/// What a descriptor describes; an explicit one is an ARD or APD by its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An ARD, or allocated explicitly and either by its use.
    Application,
    /// A statement's own APD, which has no bookmark record.
    ApplicationParameter,
    ImplementationRow,
    ImplementationParameter,
}

#[derive(Debug, Clone, Copy)]
pub struct Header {
    pub array_size: usize,
    pub array_status: Address,
    pub bind_offset: Address,
    /// 0 by column, else the length of a row.
    pub bind_type: usize,
    pub rows_processed: Address,
}

/// One record of an application descriptor or of an IPD.
#[derive(Debug, Clone)]
pub struct Binding {
    pub concise: i16,
    pub verbose: i16,
    pub code: i16,
    pub interval_precision: i32,
    pub length: usize,
    pub octet_length: isize,
    pub precision: i16,
    pub scale: i16,
    pub data: Address,
    pub octet_length_ptr: Address,
    pub indicator: Address,
    pub parameter_type: i16,
    pub name: String,
}

impl Default for Binding {
    fn default() -> Self {
        Binding {
            concise: SQL_C_DEFAULT,
            verbose: SQL_C_DEFAULT,
            code: 0,
            interval_precision: 2,
            length: 0,
            octet_length: 0,
            precision: 0,
            scale: 0,
            data: 0,
            octet_length_ptr: 0,
            indicator: 0,
            parameter_type: SQL_PARAM_INPUT,
            name: String::new(),
        }
    }
}

/// Digits of a decimal number.
const MOST_DIGITS: i16 = 38;
/// Digits of the seconds' fraction, and of an interval's leading field.
const MOST_FRACTION: i16 = 9;
const MOST_LEADING: i32 = 9;

impl Binding {
    /// "Consistency Checks" of SQLSetDescRec: HY021 unless type, precision and scale belong together.
    pub fn check(&self) -> Result<(), Record> {
        let inconsistent = |text: String| Err(Record::new(SqlState::INCONSISTENT_DESCRIPTOR, text));
        let fraction = (0..=MOST_FRACTION).contains(&self.precision);
        match self.verbose {
            SQL_DATETIME | SQL_INTERVAL if c_types::concise(self.verbose, self.code).is_none() => {
                inconsistent(format!(
                    "{} is no SQL_DESC_DATETIME_INTERVAL_CODE of type {}",
                    self.code, self.verbose
                ))
            }
            SQL_NUMERIC | SQL_DECIMAL
                if !(1..=MOST_DIGITS).contains(&self.precision) || !(0..=self.precision).contains(&self.scale) =>
            {
                inconsistent(format!(
                    "No decimal number has precision {} and scale {}",
                    self.precision, self.scale
                ))
            }
            // Dates have no fraction of seconds.
            SQL_DATETIME if self.code != 1 && !fraction => {
                inconsistent(format!("Seconds have no fraction of {} digits", self.precision))
            }
            SQL_INTERVAL if !fraction || !(1..=MOST_LEADING).contains(&self.interval_precision) => {
                inconsistent(format!(
                    "No interval has a leading field of {} digits and a fraction of {}",
                    self.interval_precision, self.precision
                ))
            }
            _ => Ok(()),
        }
    }

    /// A column of a result set, as a parameter or a buffer of its type has it (SQLCopyDesc).
    fn of(column: &Column) -> Binding {
        let number = |id| match column.field(id) {
            Some(Field::Small(value)) => i64::from(value),
            Some(Field::Integer(value)) => i64::from(value),
            Some(Field::Long(value)) => value as i64,
            Some(Field::Text(_)) | None => 0,
        };
        let mut binding = Binding::default();
        binding.set_concise(column.sql_type());
        binding.length = number(SQL_DESC_LENGTH) as usize;
        binding.octet_length = number(SQL_DESC_OCTET_LENGTH) as isize;
        binding.precision = number(SQL_DESC_PRECISION) as i16;
        binding.scale = number(SQL_DESC_SCALE) as i16;
        binding.name = column.label.clone();
        binding
    }

    /// Does a fetch write anything through it?
    pub fn is_bound(&self) -> bool {
        self.data != 0 || self.octet_length_ptr != 0 || self.indicator != 0
    }

    /// Sets SQL_DESC_CONCISE_TYPE and with it the verbose type, the code and the defaults that follow from it.
    pub fn set_concise(&mut self, concise: i16) {
        self.concise = c_types::current(concise);
        (self.verbose, self.code) = c_types::verbose(self.concise);
        self.set_type_defaults();
    }

    /// Sets SQL_DESC_TYPE; the concise type of datetimes and intervals waits for the code.
    fn set_verbose(&mut self, verbose: i16) {
        self.verbose = verbose;
        self.concise = c_types::concise(verbose, self.code).unwrap_or(verbose);
        self.set_type_defaults();
    }

    /// "SQL_DESC_TYPE": the fields that setting a type resets.
    fn set_type_defaults(&mut self) {
        match self.verbose {
            SQL_CHAR | SQL_VARCHAR => (self.length, self.precision) = (1, 0),
            SQL_NUMERIC | SQL_DECIMAL => (self.precision, self.scale) = (38, 0),
            SQL_DATETIME => self.precision = if self.code == 1 { 0 } else { 6 },
            SQL_INTERVAL => (self.interval_precision, self.precision) = (2, 6),
            _ => {}
        }
    }
}

#[derive(Debug)]
pub struct Descriptor {
    pub role: Role,
    pub token: usize,
    pub explicit: bool,
    pub header: Header,
    /// Column or parameter 1 first.
    pub bindings: Vec<Binding>,
    /// Record 0.
    pub bookmark: Binding,
    /// The IRD's records.
    pub columns: Arc<[Column]>,
    /// Has the IRD a record 0, the bookmark's?
    pub bookmarks: bool,
    pub diag: Diagnostics,
}

/// The fields of one descriptor on their way to another, which may be another connection's.
pub struct Copied {
    header: Header,
    bindings: Vec<Binding>,
    bookmark: Binding,
}

fn cannot_modify() -> Record {
    Record::new(
        SqlState::CANNOT_MODIFY_IRD,
        "An implementation row descriptor describes the result set; it cannot be changed",
    )
}

/// Column and parameter numbers beyond this are a mistake.
const MOST: usize = 32767;

fn no_such_field(id: i16) -> Record {
    Record::new(
        SqlState::INVALID_DESCRIPTOR_FIELD,
        format!("{id} is no field of this descriptor"),
    )
}

fn no_such_record() -> Record {
    Record::new(SqlState::INVALID_DESCRIPTOR_INDEX, "The record number is out of range")
}

impl Descriptor {
    pub fn new(role: Role, explicit: bool) -> Descriptor {
        Descriptor {
            role,
            token: 0,
            explicit,
            header: Header {
                array_size: 1,
                array_status: 0,
                bind_offset: 0,
                bind_type: 0,
                rows_processed: 0,
            },
            bindings: Vec::new(),
            bookmark: Binding::default(),
            columns: Arc::new([]),
            bookmarks: false,
            diag: Diagnostics::default(),
        }
    }

    /// SQLCopyDesc: every field but SQL_DESC_ALLOC_TYPE.
    pub fn copy(&mut self, source: &Copied) -> Result<(), Record> {
        if self.role == Role::ImplementationRow {
            return Err(cannot_modify());
        }
        self.header = source.header;
        self.bindings = source.bindings.clone();
        self.bookmark = source.bookmark.clone();
        // Copying SQL_DESC_DATA_PTR asks for the consistency check.
        let mut bound = self.bindings.iter().filter(|binding| binding.data != 0);
        bound.try_for_each(Binding::check)
    }

    /// What SQLCopyDesc takes from here.
    pub fn copied(&self) -> Copied {
        Copied {
            header: self.header,
            bindings: match self.role {
                Role::ImplementationRow => self.columns.iter().map(Binding::of).collect(),
                _ => self.bindings.clone(),
            },
            bookmark: self.bookmark.clone(),
        }
    }

    /// The consistency check of one record, if it is there.
    pub fn check(&self, number: i16) -> Result<(), Record> {
        let record = match usize::try_from(number) {
            Ok(0) => Some(&self.bookmark),
            Ok(number) => self.bindings.get(number - 1),
            Err(_) => None,
        };
        record.map_or(Ok(()), Binding::check)
    }

    /// Record 0 is the bookmark's: no parameter has one, and no result set without bookmarks.
    pub fn has_bookmark(&self) -> bool {
        match self.role {
            Role::Application => true,
            Role::ImplementationRow => self.bookmarks,
            Role::ApplicationParameter | Role::ImplementationParameter => false,
        }
    }

    pub fn count(&self) -> usize {
        match self.role {
            Role::ImplementationRow => self.columns.len(),
            _ => self.bindings.len(),
        }
    }

    /// The record, made if it does not exist.
    pub fn binding(&mut self, number: usize) -> Result<&mut Binding, Record> {
        if number == 0 || number > MOST {
            return Err(no_such_record());
        }
        if self.bindings.len() < number {
            self.bindings.resize_with(number, Binding::default);
        }
        Ok(&mut self.bindings[number - 1])
    }

    /// SQL_DESC_COUNT after unbinding: the highest record that is bound.
    pub fn shrink(&mut self) {
        let bound = self
            .bindings
            .iter()
            .rposition(Binding::is_bound)
            .map_or(0, |last| last + 1);
        self.bindings.truncate(bound);
    }

    /// SQLGetDescField. Ok(None) is SQL_NO_DATA.
    pub fn get(&self, number: i16, id: i16) -> Result<Option<Field>, Record> {
        let header = &self.header;
        let row = self.role == Role::ImplementationRow;
        self.check_header_field(id)?;
        match id {
            SQL_DESC_ALLOC_TYPE => {
                let value = if self.explicit {
                    SQL_DESC_ALLOC_USER
                } else {
                    SQL_DESC_ALLOC_AUTO
                };
                return Ok(Some(Field::Small(value)));
            }
            SQL_DESC_ARRAY_SIZE => return Ok(Some(Field::Long(header.array_size as isize))),
            SQL_DESC_ARRAY_STATUS_PTR => return Ok(Some(Field::Long(header.array_status as isize))),
            SQL_DESC_BIND_OFFSET_PTR => return Ok(Some(Field::Long(header.bind_offset as isize))),
            SQL_DESC_BIND_TYPE => return Ok(Some(Field::Integer(header.bind_type as i32))),
            SQL_DESC_COUNT => return Ok(Some(Field::Small(i16::try_from(self.count()).unwrap_or(i16::MAX)))),
            SQL_DESC_ROWS_PROCESSED_PTR => return Ok(Some(Field::Long(header.rows_processed as isize))),
            _ => {}
        }
        let binding = match usize::try_from(number) {
            Ok(0) if row && self.bookmarks => {
                let field = bookmark::column().field(id);
                return field.map(Some).ok_or_else(|| no_such_field(id));
            }
            Ok(0) if self.role == Role::Application => &self.bookmark,
            Ok(0) | Err(_) => return Err(no_such_record()),
            Ok(number) if number > self.count() => return Ok(None),
            Ok(number) if row => {
                let field = self.columns[number - 1].field(id);
                return field.map(Some).ok_or_else(|| no_such_field(id));
            }
            Ok(number) => &self.bindings[number - 1],
        };
        let parameter = self.role == Role::ImplementationParameter;
        Ok(Some(match id {
            SQL_DESC_CONCISE_TYPE => Field::Small(binding.concise),
            SQL_DESC_TYPE => Field::Small(binding.verbose),
            SQL_DESC_DATETIME_INTERVAL_CODE => Field::Small(binding.code),
            SQL_DESC_DATETIME_INTERVAL_PRECISION => Field::Integer(binding.interval_precision),
            SQL_DESC_LENGTH => Field::Long(binding.length as isize),
            SQL_DESC_OCTET_LENGTH => Field::Long(binding.octet_length),
            SQL_DESC_PRECISION => Field::Small(binding.precision),
            SQL_DESC_SCALE => Field::Small(binding.scale),
            SQL_DESC_NUM_PREC_RADIX => Field::Integer(match binding.verbose {
                SQL_NUMERIC..=SQL_SMALLINT | SQL_BIGINT | SQL_TINYINT => 10,
                SQL_FLOAT..=SQL_DOUBLE => 2,
                _ => 0,
            }),
            SQL_DESC_DATA_PTR if !parameter => Field::Long(binding.data as isize),
            SQL_DESC_OCTET_LENGTH_PTR if !parameter => Field::Long(binding.octet_length_ptr as isize),
            SQL_DESC_INDICATOR_PTR if !parameter => Field::Long(binding.indicator as isize),
            SQL_DESC_PARAMETER_TYPE if parameter => Field::Small(binding.parameter_type),
            SQL_DESC_NULLABLE if parameter => Field::Small(SQL_NULLABLE),
            SQL_DESC_NAME if parameter => Field::Text(binding.name.clone()),
            SQL_DESC_UNNAMED if parameter => Field::Small(if binding.name.is_empty() {
                SQL_UNNAMED
            } else {
                SQL_NAMED
            }),
            SQL_DESC_TYPE_NAME | SQL_DESC_LOCAL_TYPE_NAME if parameter => Field::Text(String::new()),
            SQL_DESC_CASE_SENSITIVE if parameter => Field::Integer(0),
            SQL_DESC_FIXED_PREC_SCALE | SQL_DESC_UNSIGNED | SQL_DESC_ROWVER if parameter => Field::Small(0),
            _ => return Err(no_such_field(id)),
        }))
    }

    /// "SQLSetDescField": the header fields that only two kinds of descriptors have.
    fn check_header_field(&self, id: i16) -> Result<(), Record> {
        let application = matches!(self.role, Role::Application | Role::ApplicationParameter);
        let here = match id {
            SQL_DESC_ARRAY_SIZE | SQL_DESC_BIND_OFFSET_PTR | SQL_DESC_BIND_TYPE => application,
            SQL_DESC_ROWS_PROCESSED_PTR => !application,
            _ => true,
        };
        here.then_some(()).ok_or_else(|| no_such_field(id))
    }

    /// SQLSetDescField for everything but names.
    pub fn set(&mut self, number: i16, id: i16, value: usize) -> Result<(), Record> {
        if self.role == Role::ImplementationRow
            && !matches!(id, SQL_DESC_ARRAY_STATUS_PTR | SQL_DESC_ROWS_PROCESSED_PTR)
        {
            return Err(cannot_modify());
        }
        self.check_header_field(id)?;
        match id {
            SQL_DESC_ARRAY_SIZE if value == 0 => {
                return Err(Record::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "An array has at least one row",
                ));
            }
            SQL_DESC_ARRAY_SIZE => self.header.array_size = value,
            SQL_DESC_ARRAY_STATUS_PTR => self.header.array_status = value,
            SQL_DESC_BIND_OFFSET_PTR => self.header.bind_offset = value,
            SQL_DESC_BIND_TYPE => self.header.bind_type = value as u32 as usize,
            SQL_DESC_ROWS_PROCESSED_PTR => self.header.rows_processed = value,
            SQL_DESC_COUNT => {
                let count = usize::try_from(value as i16).map_err(|_| no_such_record())?;
                // "SQL_DESC_COUNT": the records beyond it are unbound.
                self.bindings.resize_with(count, Binding::default);
            }
            SQL_DESC_ALLOC_TYPE => return Err(no_such_field(id)),
            _ => {
                let count = self.bindings.len();
                let set = self.set_binding(number, id, value);
                if set.is_err() {
                    self.bindings.truncate(count);
                }
                return set;
            }
        }
        Ok(())
    }

    fn set_binding(&mut self, number: i16, id: i16, value: usize) -> Result<(), Record> {
        let parameter = self.role == Role::ImplementationParameter;
        let number = usize::try_from(number).map_err(|_| no_such_record())?;
        let binding = match number {
            0 if self.role == Role::Application => &mut self.bookmark,
            _ => self.binding(number)?,
        };
        let pointer = matches!(
            id,
            SQL_DESC_DATA_PTR | SQL_DESC_OCTET_LENGTH_PTR | SQL_DESC_INDICATOR_PTR
        );
        if parameter && pointer && id != SQL_DESC_DATA_PTR {
            return Err(no_such_field(id));
        }
        match id {
            SQL_DESC_TYPE => {
                check_type(parameter, value as i16)?;
                binding.set_verbose(value as i16);
            }
            SQL_DESC_CONCISE_TYPE => {
                check_type(parameter, value as i16)?;
                binding.set_concise(value as i16);
            }
            SQL_DESC_DATETIME_INTERVAL_CODE => {
                binding.code = value as i16;
                if let Some(concise) = c_types::concise(binding.verbose, binding.code) {
                    binding.concise = concise;
                }
            }
            SQL_DESC_DATETIME_INTERVAL_PRECISION => binding.interval_precision = value as i32,
            SQL_DESC_LENGTH => binding.length = value,
            SQL_DESC_OCTET_LENGTH => binding.octet_length = value as isize,
            SQL_DESC_PRECISION => binding.precision = value as i16,
            SQL_DESC_SCALE => binding.scale = value as i16,
            SQL_DESC_DATA_PTR => {
                if value != 0 {
                    binding.check()?;
                }
                // An IPD's is never read: setting it only asks for the check.
                binding.data = if parameter { 0 } else { value };
            }
            SQL_DESC_OCTET_LENGTH_PTR => binding.octet_length_ptr = value,
            SQL_DESC_INDICATOR_PTR => binding.indicator = value,
            SQL_DESC_NUM_PREC_RADIX => {}
            SQL_DESC_PARAMETER_TYPE if parameter => match value as i16 {
                kind @ (SQL_PARAM_INPUT | SQL_PARAM_INPUT_OUTPUT | SQL_PARAM_OUTPUT) => binding.parameter_type = kind,
                other => {
                    return Err(Record::new(
                        SqlState::INVALID_PARAMETER_TYPE,
                        format!("{other} is no parameter type"),
                    ));
                }
            },
            SQL_DESC_UNNAMED if parameter && value as i16 == SQL_UNNAMED => binding.name.clear(),
            SQL_DESC_UNNAMED if parameter => {
                return Err(Record::new(
                    SqlState::INVALID_ATTRIBUTE,
                    "A parameter is named by setting SQL_DESC_NAME",
                ));
            }
            _ => return Err(no_such_field(id)),
        }
        // "Binding": any change but of the pointers takes an application's record out of use until DATA_PTR is set.
        if !pointer && !parameter {
            binding.data = 0;
        }
        Ok(())
    }
}

fn check_type(parameter: bool, value: i16) -> Result<(), Record> {
    let known = match value {
        SQL_DATETIME | SQL_INTERVAL => true,
        value if parameter => c_types::is_sql_type(value),
        value => c_types::is_known(value),
    };
    known.then_some(()).ok_or_else(|| {
        Record::new(
            SqlState::INCONSISTENT_DESCRIPTOR,
            format!("{value} is no type for this descriptor"),
        )
    })
}

#[cfg(test)]
mod tests;
