//! What Power Query asks of a driver, in Excel and Power BI alike: capabilities, tables, columns and keys.

use super::client::*;
use super::table_names;

/// What SQLGetInfo must answer for folding to happen.
enum Wanted {
    Text(&'static str),
    Number(u32),
    /// Bits that have to be there.
    Bits(u32),
    /// Text of any content.
    Some,
}

use Wanted::*;

/// In the order of the trace.
const CAPABILITIES: &[(u16, Wanted)] = &[
    (29, Text("\"")),
    (91, Bits(1)),
    (92, Bits(1)),
    (41, Text(".")),
    (114, Number(1)),
    (118, Number(8)),
    (99, Number(0)),
    (10005, Number(128)),
    (97, Number(0)),
    (100, Number(0)),
    (90, Text("N")),
    // CONCAT, LEFT, LENGTH, LOCATE, LCASE, UCASE, SUBSTRING, LTRIM, RTRIM, REPLACE.
    (50, Bits(0x1D7D)),
    (169, Number(0x7F)),
    (160, Number(0x3E07)),
    // Inner and the three outer joins.
    (161, Bits(0x158)),
    (87, Text("Y")),
    (88, Number(2)),
    (49, Bits(0x1)),
    (52, Bits(0x6000)),
    (51, Bits(0x6)),
    (109, Number(0x1FF)),
    (110, Number(0x1FF)),
    (22, Number(0)),
    (10003, Text("Y")),
    (42, Text("catalog")),
    (39, Text("schema")),
    (152, Bits(1)),
    (14, Text("\\")),
    (48, Number(3)),
    // SQL_CONVERT_*: each of them to text, binary data to binary data.
    (53, Bits(0x0080_0000)),
    (54, Bits(0x0000_0800)),
    (55, Bits(0x0080_0000)),
    (56, Bits(0x0080_0000)),
    (57, Bits(0x0080_0000)),
    (58, Bits(0x0080_0000)),
    (59, Bits(0x0080_0000)),
    (60, Bits(0x0080_0000)),
    (61, Bits(0x0080_0000)),
    (62, Bits(0x0080_0000)),
    (63, Bits(0x0080_0000)),
    (64, Bits(0x0080_0000)),
    (65, Bits(0x0080_0000)),
    (66, Bits(0x0080_0000)),
    (67, Bits(0x0080_0000)),
    (68, Bits(0x0080_0000)),
    (69, Bits(0x0000_0800)),
    (70, Bits(0x0080_0000)),
    (71, Bits(0x0000_0800)),
    (173, Bits(0x0080_0000)),
    (122, Bits(0x0080_0000)),
    (125, Bits(0x0080_0000)),
    (126, Bits(0x0080_0000)),
    (94, Some),
    // SQL_RETURN_ESCAPE_CLAUSE: an error has ended the reading of capabilities.
    (180, Number(0)),
    (77, Text("03.80")),
    (6, Some),
    // The manager's own.
    (23, Number(2)),
    (24, Number(2)),
    (81, Number(0xF)),
    (1750, Number(0)),
];

/// Some builds call the narrow function too.
pub fn reads_capabilities(client: &Client) {
    for (id, wanted) in CAPABILITIES {
        let narrow = client.info_as(Form::Narrow, *id, 2000);
        assert_eq!(narrow.code, SUCCESS, "{id}");
        match wanted {
            Text(text) => {
                assert_eq!(client.info_text(*id), *text, "{id}");
                assert_eq!(narrow.bytes, text.as_bytes(), "{id}");
            }
            Some => assert_eq!(client.info_text(*id).len(), narrow.bytes.len(), "{id}"),
            Number(number) => assert_eq!((client.info_number(*id), narrow.number()), (*number, *number), "{id}"),
            Bits(bits) => assert_eq!(client.info_number(*id) & bits, *bits, "{id}"),
        }
    }
}

/// Pooling, 15 seconds to log in, no dialog; the string that comes back is stored, and has to work.
pub fn connects(text: &str) -> Client {
    let client = Client::new(Form::Wide, 3);
    assert_eq!(client.set_environment(201, 2), SUCCESS);
    assert_eq!(client.set(103, 15), SUCCESS);
    let (code, out) = client.driver_connect(0, text, 1024, 0);
    assert_eq!(code, SUCCESS, "{:?}", client.state());
    assert!(out.contains("Driver={Okta ODBC Driver}"), "{out}");
    assert_eq!(
        Client::new(Form::Wide, 3).driver_connect(0, &out, 1024, 0),
        (SUCCESS, out)
    );
    // A hundred bytes for names and versions.
    for id in [6, 17, 18] {
        let info = client.info(id, 100);
        assert_eq!(info.code, SUCCESS, "{id}");
        assert!((2..98).contains(&info.length), "{id}");
    }
    assert_eq!(client.info_text(17), "Okta");
    let version: Vec<usize> = client.info_text(18).split('.').map(str::len).collect();
    assert_eq!(version, [2, 2, 4]);
    client
}

/// Each way in which a version of it has asked for everything.
pub fn lists_tables(client: &Client) {
    let statement = client.statement();
    for catalog in [None, Option::Some(""), Option::Some("%"), Option::Some("Okta")] {
        for schema in [None, Option::Some(""), Option::Some("%")] {
            for table in [None, Option::Some(""), Option::Some("%")] {
                statement.tables([catalog, schema, table], Option::Some("TABLE,VIEW"));
                let rows = statement.rows();
                let column = |at: usize| rows.iter().map(|row| row[at].clone().unwrap()).collect::<Vec<_>>();
                assert_eq!(column(2), table_names(), "{catalog:?} {schema:?} {table:?}");
                // Anything but TABLE and VIEW is thrown away.
                assert!(column(3).iter().all(|kind| kind == "TABLE"));
                statement.close();
            }
        }
    }
}

/// Types, columns, keys in both directions, indexes.
pub fn reads_a_table(client: &Client) {
    let statement = client.statement();
    statement.type_info(0);
    let types: Vec<(String, i32, String)> = statement
        .rows()
        .into_iter()
        .map(|row| {
            let text = |at: usize| row[at].clone().unwrap_or_default();
            assert!(
                text(2).parse::<i64>().unwrap() > 0,
                "{}: -1 disabled parameters",
                text(0)
            );
            assert!(!text(0).contains('('), "a bare name: {}", text(0));
            (text(0), text(1).parse().unwrap(), text(8))
        })
        .collect();
    statement.close();
    // Text is searchable in every way, the rest but by LIKE.
    for (name, code, searchable) in &types {
        let is_text = [-10, -9, -8, -1, 1, 12].contains(code);
        assert_eq!(searchable, if is_text { "3" } else { "2" }, "{name}");
    }
    let users = [Option::Some("Okta"), Option::Some("dbo"), Option::Some("Users")];
    statement.columns(users, None);
    let columns = statement.rows();
    assert!(columns.len() > 20);
    for row in &columns {
        let (code, name) = (row[4].clone().unwrap(), row[5].clone().unwrap());
        let known = types
            .iter()
            .any(|(known, of, _)| *known == name && of.to_string() == code);
        assert!(known, "{name} {code}: reading it would give Binary");
    }
    statement.close();
    // An escaped wildcard is the character itself.
    for (pattern, found) in [("User_", true), ("User\\_", false)] {
        statement.columns([Option::Some("Okta"), Option::Some("dbo"), Option::Some(pattern)], None);
        assert_eq!(!statement.rows().is_empty(), found, "{pattern}");
        statement.close();
    }
    statement.primary_keys(users);
    assert_eq!(statement.values(4), ["Id"]);
    statement.close();
    // Navigation properties: what refers to Users, and what Users refers to.
    statement.foreign_keys(users, [None; 3]);
    let referring: Vec<(String, String)> = statement
        .rows()
        .into_iter()
        .map(|row| (row[6].clone().unwrap(), row[7].clone().unwrap()))
        .collect();
    for table in ["ApplicationUsers", "GroupMembers", "UserFactors", "UserGroups"] {
        assert!(
            referring.contains(&(table.into(), "UserId".into())),
            "{table}: {referring:?}"
        );
    }
    statement.close();
    statement.foreign_keys([None; 3], users);
    let rows = statement.rows();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        [&rows[0][2], &rows[0][3], &rows[0][7]].map(|cell| cell.clone().unwrap()),
        ["UserTypes", "Id", "TypeId"]
    );
    statement.close();
    statement.statistics(users, 0, 0);
    let unique: Vec<_> = statement
        .rows()
        .into_iter()
        .filter(|row| row[3].as_deref() == Option::Some("0"))
        .collect();
    assert_eq!(unique.len(), 1);
    assert_eq!(unique[0][8].as_deref(), Option::Some("Id"));
}

/// What it asks of each result column: its type, and three facts by their ids of ODBC 2.
pub fn describes(statement: &Statement, wanted: &[(&str, isize, &str)]) {
    assert_eq!(usize::from(statement.count()), wanted.len());
    for (number, (name, code, type_name)) in (1..).zip(wanted) {
        assert_eq!(statement.attribute_number(number, 2), *code, "{name}");
        // SQL_DESC_UNSIGNED is true of what is no number.
        let is_number = [-6, -5, 2, 3, 4, 5, 6, 7, 8].contains(code);
        assert_eq!(statement.attribute_number(number, 8), isize::from(!is_number), "{name}");
        assert_eq!(statement.attribute_text(number, 1), *name);
        assert!([0, 1].contains(&statement.attribute_number(number, 7)), "{name}");
        assert_eq!(statement.attribute_text(number, 14), *type_name, "{name}");
        assert!(statement.attribute_number(number, 3) > 0, "{name}");
        assert!((0..=9).contains(&statement.attribute_number(number, 5)), "{name}");
    }
}

/// Around each statement: the driver's version and name, the default CommandTimeout, then what it may fetch with.
pub fn runs(client: &Client, statement: &Statement, run: impl FnOnce() -> i16) {
    assert_eq!(client.info_text(77), "03.80");
    assert!(!client.info_text(6).is_empty());
    statement.fine(statement.set(0, 600));
    statement.fine(run());
    assert!(client.supports(1021));
    assert_eq!(client.info_number(81), 0xF);
}
