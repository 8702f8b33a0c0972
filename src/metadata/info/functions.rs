//! SQLGetFunctions: which functions the driver exports, as one table of SQL_API ids.

/// unixODBC's id of SQLCancelHandle; everyone else's is 1550.
const UNIXODBC_CANCEL_HANDLE: u16 = 1022;

/// Id and name of every exported function; its A and W forms share the id. Everything exported is listed, also what
/// answers HYC00: unixODBC drops the narrow pointer of a function that is not, Windows answers IM001 for it. Of ODBC 2
/// only SQLExtendedFetch and SQLFreeStmt are here, since driver managers map the others to ODBC 3 functions.
pub const FUNCTIONS: &[(u16, &str)] = &[
    (4, "SQLBindCol"),
    (5, "SQLCancel"),
    (6, "SQLColAttribute"),
    (7, "SQLConnect"),
    (8, "SQLDescribeCol"),
    (9, "SQLDisconnect"),
    (11, "SQLExecDirect"),
    (12, "SQLExecute"),
    (13, "SQLFetch"),
    (16, "SQLFreeStmt"),
    (17, "SQLGetCursorName"),
    (18, "SQLNumResultCols"),
    (19, "SQLPrepare"),
    (20, "SQLRowCount"),
    (21, "SQLSetCursorName"),
    (24, "SQLBulkOperations"),
    (40, "SQLColumns"),
    (41, "SQLDriverConnect"),
    (43, "SQLGetData"),
    (44, "SQLGetFunctions"),
    (45, "SQLGetInfo"),
    (47, "SQLGetTypeInfo"),
    (48, "SQLParamData"),
    (49, "SQLPutData"),
    (52, "SQLSpecialColumns"),
    (53, "SQLStatistics"),
    (54, "SQLTables"),
    (55, "SQLBrowseConnect"),
    (56, "SQLColumnPrivileges"),
    (58, "SQLDescribeParam"),
    (59, "SQLExtendedFetch"),
    (60, "SQLForeignKeys"),
    (61, "SQLMoreResults"),
    (62, "SQLNativeSql"),
    (63, "SQLNumParams"),
    (65, "SQLPrimaryKeys"),
    (66, "SQLProcedureColumns"),
    (67, "SQLProcedures"),
    (68, "SQLSetPos"),
    (70, "SQLTablePrivileges"),
    (72, "SQLBindParameter"),
    (1001, "SQLAllocHandle"),
    (1003, "SQLCloseCursor"),
    (1004, "SQLCopyDesc"),
    (1005, "SQLEndTran"),
    (1006, "SQLFreeHandle"),
    (1007, "SQLGetConnectAttr"),
    (1008, "SQLGetDescField"),
    (1009, "SQLGetDescRec"),
    (1010, "SQLGetDiagField"),
    (1011, "SQLGetDiagRec"),
    (1012, "SQLGetEnvAttr"),
    (1014, "SQLGetStmtAttr"),
    (1016, "SQLSetConnectAttr"),
    (1017, "SQLSetDescField"),
    (1018, "SQLSetDescRec"),
    (1019, "SQLSetEnvAttr"),
    (1020, "SQLSetStmtAttr"),
    (1021, "SQLFetchScroll"),
    (UNIXODBC_CANCEL_HANDLE, "SQLCancelHandle"),
    (1550, "SQLCancelHandle"),
];

/// SQLGetFunctions: is this function id exported?
pub fn supports_function(id: u16) -> bool {
    FUNCTIONS.binary_search_by_key(&id, |function| function.0).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }

    #[test]
    fn every_listed_function_is_supported() {
        for (id, name) in FUNCTIONS {
            assert!(supports_function(*id), "{name}");
        }
    }

    /// SQLAllocConnect, -Env, -Stmt, SQLError, SQLFreeConnect, -Env, SQLSetParam, SQLTransact, Get/SetConnectOption,
    /// Get/SetStmtOption, SQLParamOptions, SQLSetScrollOptions: the driver manager maps them only where they are false.
    #[test]
    fn mapped_odbc_2_functions_are_not_supported() {
        for id in [1, 2, 3, 10, 14, 15, 22, 23, 42, 46, 50, 51, 64, 69] {
            assert!(!supports_function(id), "{id}");
        }
    }

    /// SQLDataSources, SQLDrivers and SQLAllocHandleStd are the driver manager's own; 0, 199 and 999 are no functions.
    #[test]
    fn the_driver_managers_own_functions_are_not_the_drivers() {
        for id in [0, 57, 71, 73, 199, 999, 1002, 1013, 1015, 1023, u16::MAX] {
            assert!(!supports_function(id), "{id}");
        }
    }

    /// The interface conformance level Core, and Level 1 as Jet (Access) asks for it.
    #[test]
    fn core_and_jets_level_1_are_complete() {
        const CORE: &[u16] = &[
            1001, 4, 72, 5, 1003, 6, 40, 7, 1004, 8, 9, 41, 1005, 11, 12, 13, 1021, 1006, 16, 1007, 17, 43, 1008, 1009,
            1010, 1011, 1012, 44, 45, 1014, 47, 62, 18, 63, 48, 19, 49, 20, 1016, 21, 1017, 1018, 1019, 1020, 52, 53,
            54,
        ];
        for id in CORE {
            assert!(supports_function(*id), "{id}");
        }
    }
}
