//! The small predicate language that push-down reads; DataFusion expressions are lowered to it.

/// Index of a column in its catalog table.
pub type ColumnIndex = usize;

/// A condition on one table's columns. What it cannot say is [`Predicate::Other`], which push-down treats as "may hold".
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    Compare {
        column: ColumnIndex,
        op: Comparison,
        value: Value,
    },
    In {
        column: ColumnIndex,
        values: Vec<Value>,
    },
    /// LIKE 'x%': the column's kind says whether case counts.
    StartsWith {
        column: ColumnIndex,
        prefix: String,
    },
    /// LIKE '%x'
    EndsWith {
        column: ColumnIndex,
        suffix: String,
    },
    /// LIKE '%x%'
    Contains {
        column: ColumnIndex,
        part: String,
    },
    IsNull(ColumnIndex),
    IsNotNull(ColumnIndex),
    And(Vec<Predicate>),
    Or(Vec<Predicate>),
    /// Never true (`1 = 0`, `x = NULL`).
    Never,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A literal, already of the column's kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Double(f64),
    Boolean(bool),
    /// Milliseconds since 1970-01-01 UTC.
    Timestamp(i64),
    /// Days since 1970-01-01.
    Date(i32),
}
