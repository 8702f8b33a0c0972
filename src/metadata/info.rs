//! SQLGetInfo as one table: every id that ODBC or a known client asks (decision 5).

mod bits;
mod functions;
pub mod scalar;
pub mod table;

pub use functions::{FUNCTIONS, supports_function};

use table::{Answer, TABLE};

/// An answer: its shape is fixed by the id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InfoValue {
    Text(String),
    U16(u16),
    U32(u32),
    /// SQL_DRIVER_HDBC and other handle-sized ids.
    Pointer(usize),
}

/// Facts of one connection that some answers need.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub dsn: String,
    pub server: String,
    pub user: String,
    pub read_only: bool,
    pub odbc2: bool,
}

/// The answer, or None for an unknown id (HY096).
pub fn info(id: u16, facts: &Facts) -> Option<InfoValue> {
    let row = TABLE.binary_search_by_key(&id, |row| row.id).ok()?;
    Some(match TABLE[row].answer {
        Answer::Text(text) => InfoValue::Text(text.to_owned()),
        Answer::U16(number) => InfoValue::U16(number),
        Answer::U32(number) => InfoValue::U32(number),
        Answer::Fact(answer) => answer(facts),
        Answer::Handle => InfoValue::Pointer(0),
    })
}

#[cfg(test)]
mod tests;
