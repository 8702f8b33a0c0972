//! SQLGetInfo as one table: every id that ODBC or a known client asks (decision 5).

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
pub fn info(_id: u16, _facts: &Facts) -> Option<InfoValue> {
    None
}

/// SQLGetFunctions: is this function id exported and working? One table, read by ffi's manifest test too.
pub fn supports_function(_id: u16) -> bool {
    false
}
