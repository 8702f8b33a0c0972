//! SQL Server Integration Services (ODBC Source): describe without executing, a preview, rowsets of a thousand.

use super::abi::*;
use super::client::*;

const SQL: &str = "SELECT Id, ProfileLogin, Created FROM Users";

/// Bound as UTF-16, a column of the rowset after the other.
struct Rowset {
    rows: usize,
    values: Vec<[u16; 101]>,
    lengths: Vec<isize>,
    status: Vec<u16>,
    fetched: usize,
}

impl Rowset {
    fn new(rows: usize) -> Rowset {
        Rowset {
            rows,
            values: vec![[0; 101]; rows],
            lengths: vec![-99; rows],
            status: vec![99; rows],
            fetched: 0,
        }
    }

    fn take(&self) -> Vec<String> {
        let missing = self.rows - self.fetched;
        let wanted: Vec<u16> = [vec![0; self.fetched], vec![3; missing]].concat();
        assert_eq!(self.status, wanted, "SQL_ROW_SUCCESS, then SQL_ROW_NOROW");
        (0..self.fetched)
            .map(|row| String::from_utf16(&self.values[row][..self.lengths[row] as usize / 2]).unwrap())
            .collect()
    }
}

#[test]
fn ssis_describes_without_executing() {
    let sim = org(10);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    sim.reset();
    let statement = client.statement();
    statement.fine(statement.prepare(SQL));
    assert_eq!(statement.count(), 3);
    let id = statement.describe(1);
    assert_eq!((id.name.as_str(), id.kind, id.nullable), ("Id", -9, 0));
    // SQL_COLUMN_LENGTH is bytes, SQL_COLUMN_PRECISION characters; SQL_COLUMN_SCALE.
    let (length, precision) = (statement.attribute_number(1, 3), statement.attribute_number(1, 4));
    assert_eq!((length, precision), (2 * id.size as isize, id.size as isize));
    assert_eq!(statement.attribute_number(1, 5), 0);
    // Of a timestamp: SQL_TIMESTAMP_STRUCT, `yyyy-mm-dd hh:mm:ss.fff`, three digits.
    assert_eq!([3, 4, 5].map(|id| statement.attribute_number(3, id)), [16, 23, 3]);
    // Their successors: characters, octets, fraction digits.
    assert_eq!(
        [1003, 1013].map(|id| statement.attribute_number(1, id)),
        [precision, length]
    );
    assert_eq!([1005, 1006].map(|id| statement.attribute_number(3, id)), [3, 3]);
    statement.close();
    assert_eq!(sim.requests().len(), 0, "describing asks nothing");
}

#[test]
fn ssis_previews_and_cancels() {
    let sim = org(600);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = client.statement();
    statement.fine(statement.set(0, 15));
    sim.reset();
    statement.fine(statement.exec_direct(SQL));
    for _ in 0..20 {
        assert_eq!(statement.fetch(), SUCCESS);
        assert!(statement.text(1).is_some() && statement.text(2).is_some());
    }
    assert_eq!(statement.cancel(), SUCCESS);
    statement.close();
    assert_eq!(sim.requests().len(), 1);
}

fn flows(extended: bool, rows: usize) {
    let sim = org(430);
    let client = Client::new(Form::Wide, 3).connect(&connection_string(&sim));
    let statement = client.statement();
    let mut rowset = Rowset::new(rows);
    let fetched = &raw mut rowset.fetched;
    if extended {
        // SQL_ROWSET_SIZE
        statement.fine(statement.set(9, rows));
    } else {
        statement.fine(statement.set(27, rows));
        statement.fine(statement.set(25, rowset.status.as_mut_ptr() as usize));
        statement.fine(statement.set(26, fetched as usize));
    }
    // Bound before the text is known, and still bound after preparing.
    let (value, lengths) = (rowset.values.as_mut_ptr().cast(), rowset.lengths.as_mut_ptr());
    statement.fine(unsafe { SQLBindCol(statement.handle, 1, C_WCHAR, value, 202, lengths) });
    statement.fine(statement.prepare(SQL));
    statement.fine(statement.execute());
    let mut found = Vec::new();
    loop {
        let status = rowset.status.as_mut_ptr();
        let code = match extended {
            true => unsafe { SQLExtendedFetch(statement.handle, 1, 0, fetched, status) },
            false => unsafe { SQLFetchScroll(statement.handle, 1, 0) },
        };
        if code == NO_DATA {
            break;
        }
        statement.fine(code);
        found.extend(rowset.take());
    }
    assert_eq!(sorted(found), sorted(truth(&sim, "users", "/id")));
}

#[test]
fn ssis_flows_rowsets_of_a_thousand() {
    flows(false, 1000);
    flows(false, 7);
}

#[test]
fn ssis_flows_by_extended_fetch() {
    flows(true, 1000);
    flows(true, 100);
}
