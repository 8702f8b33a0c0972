//! What no line of tests/data/conversions.txt can say: the whole matrix, misaligned buffers, changes of type on the way.

mod cells;
mod encode;
mod lines;

use std::collections::HashSet;

use arrow::array::{ArrayRef, Int32Array, StringArray};

use super::buffer::write_cell_of_test;
use super::codes::{C_TYPES, SQL_C_DEFAULT, SQL_TYPES};
use super::*;

/// One call with a buffer of its own; what was written, and the length.
fn read_once(
    cells: &ArrayRef,
    sql_type: i16,
    c_type: i16,
    buffer: &mut [u8],
    progress: &mut Progress,
) -> (Result<Written, Error>, isize) {
    let mut length = isize::MIN;
    let target = Target {
        c_type,
        value: buffer.as_mut_ptr().cast(),
        buffer_length: buffer.len() as isize,
        octet_length: &raw mut length,
        indicator: &raw mut length,
        precision: 0,
        scale: 0,
    };
    let result = write_cell_of_test(cells.as_ref(), sql_type, &target, WideChar::Utf16, progress);
    (result, length)
}

/// SQL types with a code of ODBC 2 and 3 have lines under both names.
#[test]
fn every_pair_has_a_line_or_is_refused() {
    let get: HashSet<(i16, i16)> = lines::pairs("get").into_iter().collect();
    let put: HashSet<(i16, i16)> = lines::pairs("put").into_iter().collect();
    let mut problems = Vec::new();
    let mut legal = 0;
    for (sql_type, sql) in SQL_TYPES {
        let cells = cells::any_of(*sql);
        for (c_type, c) in C_TYPES
            .iter()
            .map(|(code, c)| (*code, Some(*c)))
            .chain([(SQL_C_DEFAULT, None)])
        {
            let mut buffer = [0u8; 64];
            let (result, _) = read_once(&cells, *sql_type, c_type, &mut buffer, &mut Progress::default());
            let is_refused = matches!(result, Err(Error::RestrictedType { .. }));
            if is_legal(sql_type.to_owned(), c_type) {
                legal += 1;
                if is_refused {
                    problems.push(format!("get {sql:?} {c:?}: legal, but {result:?}"));
                }
                if !get.contains(&(*sql_type, c_type)) {
                    problems.push(format!("get {sql:?} ({sql_type}) {c:?} ({c_type}): no line"));
                }
            } else if !is_refused || buffer != [0; 64] {
                problems.push(format!("get {sql:?} {c:?}: not legal, but {result:?}"));
            }
            let source = lines::source(c_type, *sql_type);
            let result = parameter_from_bytes(&source, &[0; 64], WideChar::Utf16);
            let is_refused = matches!(result, Err(Error::RestrictedType { .. }));
            if is_legal_parameter(c_type, *sql_type) == is_refused {
                problems.push(format!("put {c:?} {sql:?}: {result:?}"));
            }
            if is_legal_parameter(c_type, *sql_type) && c.is_some() && !put.contains(&(*sql_type, c_type)) {
                problems.push(format!("put {c:?} ({c_type}) {sql:?} ({sql_type}): no line"));
            }
        }
    }
    assert!(
        problems.is_empty(),
        "{} problems:\n{}",
        problems.len(),
        problems.join("\n")
    );
    assert!(legal > 500, "{legal}");
}

#[test]
fn unknown_types_are_told_apart() {
    let cells: ArrayRef = std::sync::Arc::new(Int32Array::from(vec![1]));
    let mut buffer = [0; 8];
    let (result, _) = read_once(&cells, 4, 1234, &mut buffer, &mut Progress::default());
    assert!(matches!(result, Err(Error::InvalidCType { .. })), "{result:?}");
    let (result, _) = read_once(&cells, 1234, 4, &mut buffer, &mut Progress::default());
    assert!(matches!(result, Err(Error::InvalidSqlType { .. })), "{result:?}");
    assert!(!is_legal(4, 1234) && !is_legal(1234, 4));
}

#[test]
fn misaligned_buffers_and_lengths() {
    let cells: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["aé😀"]));
    let mut memory = [0u8; 64];
    let (value, length) = (memory.as_mut_ptr().wrapping_add(9), memory.as_mut_ptr().wrapping_add(1));
    let target = Target {
        c_type: -8,
        value: value.cast(),
        buffer_length: 40,
        octet_length: length.cast(),
        indicator: length.cast(),
        precision: 0,
        scale: 0,
    };
    let written = write_cell_of_test(cells.as_ref(), -9, &target, WideChar::Utf16, &mut Progress::default());
    assert_eq!(written, Ok(Written::Complete));
    assert_eq!(memory[1..9], 8isize.to_ne_bytes());
    let expected: Vec<u8> = "aé😀\0".encode_utf16().flat_map(u16::to_ne_bytes).collect();
    assert_eq!(memory[9..19], expected);
}

#[test]
fn pieces_of_any_size_make_the_whole() {
    let text = "Zoë Ünal 漢字 😀😀 the end of a longer text ".repeat(7);
    let cells: ArrayRef = std::sync::Arc::new(StringArray::from(vec![text.as_str()]));
    for size in 8..200 {
        let (mut narrow, mut wide, mut progress) = (Vec::new(), Vec::new(), Progress::default());
        loop {
            let mut buffer = vec![0xAA; size];
            match read_once(&cells, -9, 1, &mut buffer, &mut progress).0.unwrap() {
                Written::NoData => break,
                _ => narrow.extend(buffer.iter().take_while(|byte| **byte != 0)),
            }
        }
        assert_eq!(String::from_utf8(narrow).unwrap(), text, "C_CHAR {size}");
        let mut progress = Progress::default();
        loop {
            let mut buffer = vec![0xAA; size];
            let (written, length) = read_once(&cells, -9, -8, &mut buffer, &mut progress);
            if written.unwrap() == Written::NoData {
                break;
            }
            let left: usize = text.encode_utf16().count() * 2 - wide.len() * 2;
            assert_eq!(length as usize, left, "C_WCHAR {size}");
            let units = buffer.as_chunks::<2>().0.iter().map(|unit| u16::from_ne_bytes(*unit));
            wide.extend(units.take_while(|unit| *unit != 0));
        }
        assert_eq!(String::from_utf16(&wide).unwrap(), text, "C_WCHAR {size}");
    }
}

/// pyodbc and others reckon what is left by the buffer they gave, and would ask for ever for a character held back.
#[test]
fn parts_fill_their_buffers() {
    let text = "a😀é漢😀😀Zoë".repeat(9);
    let cells: ArrayRef = std::sync::Arc::new(StringArray::from(vec![text.as_str()]));
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
    for (c_type, unit, whole) in [(1, 1, text.as_bytes()), (-8, 2, units.as_slice())] {
        for size in (2 * unit..100).step_by(unit) {
            let (mut read, mut progress) = (Vec::new(), Progress::in_parts());
            loop {
                let mut buffer = vec![0xAA; size];
                let (written, length) = read_once(&cells, -9, c_type, &mut buffer, &mut progress);
                if written.unwrap() == Written::NoData {
                    break;
                }
                assert_eq!(length as usize, whole.len() - read.len());
                let part = (length as usize).min(size - unit);
                assert_eq!(buffer[part..part + unit], [0; 2][..unit]);
                read.extend_from_slice(&buffer[..part]);
            }
            assert!(read == whole, "C type {c_type}, {size}");
        }
    }
}

/// An application may ask for the length as one type and for the value as another.
#[test]
fn another_c_type_starts_over() {
    let cells: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["42"]));
    let mut progress = Progress::default();
    let mut buffer = [0; 8];
    assert_eq!(
        read_once(&cells, -9, 4, &mut buffer, &mut progress),
        (Ok(Written::Complete), 4)
    );
    assert_eq!(
        read_once(&cells, -9, 4, &mut buffer, &mut progress).0,
        Ok(Written::NoData)
    );
    assert_eq!(
        read_once(&cells, -9, 1, &mut buffer, &mut progress),
        (Ok(Written::Complete), 2)
    );
    assert_eq!(buffer[..3], *b"42\0");
}

/// A number that did not fit can be asked for again with a larger buffer.
#[test]
fn after_an_error_the_value_is_still_there() {
    let cells: ArrayRef = std::sync::Arc::new(Int32Array::from(vec![12345]));
    let mut progress = Progress::default();
    let (result, _) = read_once(&cells, 4, 1, &mut [0; 3], &mut progress);
    assert!(matches!(result, Err(Error::OutOfRange { .. })), "{result:?}");
    assert_eq!(
        read_once(&cells, 4, 1, &mut [0; 6], &mut progress),
        (Ok(Written::Complete), 5)
    );
}

#[test]
fn doubles_are_the_shortest_text_that_reads_back() {
    let texts = [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (100.0, "100"),
        (0.1 + 0.2, "0.30000000000000004"),
        (123456789012345.0, "123456789012345"),
        (1e15, "1e+15"),
        (1.25e300, "1.25e+300"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (double, text) in texts {
        let cells: ArrayRef = std::sync::Arc::new(arrow::array::Float64Array::from(vec![double]));
        let mut buffer = [0; 40];
        let (written, length) = read_once(&cells, 8, 1, &mut buffer, &mut Progress::default());
        assert_eq!(written, Ok(Written::Complete));
        assert_eq!(std::str::from_utf8(&buffer[..length as usize]), Ok(text));
    }
}

/// No statement of ours makes one, but Arrow allows them.
#[test]
fn decimals_of_a_negative_scale() {
    let decimal = |value, scale| {
        let array = arrow::array::Decimal128Array::from(vec![value])
            .with_precision_and_scale(38, scale)
            .unwrap();
        std::sync::Arc::new(array) as ArrayRef
    };
    let mut buffer = [0; 200];
    let (_, length) = read_once(&decimal(-12, -3), 3, 1, &mut buffer, &mut Progress::default());
    assert_eq!(&buffer[..length as usize], b"-12000");
    let most = 10i128.pow(38) - 1;
    let (_, length) = read_once(&decimal(most, -128), 3, 1, &mut buffer, &mut Progress::default());
    assert_eq!(
        buffer[..length as usize],
        *["9".repeat(38), "0".repeat(128)].concat().as_bytes()
    );
    assert_eq!(
        read_once(&decimal(-12, -3), 3, -16, &mut buffer, &mut Progress::default()).0,
        Ok(Written::Complete)
    );
    assert_eq!(buffer[..4], (-12000i32).to_ne_bytes());
    let (result, _) = read_once(&decimal(most, -128), 3, -25, &mut buffer, &mut Progress::default());
    assert!(matches!(result, Err(Error::OutOfRange { .. })), "{result:?}");
    assert_eq!(
        read_once(&decimal(most, -128), 3, 8, &mut buffer, &mut Progress::default()).0,
        Ok(Written::Complete)
    );
    assert_eq!(buffer[..8], 1e166f64.to_ne_bytes());
}
