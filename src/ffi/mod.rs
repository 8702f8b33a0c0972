//! The exported functions: one file per chapter of the ODBC reference, and the manifest that lists them all.
#![allow(unsafe_code)] // the C edge
#![allow(non_snake_case)] // ODBC's names
#![allow(clippy::missing_safety_doc)] // every pointer is as the ODBC reference says
#![allow(clippy::too_many_arguments)] // ODBC's signatures

mod allocate;
mod asynchronous;
mod cancel;
mod catalog;
mod connect;
mod connection_attributes;
pub mod consts;
mod descriptors;
mod diagnostics;
mod environment;
mod fetch;
pub mod fork;
mod guard;
mod info;
mod main;
pub mod memory;
mod out;
mod prepare;
mod results;
mod statement_attributes;
pub mod steady;
mod text;

#[cfg(test)]
mod tests;

/// One function of ODBC that this library exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Export {
    /// The undecorated symbol; of string functions it takes UTF-8.
    pub symbol: &'static str,
    /// The wide twin.
    pub wide: Option<&'static str>,
    /// SQL_API_ id, as SQLGetFunctions counts.
    pub id: u16,
}

const fn one(symbol: &'static str, id: u16) -> Export {
    Export { symbol, wide: None, id }
}

const fn two(symbol: &'static str, wide: &'static str, id: u16) -> Export {
    Export {
        symbol,
        wide: Some(wide),
        id,
    }
}

/// The manifest (decision 1): all of it, and nothing else of ODBC.
pub const EXPORTS: &[Export] = &[
    one("SQLAllocHandle", 1001),
    one("SQLBindCol", 4),
    one("SQLBindParameter", 72),
    two("SQLBrowseConnect", "SQLBrowseConnectW", 55),
    one("SQLBulkOperations", 24),
    one("SQLCancel", 5),
    one("SQLCancelHandle", 1550),
    one("SQLCloseCursor", 1003),
    two("SQLColAttribute", "SQLColAttributeW", 6),
    two("SQLColumnPrivileges", "SQLColumnPrivilegesW", 56),
    two("SQLColumns", "SQLColumnsW", 40),
    two("SQLConnect", "SQLConnectW", 7),
    one("SQLCopyDesc", 1004),
    two("SQLDescribeCol", "SQLDescribeColW", 8),
    one("SQLDescribeParam", 58),
    one("SQLDisconnect", 9),
    two("SQLDriverConnect", "SQLDriverConnectW", 41),
    one("SQLEndTran", 1005),
    two("SQLExecDirect", "SQLExecDirectW", 11),
    one("SQLExecute", 12),
    one("SQLExtendedFetch", 59),
    one("SQLFetch", 13),
    one("SQLFetchScroll", 1021),
    two("SQLForeignKeys", "SQLForeignKeysW", 60),
    one("SQLFreeHandle", 1006),
    one("SQLFreeStmt", 16),
    two("SQLGetConnectAttr", "SQLGetConnectAttrW", 1007),
    two("SQLGetCursorName", "SQLGetCursorNameW", 17),
    one("SQLGetData", 43),
    two("SQLGetDescField", "SQLGetDescFieldW", 1008),
    two("SQLGetDescRec", "SQLGetDescRecW", 1009),
    two("SQLGetDiagField", "SQLGetDiagFieldW", 1010),
    two("SQLGetDiagRec", "SQLGetDiagRecW", 1011),
    one("SQLGetEnvAttr", 1012),
    one("SQLGetFunctions", 44),
    two("SQLGetInfo", "SQLGetInfoW", 45),
    two("SQLGetStmtAttr", "SQLGetStmtAttrW", 1014),
    two("SQLGetTypeInfo", "SQLGetTypeInfoW", 47),
    one("SQLMoreResults", 61),
    two("SQLNativeSql", "SQLNativeSqlW", 62),
    one("SQLNumParams", 63),
    one("SQLNumResultCols", 18),
    one("SQLParamData", 48),
    two("SQLPrepare", "SQLPrepareW", 19),
    two("SQLPrimaryKeys", "SQLPrimaryKeysW", 65),
    two("SQLProcedureColumns", "SQLProcedureColumnsW", 66),
    two("SQLProcedures", "SQLProceduresW", 67),
    one("SQLPutData", 49),
    one("SQLRowCount", 20),
    two("SQLSetConnectAttr", "SQLSetConnectAttrW", 1016),
    two("SQLSetCursorName", "SQLSetCursorNameW", 21),
    two("SQLSetDescField", "SQLSetDescFieldW", 1017),
    one("SQLSetDescRec", 1018),
    one("SQLSetEnvAttr", 1019),
    one("SQLSetPos", 68),
    two("SQLSetStmtAttr", "SQLSetStmtAttrW", 1020),
    two("SQLSpecialColumns", "SQLSpecialColumnsW", 52),
    two("SQLStatistics", "SQLStatisticsW", 53),
    two("SQLTablePrivileges", "SQLTablePrivilegesW", 70),
    two("SQLTables", "SQLTablesW", 54),
];

/// Every exported symbol of ODBC.
pub fn symbols() -> impl Iterator<Item = &'static str> {
    EXPORTS
        .iter()
        .flat_map(|export| std::iter::once(export.symbol).chain(export.wide))
}
