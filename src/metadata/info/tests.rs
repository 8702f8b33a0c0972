//! Walks the info table: shapes against the reference, and answers against one another.

use super::scalar::{Group, INTERVALS, SCALARS, mask};
use super::*;

/// Ids that the reference says are character strings.
const STRINGS: &[u16] = &[
    2, 6, 7, 10, 11, 13, 14, 16, 17, 18, 19, 20, 21, 25, 27, 29, 36, 37, 38, 39, 40, 41, 42, 45, 47, 73, 77, 87, 89,
    90, 94, 103, 111, 113, 171, 10000, 10002, 10003, 10004,
];
/// Ids that the reference says are SQLUSMALLINT.
const SMALL: &[u16] = &[
    0, 1, 9, 12, 15, 22, 23, 24, 28, 30, 31, 32, 33, 34, 35, 46, 74, 75, 84, 85, 88, 93, 97, 98, 99, 100, 101, 106,
    107, 114, 116, 10005,
];
const HANDLES: &[u16] = &[3, 4, 5, 76, 135];

fn facts() -> Facts {
    Facts {
        dsn: "okta".into(),
        server: "example.okta.com".into(),
        user: "reader@example.com".into(),
        read_only: true,
        odbc2: false,
    }
}

fn text(id: u16) -> String {
    match info(id, &facts()) {
        Some(InfoValue::Text(text)) => text,
        other => panic!("{id}: {other:?}"),
    }
}

fn number(id: u16) -> u32 {
    match info(id, &facts()) {
        Some(InfoValue::U32(number)) => number,
        Some(InfoValue::U16(number)) => number.into(),
        other => panic!("{id}: {other:?}"),
    }
}

#[test]
fn ids_ascend_and_names_are_unique() {
    assert!(TABLE.windows(2).all(|pair| pair[0].id < pair[1].id));
    let names: std::collections::HashSet<_> = TABLE.iter().map(|row| row.name).collect();
    assert_eq!(names.len(), TABLE.len());
}

#[test]
fn shapes_are_the_references() {
    for row in TABLE {
        let answer = info(row.id, &facts()).expect("a row answers");
        let fits = match answer {
            InfoValue::Text(_) => STRINGS.contains(&row.id),
            InfoValue::U16(_) => SMALL.contains(&row.id),
            InfoValue::Pointer(_) => HANDLES.contains(&row.id),
            InfoValue::U32(_) => ![STRINGS, SMALL, HANDLES].iter().any(|ids| ids.contains(&row.id)),
        };
        assert!(fits, "{} {}: {answer:?}", row.id, row.name);
    }
    for id in STRINGS.iter().chain(SMALL).chain(HANDLES) {
        assert!(info(*id, &facts()).is_some(), "{id}");
    }
}

#[test]
fn every_id_that_odbc_or_a_known_client_asks_is_answered() {
    let odbc = (0..=173).chain(10000..=10005).chain(10021..=10025);
    let power_query = [180, 1750];
    let odbc_2 = [65003];
    for id in odbc.chain(power_query).chain(odbc_2) {
        assert!(info(id, &facts()).is_some(), "{id}");
    }
}

#[test]
fn other_ids_are_unknown() {
    for id in [
        174,
        179,
        181,
        1000,
        1749,
        1751,
        9999,
        10006,
        10020,
        10026,
        65002,
        u16::MAX,
    ] {
        assert_eq!(info(id, &facts()), None, "{id}");
    }
}

#[test]
fn facts_are_the_connections() {
    assert_eq!(text(2), "okta");
    assert_eq!(text(13), "example.okta.com");
    assert_eq!(text(47), "reader@example.com");
    assert_eq!(text(16), "Okta");
    assert_eq!(text(25), "Y");
    assert_eq!(
        info(
            25,
            &Facts {
                read_only: false,
                ..facts()
            }
        ),
        Some(InfoValue::Text("N".into()))
    );
}

/// Before connecting, the Windows driver manager asks SQL_DRIVER_ODBC_VER.
#[test]
fn everything_is_answered_without_a_connection() {
    for row in TABLE {
        assert!(info(row.id, &Facts::default()).is_some(), "{}", row.name);
    }
}

/// Power Query reads names and versions into 100 bytes of UTF-16, and versions by their form.
#[test]
fn names_and_versions_are_short_and_well_formed() {
    for id in [6, 7, 17, 18, 77] {
        assert!(text(id).len() < 50, "{id}");
    }
    for (id, form) in [(7, "##.##.####"), (18, "##.##.####"), (10, "##.##"), (77, "##.##")] {
        let shown: String = text(id)
            .chars()
            .map(|c| if c.is_ascii_digit() { '#' } else { c })
            .collect();
        assert_eq!(shown, form, "{id}");
    }
    assert_eq!(text(17), "Okta");
    assert_eq!(text(77), "03.80");
}

#[test]
fn yes_or_no_answers_are_y_or_n() {
    for id in [
        11, 19, 20, 21, 25, 27, 36, 37, 38, 73, 87, 90, 103, 111, 113, 10002, 10003,
    ] {
        assert!(["Y", "N"].contains(&text(id).as_str()), "{id}");
    }
}

#[test]
fn answers_agree_with_one_another() {
    // Outer joins: the ODBC 2 flag, both capability masks and the SQL-92 joins.
    assert_eq!(text(38) == "Y", number(115) & 0x1 != 0);
    assert_eq!(number(65003), number(115));
    for (capability, join) in [(0x1, 0x040), (0x2, 0x100), (0x4, 0x008), (0x20, 0x010)] {
        assert_eq!(
            number(115) & capability != 0,
            number(161) & join != 0,
            "{capability:#x}"
        );
    }
    // Sub-queries and predicates.
    for (subquery, predicate) in [(0x1, 0x1000), (0x2, 0x1), (0x4, 0x400), (0x8, 0x2000)] {
        assert_eq!(
            number(95) & subquery != 0,
            number(160) & predicate != 0,
            "{subquery:#x}"
        );
    }
    // Catalogs: named, shown first, used in statements.
    assert_eq!(text(10003) == "Y", number(92) != 0);
    assert_eq!(
        text(10003) == "Y",
        !text(41).is_empty() && !text(42).is_empty() && number(114) != 0
    );
    assert_eq!(!text(39).is_empty(), number(91) != 0);
    // Forward-only cursors take the next rowset and move within it; of the scrollable ones there are the static ones only.
    assert_eq!((number(44), number(146)), (0x11, 0x1241));
    for id in [144, 145, 150, 151, 83] {
        assert_eq!(number(id), 0, "{id}");
    }
    // Static cursors: the directions of ODBC 2, by the bits of ODBC 3.
    for (direction, attribute) in [(0x01, 0x1), (0x10, 0x2), (0x20, 0x4), (0x80, 0x8)] {
        assert_eq!(
            number(8) & direction != 0,
            number(167) & attribute != 0,
            "{direction:#x}"
        );
    }
    // SQLSetPos: what it does, without locks, and SQL_GD_BLOCK after it.
    for (operation, attribute) in [(0x1, 0x200), (0x2, 0x1000), (0x4, 0x400), (0x8, 0x800)] {
        assert_eq!(
            number(79) & operation != 0,
            number(167) & attribute != 0,
            "{operation:#x}"
        );
    }
    assert_eq!(number(78) & 0x1 != 0, number(167) & 0x40 != 0);
    assert_eq!(number(81) & 0x4 != 0, number(79) & 0x1 != 0);
    assert_eq!(number(82) & 0x40 != 0, number(167) & 0x8 != 0);
    assert_eq!(
        number(168),
        number(147),
        "concurrency and MAX_ROWS are the same for both"
    );
    // Statements are polled one by one; without a limit, and connecting is not.
    assert_eq!(number(10021), 2);
    // No procedures, no transactions, no notification, no DDL.
    assert_eq!((text(20), text(21)), ("N".to_owned(), "N".to_owned()));
    assert_eq!(number(46), 0);
    for id in (10022..=10025)
        .chain(127..=134)
        .chain(136..=143)
        .chain([86, 117, 148, 170, 172, 158, 162])
    {
        assert_eq!(number(id), 0, "{id}");
    }
    // A result set per set of parameters takes several result sets.
    assert_eq!(number(154) == 1, text(36) == "Y");
    // The default isolation level is one of those there are.
    assert_eq!(number(26) & number(72), number(26));
    // SQL-92's dates and the scalar functions of the same name.
    assert_eq!(number(155) & 0x7, (number(52) >> 17) & 0x7);
    // CONVERT and CAST are there, so every type converts, and to text.
    assert_eq!(number(48), 3);
    for id in (53..=71).chain(122..=126).chain([173]) {
        assert_ne!(number(id), 0, "{id}");
    }
    for id in (53..=71).filter(|id| ![54, 69, 71].contains(id)).chain(122..=126) {
        assert_eq!(
            number(id) & 0x00E0_0301,
            0x00E0_0301,
            "{id} converts to every text type"
        );
    }
    // Power Query folds only with these.
    assert_eq!((number(118), number(169), number(88)), (8, 0x7F, 2));
    assert!(number(9) >= 1, "Access refuses less than Level 1");
}

#[test]
fn type_info_is_converted_from_and_to() {
    use crate::metadata::types::*;
    const CONVERT: &[(i16, u16, u32)] = &[
        (SQL_GUID, 173, 0x0100_0000),
        (SQL_WLONGVARCHAR, 125, 0x0040_0000),
        (SQL_WVARCHAR, 126, 0x0080_0000),
        (SQL_WCHAR, 122, 0x0020_0000),
        (SQL_BIT, 55, 0x1000),
        (SQL_TINYINT, 68, 0x2000),
        (SQL_BIGINT, 53, 0x4000),
        (SQL_LONGVARBINARY, 71, 0x0004_0000),
        (SQL_VARBINARY, 69, 0x0800),
        (SQL_BINARY, 54, 0x0400),
        (SQL_LONGVARCHAR, 62, 0x0200),
        (SQL_CHAR, 56, 0x0001),
        (SQL_NUMERIC, 63, 0x0002),
        (SQL_DECIMAL, 58, 0x0004),
        (SQL_INTEGER, 61, 0x0008),
        (SQL_SMALLINT, 65, 0x0010),
        (SQL_FLOAT, 60, 0x0020),
        (SQL_REAL, 64, 0x0040),
        (SQL_DOUBLE, 59, 0x0080),
        (SQL_VARCHAR, 70, 0x0100),
        (SQL_TYPE_DATE, 57, 0x8000),
        (SQL_TYPE_TIME, 66, 0x0001_0000),
        (SQL_TYPE_TIMESTAMP, 67, 0x0002_0000),
    ];
    assert_eq!(CONVERT.len(), TYPES.len());
    for (row, (concise, id, bit)) in TYPES.iter().zip(CONVERT) {
        assert_eq!(row.sql.concise, *concise);
        assert_eq!(number(*id) & bit, *bit, "{} converts to itself", row.sql.name);
    }
}

#[test]
fn keywords_are_ordered_and_not_odbcs_own() {
    let keywords = text(89);
    let keywords: Vec<_> = keywords.split(',').collect();
    assert!(keywords.windows(2).all(|pair| pair[0] < pair[1]), "{keywords:?}");
    assert!(
        keywords
            .iter()
            .all(|word| word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')),
        "{keywords:?}"
    );
    for odbc in ["SELECT", "FROM", "SPACE", "USER", "VALUE", "DATE"] {
        assert!(!keywords.contains(&odbc));
    }
}

/// What is announced is what `{fn …}` knows, and the other way round.
#[test]
fn scalar_functions_are_those_that_the_parser_maps() {
    use crate::sql::functions::{FUNCTIONS, UNITS};
    /// Arguments with words in them, or units: not in the table of templates.
    const OTHERS: &[&str] = &["EXTRACT", "POSITION", "TIMESTAMPADD", "TIMESTAMPDIFF"];
    let mapped = |name: &str| FUNCTIONS.iter().any(|(known, ..)| *known == name);
    for scalar in SCALARS {
        assert!(mapped(scalar.name) != OTHERS.contains(&scalar.name), "{}", scalar.name);
    }
    for (name, ..) in FUNCTIONS {
        assert!(
            SCALARS.iter().any(|scalar| scalar.name == *name),
            "{name} is mapped and not announced"
        );
    }
    let units: Vec<_> = UNITS.iter().map(|(unit, ..)| *unit).collect();
    assert_eq!(INTERVALS, units);
}

#[test]
fn scalar_masks_hold_one_bit_per_function() {
    for (id, group) in [
        (49, Group::Numeric),
        (50, Group::String),
        (51, Group::System),
        (52, Group::Timedate),
    ] {
        let functions: Vec<_> = SCALARS.iter().filter(|scalar| scalar.group == group).collect();
        assert_eq!(number(id), mask(group));
        assert_eq!(
            number(id).count_ones() as usize,
            functions.len(),
            "{group:?}: a bit is used twice"
        );
        assert!(functions.windows(2).all(|pair| pair[0].bit < pair[1].bit), "{group:?}");
    }
    assert_eq!(number(109).count_ones() as usize, INTERVALS.len());
    assert_eq!(number(110), number(109));
}
