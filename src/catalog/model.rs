//! The shape of one table file: columns, keys, and how Okta lists, filters and fetches its rows.

use serde::Deserialize;

/// One relational table over one Okta list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// `Users`, `GroupMembers` … as CData's users know them.
    pub name: String,
    /// One sentence, shown in REMARKS.
    pub description: String,
    /// The OAuth scope that reads it; named in 403 messages.
    pub scope: String,
    /// Column names of the primary key.
    pub primary_key: Vec<String>,
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
    pub list: List,
    /// The single-row GET by full primary key, if Okta has one.
    #[serde(default)]
    pub get: Option<Get>,
    /// Set on child tables: which table's keys fill `list.path`.
    #[serde(default)]
    pub parent: Option<Parent>,
    /// Whose schema adds `Profile…` columns: `user` or `group`.
    #[serde(default)]
    pub custom: Option<Custom>,
    /// Answers of a child's list that mean "this parent has no rows" (decision 23).
    #[serde(default)]
    pub no_rows: Vec<NoRows>,
    #[serde(rename = "column")]
    pub columns: Vec<Column>,
    /// What a table in memory was declared with.
    #[cfg(feature = "scratch-tables")]
    #[serde(skip)]
    pub scratch: Option<super::scratch::Declaration>,
}

impl Table {
    /// The position of the column of that name, matched without case.
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name))
    }

    /// The column of that name, matched without case.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|c| c.name.eq_ignore_ascii_case(name))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Custom {
    User,
    Group,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    pub column: String,
    /// Referenced table; the referenced column is its single primary key column.
    pub table: String,
    pub references: String,
}

/// The list endpoint.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// Path template; `{GroupId}` names a key column of this table, filled by one percent-encoded segment.
    pub path: String,
    /// Largest useful `limit`; None when the endpoint takes no `limit`.
    #[serde(default)]
    pub page_size: Option<u32>,
    /// Smallest `limit` that the endpoint takes, where that is not 1.
    #[serde(default)]
    pub smallest_page: Option<u32>,
    /// The query parameter that takes expressions: `search` or `filter`.
    #[serde(default)]
    pub expression: Option<String>,
    /// Text compares without case there (`search`); elsewhere folding columns are sent only with [`Column::stored`].
    #[serde(default)]
    pub folds_case: bool,
    /// How expressions may be joined there.
    #[serde(default)]
    pub logic: Logic,
    /// Expression that matches every row, sent when nothing else is (users: `status pr`, to see DEPROVISIONED).
    #[serde(default)]
    pub match_all: Option<String>,
    /// `fields=` projects (users only, as the specification has it).
    #[serde(default)]
    pub fields: bool,
    /// `sortBy`/`sortOrder` are taken together with an expression.
    #[serde(default)]
    pub sort: bool,
    /// System log: `since`, `until` and `sortOrder` bound and order this column.
    #[serde(default)]
    pub time_column: Option<String>,
    /// Query parameters sent only when one of `columns` is read, e.g. `expand=stats`.
    #[serde(default)]
    pub when: Vec<When>,
    /// `okta-response` parts to leave out of the answer unless one of the columns is read (users: credentials).
    #[serde(default)]
    pub omit: Option<Omit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    pub columns: Vec<String>,
    pub parameter: String,
    pub value: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Omit {
    /// `Content-Type` sent when none of `columns` is read.
    pub content_type: String,
    pub columns: Vec<String>,
}

/// How conditions may be combined in the expression parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Logic {
    /// One condition only (apps).
    #[default]
    Single,
    /// `and`, `or`, parentheses (users, groups).
    Full,
}

/// The single-row endpoint: `path` names every key column it needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Get {
    pub path: String,
}

/// Where a child's parent keys come from when a query names none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// Parent table (`Groups`).
    pub table: String,
    /// Its key column (`Id`).
    pub key: String,
    /// This table's column that holds it (`GroupId`).
    pub column: String,
}

/// An error that means "no rows" for one parent of a fan-out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoRows {
    pub status: u16,
    /// Okta's errorCode; any when absent.
    #[serde(default)]
    pub code: Option<String>,
    /// Why, and where it is documented or recorded.
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    pub name: String,
    /// JSON path of the value in a row, dots between segments (`profile.firstName`); absent for a parent's key.
    /// `""` is the whole row.
    #[serde(default)]
    pub path: Option<String>,
    pub kind: Kind,
    /// Declared size in characters, for text.
    #[serde(default)]
    pub size: Option<u32>,
    #[serde(default = "yes")]
    pub nullable: bool,
    pub description: String,
    /// Okta's name of the attribute in expressions and `sortBy`, where it differs from `path`.
    #[serde(default)]
    pub attribute: Option<String>,
    /// Operators that Okta takes for it in the list's expression.
    #[serde(default)]
    pub operators: Vec<Operator>,
    /// The one case in which Okta keeps every value, so that an exact comparison there equals a folding one here.
    #[serde(default)]
    pub stored: Option<Stored>,
    /// May be sent as `sortBy` (dates and numbers without NULLs, decision 14).
    #[serde(default)]
    pub sortable: bool,
}

/// The case of all values of an enumeration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stored {
    Lower,
    Upper,
}

fn yes() -> bool {
    true
}

/// What a column holds, and with it the Arrow and ODBC type and the rule of comparison (decisions 14, 26).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Free text: compares without case.
    Text,
    /// Enumeration: text that compares without case.
    Enum,
    /// Identifier or opaque value: compares exactly.
    Id,
    /// Int32.
    Integer,
    /// Int64.
    Bigint,
    /// Float64.
    Double,
    Boolean,
    /// UTC, milliseconds.
    Timestamp,
    Date,
    /// Objects and arrays as compact JSON text.
    Json,
    /// A type that no value of Okta's has: ODBC's code, precision and scale.
    #[cfg(feature = "scratch-tables")]
    #[serde(skip)]
    Declared(i16, u32, i16),
}

impl Column {
    /// Okta's name of it in expressions and `sortBy`.
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref().or(self.path.as_deref())
    }
}

impl Kind {
    /// True for the kinds that hold text as it is.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Enum | Kind::Id)
    }

    /// True where comparisons fold case.
    pub fn folds_case(self) -> bool {
        matches!(self, Kind::Text | Kind::Enum)
    }
}

/// Operators of Okta's expression language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operator {
    Eq,
    Ne,
    Gt,
    Ge,
    Lt,
    Le,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Contains.
    Co,
    /// Present.
    Pr,
}
