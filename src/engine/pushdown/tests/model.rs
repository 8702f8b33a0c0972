//! A model of Okta that evaluates what was sent, row by row: it must hold every row the predicates want, once.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::catalog::{Kind, Stored};

/// A row of the model: the value per column, as Okta's index holds it.
type Row = BTreeMap<ColumnIndex, Value>;

/// Columns, and with them kinds and operators, that the model plays with.
const PLAYED: &[(&str, &[&str])] = &[
    (
        "Users",
        &[
            "Id",
            "Status",
            "ProfileLogin",
            "ProfileTitle",
            "Created",
            "Activated",
            "LastLogin",
            "TypeId",
        ],
    ),
    (
        "Groups",
        &[
            "Id",
            "Type",
            "ProfileName",
            "ProfileDescription",
            "LastMembershipUpdated",
            "SourceId",
        ],
    ),
    ("Apps", &["Id", "Name", "Label", "Status", "CredentialsSigningKid"]),
    (
        "SystemLogs",
        &[
            "Uuid",
            "Published",
            "EventType",
            "OutcomeResult",
            "ActorAlternateId",
            "SecurityContextAsNumber",
            "SecurityContextIsProxy",
        ],
    ),
    ("UserTypes", &["Id", "Name"]),
];
const IDS: &[&str] = &["00u1", "00U1", "00u2", "00u3", "a-b_c"];
const NO_IDS: &[&str] = &["me", "..", "", "a/b", "100%", "x\" or id pr or id eq \"", "\u{1f600}"];
const TEXTS: &[&str] = &[
    "x",
    "X",
    "Alice",
    "alice",
    "ÀLICE",
    "àlice",
    "Straße",
    "STRASSE",
    "ΣΑΣ",
    "σας",
    "σασ",
    "",
    " x",
    "x ",
    "xyz",
    "a\"b\\c",
    "(a) and b",
    "line\nbreak",
    "\u{1f600}x",
    "İx",
    "i",
    "\u{212a}",
    "k",
    "é",
    "e\u{301}",
];
const STORED: &[&str] = &["ACTIVE", "INACTIVE", "SUCCESS"];

fn text_value(kind: Kind, stored: Option<Stored>) -> BoxedStrategy<Value> {
    let pool = match (kind, stored) {
        (Kind::Id, _) => IDS,
        (_, Some(_)) => STORED,
        _ => TEXTS,
    };
    proptest::sample::select(pool).prop_map(text).boxed()
}

/// Values that rows may hold.
fn held(table: &Table, column: ColumnIndex) -> BoxedStrategy<Value> {
    let column = &table.columns[column];
    match column.kind {
        Kind::Timestamp => (-6i64..6)
            .prop_map(|step| Value::Timestamp(NOW - DAY + step * 250))
            .boxed(),
        Kind::Bigint | Kind::Integer => (-2i64..3).prop_map(Value::Integer).boxed(),
        Kind::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        kind => text_value(kind, column.stored),
    }
}

/// Values that a user may ask for.
fn asked(table: &Table, column: ColumnIndex) -> BoxedStrategy<Value> {
    let described = &table.columns[column];
    let odd: &'static [&'static str] = if described.kind == Kind::Id {
        NO_IDS
    } else {
        &["active", "Inactive", "other"]
    };
    if described.kind.is_text() {
        prop_oneof![4 => held(table, column), 1 => proptest::sample::select(odd).prop_map(text)].boxed()
    } else {
        held(table, column)
    }
}

fn condition(table: &Arc<Table>, columns: &[ColumnIndex]) -> BoxedStrategy<Predicate> {
    let table = table.clone();
    let pick = proptest::sample::select(columns.to_vec());
    pick.prop_flat_map(move |column| {
        let ops = [
            Comparison::Eq,
            Comparison::Eq,
            Comparison::Ne,
            Comparison::Lt,
            Comparison::Le,
            Comparison::Gt,
            Comparison::Ge,
        ];
        let value = asked(&table, column);
        let compare = (proptest::sample::select(ops.to_vec()), value.clone())
            .prop_map(move |(op, value)| Predicate::Compare { column, op, value });
        let within = proptest::collection::vec(value, 0..5).prop_map(move |values| Predicate::In { column, values });
        let null = prop_oneof![Just(Predicate::IsNull(column)), Just(Predicate::IsNotNull(column))];
        if !table.columns[column].kind.is_text() {
            return prop_oneof![5 => compare, 2 => within, 1 => null, 1 => Just(Predicate::Other)].boxed();
        }
        let part = proptest::sample::select(TEXTS);
        let like = (part, 0..3).prop_map(move |(part, shape)| match shape {
            0 => Predicate::StartsWith {
                column,
                prefix: part.to_owned(),
            },
            1 => Predicate::EndsWith {
                column,
                suffix: part.to_owned(),
            },
            _ => Predicate::Contains {
                column,
                part: part.to_owned(),
            },
        });
        prop_oneof![5 => compare, 3 => within, 2 => like, 1 => null, 1 => Just(Predicate::Never)].boxed()
    })
    .boxed()
}

fn predicate(table: &Arc<Table>, columns: &[ColumnIndex]) -> BoxedStrategy<Predicate> {
    condition(table, columns)
        .prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Predicate::And),
                proptest::collection::vec(inner, 1..4).prop_map(Predicate::Or),
            ]
        })
        .boxed()
}

/// A table, its predicates and rows.
fn scenario() -> impl Strategy<Value = (&'static str, Vec<Predicate>, Vec<Row>, bool)> {
    proptest::sample::select(PLAYED).prop_flat_map(|(name, columns)| {
        let table = Catalog::embedded().table(name).unwrap().clone();
        let columns: Vec<ColumnIndex> = columns.iter().map(|name| col(&table, name)).collect();
        let cells: Vec<BoxedStrategy<Option<Value>>> = columns
            .iter()
            .map(|column| {
                let value = held(&table, *column);
                // Every user has a status: `status pr` is all of them.
                let nullable = table.columns[*column].nullable && table.columns[*column].name != "Status";
                if nullable {
                    proptest::option::of(value).boxed()
                } else {
                    value.prop_map(Some).boxed()
                }
            })
            .collect();
        let row = cells.prop_map({
            let columns = columns.clone();
            move |cells| {
                columns
                    .iter()
                    .copied()
                    .zip(cells)
                    .filter_map(|(c, v)| Some((c, v?)))
                    .collect()
            }
        });
        let predicates = proptest::collection::vec(predicate(&table, &columns), 0..4);
        (
            Just(name),
            predicates,
            proptest::collection::vec(row, 1..30),
            any::<bool>(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_sent_holds_every_wanted_row_once((name, predicates, rows, case_sensitive) in scenario()) {
        let table = Catalog::embedded().table(name).unwrap().clone();
        let columns: Vec<ColumnIndex> = (0..table.columns.len()).collect();
        let query = Query {
            table: &table, predicates: &predicates, columns: &columns, sort: None, limit: None, now: NOW,
            page_size: None, case_sensitive,
        };
        let calls = match push_down(&Catalog::embedded(), &query).access {
            Access::Nothing => Vec::new(),
            Access::Calls(calls) => calls,
            Access::FanOut { .. } => panic!("no parents here"),
        };
        for row in &rows {
            let wanted = predicates.iter().all(|p| holds(&query, p, row));
            let answers = calls.iter().filter(|call| answers(&query, call, row)).count();
            prop_assert!(answers <= 1, "{answers} times {row:?} by {calls:?}");
            prop_assert!(!wanted || answers == 1, "{row:?} is not in {calls:?}");
        }
    }
}

/// SQL's view: what the row shows, compared by the column's rule.
fn holds(query: &Query<'_>, predicate: &Predicate, row: &Row) -> bool {
    let fold = |column: ColumnIndex, text: &str| {
        if query.table.columns[column].kind.folds_case() && !query.case_sensitive {
            one_for_one(text)
        } else {
            text.to_owned()
        }
    };
    let shown = |column: ColumnIndex| {
        row.get(&column).map(|value| match value {
            Value::Text(text) => Value::Text(fold(column, text)),
            // Users and groups show whole seconds.
            Value::Timestamp(time) if query.table.list.time_column.is_none() => {
                Value::Timestamp(time - time.rem_euclid(1_000))
            }
            other => other.clone(),
        })
    };
    let folded = |column: ColumnIndex, value: &Value| match value {
        Value::Text(text) => Value::Text(fold(column, text)),
        other => other.clone(),
    };
    let like = |column: ColumnIndex, part: &str, test: fn(&str, &str) -> bool| match shown(column) {
        Some(Value::Text(text)) => test(&text, &fold(column, part)),
        _ => false,
    };
    match predicate {
        Predicate::Compare { column, op, value } => {
            shown(*column).is_some_and(|left| compared(&left, *op, &folded(*column, value)))
        }
        Predicate::In { column, values } => shown(*column).is_some_and(|left| {
            values
                .iter()
                .any(|value| compared(&left, Comparison::Eq, &folded(*column, value)))
        }),
        Predicate::StartsWith { column, prefix } => like(*column, prefix, |text, part| text.starts_with(part)),
        Predicate::EndsWith { column, suffix } => like(*column, suffix, |text, part| text.ends_with(part)),
        Predicate::Contains { column, part } => like(*column, part, |text, part| text.contains(part)),
        Predicate::IsNull(column) => !row.contains_key(column),
        Predicate::IsNotNull(column) => row.contains_key(column),
        Predicate::And(all) => all.iter().all(|inner| holds(query, inner, row)),
        Predicate::Or(any) => any.iter().any(|inner| holds(query, inner, row)),
        Predicate::Never => false,
        Predicate::Other => true,
    }
}

/// The engine's rule: lower case where it is one character for one.
fn one_for_one(text: &str) -> String {
    let lower = |c: char| {
        if c.to_lowercase().count() == 1 {
            c.to_lowercase().next().unwrap_or(c)
        } else {
            c
        }
    };
    text.chars().map(lower).collect()
}

fn compared(left: &Value, op: Comparison, right: &Value) -> bool {
    let order = match (left, right) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) | (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        other => panic!("{other:?}"),
    };
    match op {
        Comparison::Eq => order.is_eq(),
        Comparison::Ne => order.is_ne(),
        Comparison::Lt => order.is_lt(),
        Comparison::Le => order.is_le(),
        Comparison::Gt => order.is_gt(),
        Comparison::Ge => order.is_ge(),
    }
}

/// Okta's view: is the row in the answer?
fn answers(query: &Query<'_>, call: &Call, row: &Row) -> bool {
    if call.answer == Answer::Row {
        let Some(Value::Text(id)) = row.get(&0) else {
            panic!("{row:?}")
        };
        return call.request.path == format!("{}/{id}", query.table.list.path);
    }
    call.request.query.iter().all(|(name, value)| match name.as_str() {
        "search" | "filter" => Reader {
            query,
            row,
            rest: value,
        }
        .whole(),
        "since" => time_of(query, row) >= read_time(value),
        "until" => time_of(query, row) < read_time(value),
        "expand" => true,
        other => panic!("{other}"),
    })
}

fn time_of(query: &Query<'_>, row: &Row) -> i64 {
    match row[&col(query.table, "Published")] {
        Value::Timestamp(time) => time,
        ref other => panic!("{other:?}"),
    }
}

fn read_time(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

/// Reads an expression by Okta's grammar (behaviour.md §3) and evaluates it on one row.
struct Reader<'a> {
    query: &'a Query<'a>,
    row: &'a Row,
    rest: &'a str,
}

impl Reader<'_> {
    fn whole(mut self) -> bool {
        let holds = self.or();
        assert_eq!(self.rest, "");
        holds
    }

    fn take(&mut self, word: &str) -> bool {
        match self.rest.strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> bool {
        let mut holds = self.and();
        while self.take(" or ") {
            holds |= self.and();
        }
        holds
    }

    fn and(&mut self) -> bool {
        let mut holds = self.operand();
        while self.take(" and ") {
            holds &= self.operand();
        }
        holds
    }

    fn operand(&mut self) -> bool {
        if self.take("(") {
            let holds = self.or();
            assert!(self.take(")"), "{}", self.rest);
            return holds;
        }
        let (attribute, rest) = self.rest.split_once(' ').expect("an operator");
        let column = self
            .query
            .table
            .columns
            .iter()
            .position(|c| c.attribute() == Some(attribute))
            .expect(attribute);
        let (operator, rest) = rest.split_at(2);
        self.rest = rest;
        let allowed = &self.query.table.columns[column].operators;
        assert!(
            allowed.iter().any(|o| format!("{o:?}").eq_ignore_ascii_case(operator)),
            "{attribute} {operator}"
        );
        if operator == "pr" {
            return self.row.contains_key(&column);
        }
        assert!(self.take(" "));
        let end = match self.rest.strip_prefix('"') {
            // A JSON string ends at the first quote that no backslash escapes.
            Some(inside) => {
                let mut escaped = false;
                let end = inside.find(|c| {
                    let ends = c == '"' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                end.expect("a closing quote") + 2
            }
            None => self.rest.find([' ', ')']).unwrap_or(self.rest.len()),
        };
        let (value, rest) = self.rest.split_at(end);
        let value: serde_json::Value = serde_json::from_str(value).expect("a JSON value");
        self.rest = rest;
        self.row
            .get(&column)
            .is_some_and(|held| self.compare(held, operator, &value))
    }

    /// `search` folds case letter by letter; of `filter` nothing is known, so that it must not matter.
    fn compare(&self, held: &Value, operator: &str, value: &serde_json::Value) -> bool {
        let fold = |text: &str| -> String {
            if self.query.table.list.folds_case {
                text.chars().flat_map(char::to_lowercase).collect()
            } else {
                text.to_owned()
            }
        };
        let order = match (held, value) {
            (Value::Text(held), serde_json::Value::String(value)) => {
                let (held, value) = (fold(held), fold(value));
                match operator {
                    "sw" => return held.starts_with(&value),
                    "co" => return held.contains(&value),
                    _ => held.cmp(&value),
                }
            }
            (Value::Timestamp(held), serde_json::Value::String(value)) => held.cmp(&read_time(value)),
            (Value::Integer(held), value) => held.cmp(&value.as_i64().unwrap()),
            (Value::Boolean(held), value) => held.cmp(&value.as_bool().unwrap()),
            other => panic!("{other:?}"),
        };
        match operator {
            "eq" => order.is_eq(),
            "ne" => order.is_ne(),
            "lt" => order.is_lt(),
            "le" => order.is_le(),
            "gt" => order.is_gt(),
            "ge" => order.is_ge(),
            other => panic!("{other}"),
        }
    }
}
