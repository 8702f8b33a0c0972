//! Runs tests/data/conversions.txt, whose head says what a line is.

use std::fmt::Write;

use arrow::array::{Array, new_null_array};
use arrow::compute::concat;
use arrow::util::display::array_value_to_string;

use super::cells::{TypeName, cell};
use super::encode::{c_code, c_value};
use crate::convert::buffer::{read_parameter_of_test, write_cell_of_test, write_cells_of_test};
use crate::convert::datetime::{Date, today};
use crate::convert::scratch::Scratch;
use crate::convert::*;

const LINES: &str = include_str!("../../../tests/data/conversions.txt");
/// Larger than every buffer of the file, and what its untouched bytes hold.
const MEMORY: usize = 1024;
const UNTOUCHED: u8 = 0xA5;

struct Line<'a> {
    number: usize,
    verb: &'a str,
    fields: Vec<&'a str>,
}

fn lines() -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for (number, line) in LINES.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let fields: Vec<&str> = line.split(" | ").collect();
        assert_eq!(fields.len(), 7, "line {}: {line}", number + 1);
        assert!(
            ["ref", "psqlodbc", "sqliteodbc"].contains(&fields[6]),
            "line {}: source {}",
            number + 1,
            fields[5]
        );
        lines.push(Line {
            number: number + 1,
            verb: fields[0],
            fields: fields[1..].to_vec(),
        });
    }
    lines
}

/// The pairs (SQL type, C type) that have a line which does not end in 07006.
pub fn pairs(verb: &str) -> Vec<(i16, i16)> {
    let of_verb = lines()
        .into_iter()
        .filter(|line| line.verb == verb && line.fields[4] != "07006");
    of_verb
        .map(|line| {
            let (sql, c) = if verb == "get" {
                (line.fields[0], line.fields[2])
            } else {
                (line.fields[3], line.fields[0])
            };
            (TypeName::parse(sql).code(), c_code(TypeName::parse(c).name))
        })
        .collect()
}

/// A parameter without a value.
pub fn source(c_type: i16, sql_type: i16) -> Source {
    Source {
        c_type,
        sql_type,
        column_size: 0,
        decimal_digits: 0,
        value: std::ptr::null(),
        buffer_length: 0,
        length: std::ptr::null(),
        precision: 0,
        scale: 0,
    }
}

#[test]
fn every_line_holds() {
    let mut failures = String::new();
    let (mut run, mut failed) = (0, 0);
    for line in lines() {
        run += 1;
        let (expected, actual) = match line.verb {
            "get" => get(&line.fields),
            "put" => put(&line.fields),
            other => panic!("line {}: no verb {other}", line.number),
        };
        if expected != actual {
            failed += 1;
            let shown = line.fields.join(" | ");
            writeln!(
                failures,
                "{}: {shown}\n    expected {expected}\n    but got  {actual}",
                line.number
            )
            .unwrap();
        }
    }
    assert!(failed == 0, "{failed} of {run} lines fail:\n{failures}");
    assert!(run >= 300, "only {run} lines");
}

fn state(error: &Error) -> &'static str {
    match error {
        Error::RestrictedType { .. } => "07006",
        Error::InvalidCType { .. } => "HY003",
        Error::InvalidSqlType { .. } => "HY004",
        Error::OutOfRange { .. } => "22003",
        Error::InvalidCharacter { .. } => "22018",
        Error::InvalidDatetime { .. } => "22007",
        Error::DatetimeOverflow { .. } => "22008",
        Error::IntervalOverflow { .. } => "22015",
        Error::RightTruncation { .. } => "22001",
        Error::IndicatorRequired => "22002",
        Error::InvalidLength { .. } => "HY090",
        Error::NullPointer { .. } => "HY009",
    }
}

fn width(flags: &str) -> WideChar {
    if flags.contains("utf32") {
        WideChar::Utf32
    } else {
        WideChar::Utf16
    }
}

/// What one call is expected to leave, or left: state, length, indicator, and all of the memory as hexadecimal digits.
fn outcome(state: &str, length: &str, bytes: &[u8]) -> String {
    let mut memory = vec![UNTOUCHED; MEMORY];
    memory[..bytes.len()].copy_from_slice(bytes);
    let end = memory
        .iter()
        .rposition(|byte| *byte != UNTOUCHED)
        .map_or(0, |last| last + 1);
    let hex: String = memory[..end].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{state} {length} x{hex}")
}

fn get(fields: &[&str]) -> (String, String) {
    let [sql, literal, c, buffer_length, expectations, _] = fields else {
        panic!("{fields:?}")
    };
    let sql = TypeName::parse(sql);
    let c = TypeName::parse(c);
    let wide = width(c.word);
    let cells = cell(&sql, literal);
    let mut progress = Progress::default();
    let (mut expected, mut actual) = (Vec::new(), Vec::new());
    for expectation in expectations.split(" ; ") {
        expected.push(expected_outcome(expectation, &c, wide));
        actual.push(get_once(cells.as_ref(), &sql, &c, buffer_length, wide, &mut progress));
    }
    (expected.join(" ; "), actual.join(" ; "))
}

fn expected_outcome(expectation: &str, c: &TypeName<'_>, wide: WideChar) -> String {
    let mut parts = expectation.splitn(3, ' ');
    let wanted = parts.next().unwrap();
    let length = parts.next().unwrap_or("-");
    let bytes = parts.next().map(|text| c_value(text, c, wide)).unwrap_or_default();
    let is_value = !["null", "nodata"].contains(&wanted) && length != "-";
    let length = match (wanted, c.word) {
        ("null", "split") => "untouched,-1".to_owned(),
        ("null", _) => "-1".to_owned(),
        (_, "split") if is_value => format!("{length},0"),
        (_, "noind") => "-".to_owned(),
        _ => length.to_owned(),
    };
    outcome(if wanted == "null" { "ok" } else { wanted }, &length, &bytes)
}

fn get_once(
    cells: &dyn Array,
    sql: &TypeName<'_>,
    c: &TypeName<'_>,
    buffer_length: &str,
    wide: WideChar,
    progress: &mut Progress,
) -> String {
    let mut memory = vec![UNTOUCHED; MEMORY];
    let (mut length, mut indicator) = (UNSET, UNSET);
    let target = target(c, buffer_length, &mut memory, &raw mut length, &raw mut indicator);
    // The memory is longer than every BufferLength of the file and every C type.
    let result = write_cell_of_test(cells, sql.code(), &target, wide, progress);
    actual_outcome(&result, length, indicator, &memory)
}

const UNSET: isize = isize::MIN;

fn target(
    c: &TypeName<'_>,
    buffer_length: &str,
    memory: &mut [u8],
    length: *mut isize,
    indicator: *mut isize,
) -> Target {
    let (octet_length, indicator) = match c.word {
        "noind" => (std::ptr::null_mut(), std::ptr::null_mut()),
        "lengthonly" => (length, std::ptr::null_mut()),
        "split" => (length, indicator),
        _ => (length, length),
    };
    Target {
        c_type: c_code(c.name),
        value: if c.word == "novalue" {
            std::ptr::null_mut()
        } else {
            memory.as_mut_ptr().cast()
        },
        buffer_length: buffer_length.parse().unwrap_or(0),
        octet_length,
        indicator,
        precision: c.digits.first().copied().unwrap_or(0) as i16,
        scale: c.digits.get(1).copied().unwrap_or(0) as i16,
    }
}

fn actual_outcome(result: &Result<Written, Error>, length: isize, indicator: isize, memory: &[u8]) -> String {
    let state = match result {
        Ok(Written::Complete) => "ok",
        Ok(Written::WithWarning(Warning::StringTruncated)) => "01004",
        Ok(Written::WithWarning(Warning::FractionTruncated)) => "01S07",
        Ok(Written::NoData) => "nodata",
        Err(error) => state(error),
    };
    let shown = |value: isize| {
        if value == UNSET {
            "untouched".to_owned()
        } else {
            value.to_string()
        }
    };
    let lengths = match (length, indicator) {
        (UNSET, UNSET) => "-".to_owned(),
        (length, UNSET) => shown(length),
        (length, indicator) => format!("{},{}", shown(length), shown(indicator)),
    };
    outcome(state, &lengths, memory)
}

/// What a line of `get` expects of its first call, each row of a rowset does that has the same cell; the row between them
/// is NULL.
#[test]
fn every_line_holds_in_a_rowset() {
    let mut failures = String::new();
    for line in lines().into_iter().filter(|line| line.verb == "get") {
        let [sql, literal, c, buffer_length, expectations, _] = line.fields[..] else {
            panic!("{:?}", line.fields)
        };
        let (sql, c) = (TypeName::parse(sql), TypeName::parse(c));
        let wide = width(c.word);
        let first = expectations.split(" ; ").next().unwrap();
        let expected = expected_outcome(first, &c, wide);
        // An error of the types is one of NULLs too.
        let of_null = match (first, c.word) {
            ("07006" | "HY003" | "HY004" | "HY090", _) => first,
            (_, "noind" | "lengthonly") => "22002",
            _ => "null",
        };
        let of_null = expected_outcome(of_null, &c, wide);
        let actual = rowset(cell(&sql, literal).as_ref(), &sql, &c, buffer_length, wide);
        if actual != [expected.clone(), of_null, expected] {
            let shown = line.fields.join(" | ");
            writeln!(failures, "{}: {shown}\n    got {actual:?}", line.number).unwrap();
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

/// Rows 2 to 4 of a column of NULL, the cell, NULL, the cell.
fn rowset(one: &dyn Array, sql: &TypeName<'_>, c: &TypeName<'_>, buffer_length: &str, wide: WideChar) -> [String; 3] {
    let null = new_null_array(one.data_type(), 1);
    let cells = concat(&[&null, &null, one, &null, one]).unwrap().slice(1, 4);
    let mut memory = vec![UNTOUCHED; 3 * MEMORY];
    let (mut lengths, mut indicators) = ([UNSET; 3], [UNSET; 3]);
    let targets = Targets {
        first: target(
            c,
            buffer_length,
            &mut memory,
            lengths.as_mut_ptr(),
            indicators.as_mut_ptr(),
        ),
        value_step: MEMORY,
        length_step: size_of::<isize>(),
    };
    let mut results = [(); 3].map(|()| Ok(Written::Complete));
    write_cells_of_test(cells.as_ref(), 1..4, sql.code(), &targets, wide, |row, what| {
        results[row] = what.map(Written::WithWarning);
    });
    [0, 1, 2].map(|row| {
        let memory = &memory[row * MEMORY..][..MEMORY];
        actual_outcome(&results[row], lengths[row], indicators[row], memory)
    })
}

fn put(fields: &[&str]) -> (String, String) {
    let [c, value, length, sql, expected, _] = fields else {
        panic!("{fields:?}")
    };
    let c = TypeName::parse(c);
    let sql = TypeName::parse(sql);
    let wide = width(c.word);
    // A byte in front, so that wide text and structures are misaligned.
    let bytes = (*value != "nullptr").then(|| [vec![0], c_value(value, &c, wide)].concat());
    let number = match *length {
        "nolen" => None,
        "nts" => Some(-3),
        "null" => Some(-1),
        number => Some(number.parse::<isize>().expect(number)),
    };
    let source = Source {
        column_size: sql.digits.first().copied().unwrap_or(0) as usize,
        decimal_digits: sql.digits.get(1).copied().unwrap_or(0) as i16,
        value: bytes
            .as_ref()
            .map_or(std::ptr::null(), |bytes| bytes[1..].as_ptr().cast()),
        length: number.as_ref().map_or(std::ptr::null(), std::ptr::from_ref),
        precision: c.digits.first().copied().unwrap_or(0) as i16,
        scale: c.digits.get(1).copied().unwrap_or(0) as i16,
        ..source(c_code(c.name), sql.code())
    };
    let actual = match read_parameter_of_test(&source, wide) {
        Ok(array) if array.is_null(0) => format!("ok {} NULL", array.data_type()),
        Ok(array) => format!("ok {} {}", array.data_type(), array_value_to_string(&array, 0).unwrap()),
        Err(error) => state(&error).to_owned(),
    };
    let mut date = Scratch::new();
    Date::from_days(today()).render(&mut date);
    (expected.replace("today", date.as_str()), actual)
}
