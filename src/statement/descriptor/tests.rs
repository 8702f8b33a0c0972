//! Fields, consistency checks and the bookmark record, by the tables of SQLSetDescField and SQLSetDescRec.

use super::*;

#[test]
fn setting_a_type_then_precision_and_scale_as_pyodbc_does() {
    let mut ard = Descriptor::new(Role::Application, false);
    for (id, value) in [(SQL_DESC_TYPE, 2usize), (SQL_DESC_PRECISION, 20), (SQL_DESC_SCALE, 4)] {
        ard.set(3, id, value).unwrap();
    }
    assert_eq!(
        ard.get(3, SQL_DESC_CONCISE_TYPE).unwrap(),
        Some(Field::Small(SQL_C_NUMERIC))
    );
    assert_eq!(ard.get(3, SQL_DESC_PRECISION).unwrap(), Some(Field::Small(20)));
    assert_eq!(ard.get(3, SQL_DESC_SCALE).unwrap(), Some(Field::Small(4)));
    assert_eq!(ard.get(0, SQL_DESC_COUNT).unwrap(), Some(Field::Small(3)));
    assert_eq!(ard.get(4, SQL_DESC_SCALE).unwrap(), None);
    assert!(!ard.bindings[2].is_bound());
}

#[test]
fn datetimes_need_their_code() {
    let mut ard = Descriptor::new(Role::Application, false);
    ard.set(1, SQL_DESC_TYPE, SQL_DATETIME as usize).unwrap();
    ard.set(1, SQL_DESC_DATETIME_INTERVAL_CODE, 3).unwrap();
    assert_eq!(ard.bindings[0].concise, SQL_C_TYPE_TIMESTAMP);
    ard.set(1, SQL_DESC_CONCISE_TYPE, SQL_C_TIMESTAMP as usize).unwrap();
    assert_eq!((ard.bindings[0].verbose, ard.bindings[0].code), (SQL_DATETIME, 3));
}

#[test]
fn an_ird_cannot_be_changed_and_bad_fields_have_their_states() {
    let mut ird = Descriptor::new(Role::ImplementationRow, false);
    assert_eq!(
        ird.set(1, SQL_DESC_TYPE, 1).unwrap_err().state,
        SqlState::CANNOT_MODIFY_IRD
    );
    ird.set(0, SQL_DESC_ROWS_PROCESSED_PTR, 64).unwrap();
    let mut apd = Descriptor::new(Role::ApplicationParameter, false);
    assert_eq!(
        apd.set(1, 555, 1).unwrap_err().state,
        SqlState::INVALID_DESCRIPTOR_FIELD
    );
    assert_eq!(
        apd.get(0, SQL_DESC_COUNT).unwrap(),
        Some(Field::Small(0)),
        "refused, so not made"
    );
    assert_eq!(
        apd.set(0, SQL_DESC_TYPE, 1).unwrap_err().state,
        SqlState::INVALID_DESCRIPTOR_INDEX
    );
    assert_eq!(
        apd.set(0, SQL_DESC_ARRAY_SIZE, 0).unwrap_err().state,
        SqlState::INVALID_ATTRIBUTE_VALUE
    );
    assert_eq!(
        apd.set(1, SQL_DESC_TYPE, 77).unwrap_err().state,
        SqlState::INCONSISTENT_DESCRIPTOR
    );
}

/// "Initialization of Descriptor Fields": which header field which descriptor has.
#[test]
fn a_header_field_that_a_descriptor_does_not_have_is_hy091() {
    use Role::*;
    const ROLES: [Role; 4] = [
        Application,
        ApplicationParameter,
        ImplementationRow,
        ImplementationParameter,
    ];
    const FIELDS: &[(i16, [bool; 4])] = &[
        (SQL_DESC_ALLOC_TYPE, [true; 4]),
        (SQL_DESC_ARRAY_SIZE, [true, true, false, false]),
        (SQL_DESC_ARRAY_STATUS_PTR, [true; 4]),
        (SQL_DESC_BIND_OFFSET_PTR, [true, true, false, false]),
        (SQL_DESC_BIND_TYPE, [true, true, false, false]),
        (SQL_DESC_COUNT, [true; 4]),
        (SQL_DESC_ROWS_PROCESSED_PTR, [false, false, true, true]),
    ];
    for (id, has) in FIELDS {
        for (role, has) in ROLES.into_iter().zip(has) {
            let got = Descriptor::new(role, false).get(0, *id).map_err(|record| record.state);
            match has {
                true => assert!(matches!(got, Ok(Some(_))), "{id} of {role:?}"),
                false => assert_eq!(got, Err(SqlState::INVALID_DESCRIPTOR_FIELD), "{id} of {role:?}"),
            }
        }
    }
    let mut ard = Descriptor::new(Application, false);
    assert_eq!(
        ard.set(0, SQL_DESC_ALLOC_TYPE, 2).unwrap_err().state,
        SqlState::INVALID_DESCRIPTOR_FIELD,
        "it is only read"
    );
}

/// "Consistency Checks" of SQLSetDescRec: fields set one after the other, and whether the data pointer may follow.
#[test]
fn setting_the_data_pointer_checks_the_record() {
    type Set = (i16, usize);
    const CASES: &[(&[Set], bool)] = &[
        (&[(SQL_DESC_TYPE, SQL_C_SLONG as usize)], true),
        (&[(SQL_DESC_TYPE, SQL_C_NUMERIC as usize)], true),
        (
            &[(SQL_DESC_TYPE, SQL_C_NUMERIC as usize), (SQL_DESC_PRECISION, 39)],
            false,
        ),
        (
            &[(SQL_DESC_TYPE, SQL_C_NUMERIC as usize), (SQL_DESC_PRECISION, 0)],
            false,
        ),
        (
            &[
                (SQL_DESC_TYPE, SQL_C_NUMERIC as usize),
                (SQL_DESC_PRECISION, 5),
                (SQL_DESC_SCALE, 6),
            ],
            false,
        ),
        (&[(SQL_DESC_TYPE, SQL_DATETIME as usize)], false),
        (
            &[
                (SQL_DESC_TYPE, SQL_DATETIME as usize),
                (SQL_DESC_DATETIME_INTERVAL_CODE, 3),
            ],
            true,
        ),
        (
            &[
                (SQL_DESC_CONCISE_TYPE, SQL_C_TYPE_TIMESTAMP as usize),
                (SQL_DESC_PRECISION, 10),
            ],
            false,
        ),
        (
            &[
                (SQL_DESC_CONCISE_TYPE, SQL_C_INTERVAL_YEAR as usize),
                (SQL_DESC_DATETIME_INTERVAL_PRECISION, 0),
            ],
            false,
        ),
    ];
    for (fields, consistent) in CASES {
        let mut ard = Descriptor::new(Role::Application, true);
        for (id, value) in *fields {
            ard.set(1, *id, *value).unwrap();
        }
        let set = ard.set(1, SQL_DESC_DATA_PTR, 64).map_err(|record| record.state);
        let wanted = consistent.then_some(()).ok_or(SqlState::INCONSISTENT_DESCRIPTOR);
        assert_eq!(set, wanted, "{fields:?}");
    }
}

#[test]
fn a_change_after_the_data_pointer_unbinds_and_a_smaller_count_drops_records() {
    let mut ard = Descriptor::new(Role::Application, true);
    for number in 1..=3 {
        ard.set(number, SQL_DESC_TYPE, SQL_C_SLONG as usize).unwrap();
        ard.set(number, SQL_DESC_DATA_PTR, 64).unwrap();
    }
    ard.set(2, SQL_DESC_OCTET_LENGTH, 4).unwrap();
    assert_eq!(ard.get(2, SQL_DESC_DATA_PTR).unwrap(), Some(Field::Long(0)));
    ard.set(0, SQL_DESC_COUNT, 1).unwrap();
    assert_eq!(ard.get(2, SQL_DESC_TYPE).unwrap(), None);
    assert_eq!(ard.get(1, SQL_DESC_DATA_PTR).unwrap(), Some(Field::Long(64)));
    ard.set(0, SQL_DESC_COUNT, 0).unwrap();
    assert!(ard.bindings.is_empty());
}

#[test]
fn record_0_is_the_bookmark_of_row_descriptors_only() {
    let mut ard = Descriptor::new(Role::Application, false);
    ard.set(0, SQL_DESC_CONCISE_TYPE, SQL_C_BINARY as u16 as usize).unwrap();
    assert_eq!(ard.get(0, SQL_DESC_TYPE).unwrap(), Some(Field::Small(SQL_C_BINARY)));
    assert_eq!(ard.count(), 0, "it is not counted");
    for role in [Role::ApplicationParameter, Role::ImplementationParameter] {
        let set = Descriptor::new(role, false).set(0, SQL_DESC_TYPE, 1);
        assert_eq!(set.unwrap_err().state, SqlState::INVALID_DESCRIPTOR_INDEX, "{role:?}");
    }
}
