//! ODBC's constants as the raw integers that cross the edge, with ODBC's names; odbc-sys has some of them as enums.

use std::ffi::c_void;

/// SQLHANDLE: a token, never an address.
pub type Handle = *mut c_void;

pub const SQL_SUCCESS: i16 = 0;
pub const SQL_SUCCESS_WITH_INFO: i16 = 1;
pub const SQL_STILL_EXECUTING: i16 = 2;
pub const SQL_NEED_DATA: i16 = 99;
pub const SQL_NO_DATA: i16 = 100;
pub const SQL_ERROR: i16 = -1;
pub const SQL_INVALID_HANDLE: i16 = -2;

pub const SQL_HANDLE_ENV: i16 = 1;
pub const SQL_HANDLE_DBC: i16 = 2;
pub const SQL_HANDLE_STMT: i16 = 3;
pub const SQL_HANDLE_DESC: i16 = 4;

pub const SQL_NTS: isize = -3;
pub const SQL_NULL_DATA: isize = -1;
pub const SQL_SETPARAM_VALUE_MAX: isize = -1;
pub const SQL_DATA_AT_EXEC: isize = -2;
pub const SQL_DEFAULT_PARAM: isize = -5;
pub const SQL_COLUMN_IGNORE: isize = -6;
pub const SQL_LEN_DATA_AT_EXEC_OFFSET: isize = -100;

pub const SQL_OV_ODBC2: i32 = 2;
pub const SQL_OV_ODBC3: i32 = 3;
pub const SQL_OV_ODBC3_80: i32 = 380;

// Environment attributes
pub const SQL_ATTR_ODBC_VERSION: i32 = 200;
pub const SQL_ATTR_CONNECTION_POOLING: i32 = 201;
pub const SQL_ATTR_CP_MATCH: i32 = 202;
pub const SQL_ATTR_OUTPUT_NTS: i32 = 10001;
/// iODBC: which SQLWCHAR the driver uses.
pub const SQL_ATTR_DRIVER_UNICODE_TYPE: i32 = 1065;

// Connection attributes
pub const SQL_ATTR_ACCESS_MODE: i32 = 101;
pub const SQL_ATTR_AUTOCOMMIT: i32 = 102;
pub const SQL_ATTR_LOGIN_TIMEOUT: i32 = 103;
pub const SQL_ATTR_TRACE: i32 = 104;
pub const SQL_ATTR_TRACEFILE: i32 = 105;
pub const SQL_ATTR_TRANSLATE_LIB: i32 = 106;
pub const SQL_ATTR_TRANSLATE_OPTION: i32 = 107;
pub const SQL_ATTR_TXN_ISOLATION: i32 = 108;
pub const SQL_ATTR_CURRENT_CATALOG: i32 = 109;
pub const SQL_ATTR_ODBC_CURSORS: i32 = 110;
pub const SQL_ATTR_QUIET_MODE: i32 = 111;
pub const SQL_ATTR_PACKET_SIZE: i32 = 112;
pub const SQL_ATTR_CONNECTION_TIMEOUT: i32 = 113;
pub const SQL_ATTR_DISCONNECT_BEHAVIOR: i32 = 114;
pub const SQL_ATTR_ANSI_APP: i32 = 115;
pub const SQL_ATTR_RESET_CONNECTION: i32 = 116;
pub const SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE: i32 = 117;
/// iODBC: the application's name.
pub const SQL_ATTR_APPLICATION_NAME: i32 = 1051;
/// iODBC: the application's SQLWCHAR.
pub const SQL_ATTR_APP_WCHAR_TYPE: i32 = 1061;
pub const SQL_ATTR_CONNECTION_DEAD: i32 = 1209;
pub const SQL_ATTR_AUTO_IPD: i32 = 10001;
/// Access sets it before it connects.
pub const SQL_ATTR_JET: i32 = 30002;

pub const SQL_DM_CP_UTF16: usize = 1;
pub const SQL_DM_CP_UTF8: usize = 2;
pub const SQL_DM_CP_UCS4: usize = 3;

// Statement attributes
pub const SQL_ATTR_CURSOR_SENSITIVITY: i32 = -2;
pub const SQL_ATTR_CURSOR_SCROLLABLE: i32 = -1;
pub const SQL_ATTR_QUERY_TIMEOUT: i32 = 0;
pub const SQL_ATTR_MAX_ROWS: i32 = 1;
pub const SQL_ATTR_NOSCAN: i32 = 2;
pub const SQL_ATTR_MAX_LENGTH: i32 = 3;
pub const SQL_ATTR_ASYNC_ENABLE: i32 = 4;
pub const SQL_ATTR_ROW_BIND_TYPE: i32 = 5;
pub const SQL_ATTR_CURSOR_TYPE: i32 = 6;
pub const SQL_ATTR_CONCURRENCY: i32 = 7;
pub const SQL_ATTR_KEYSET_SIZE: i32 = 8;
pub const SQL_ROWSET_SIZE: i32 = 9;
pub const SQL_ATTR_SIMULATE_CURSOR: i32 = 10;
pub const SQL_ATTR_RETRIEVE_DATA: i32 = 11;
pub const SQL_ATTR_USE_BOOKMARKS: i32 = 12;
pub const SQL_GET_BOOKMARK: i32 = 13;
pub const SQL_ATTR_ROW_NUMBER: i32 = 14;
pub const SQL_ATTR_ENABLE_AUTO_IPD: i32 = 15;
pub const SQL_ATTR_FETCH_BOOKMARK_PTR: i32 = 16;
pub const SQL_ATTR_PARAM_BIND_OFFSET_PTR: i32 = 17;
pub const SQL_ATTR_PARAM_BIND_TYPE: i32 = 18;
pub const SQL_ATTR_PARAM_OPERATION_PTR: i32 = 19;
pub const SQL_ATTR_PARAM_STATUS_PTR: i32 = 20;
pub const SQL_ATTR_PARAMS_PROCESSED_PTR: i32 = 21;
pub const SQL_ATTR_PARAMSET_SIZE: i32 = 22;
pub const SQL_ATTR_ROW_BIND_OFFSET_PTR: i32 = 23;
pub const SQL_ATTR_ROW_OPERATION_PTR: i32 = 24;
pub const SQL_ATTR_ROW_STATUS_PTR: i32 = 25;
pub const SQL_ATTR_ROWS_FETCHED_PTR: i32 = 26;
pub const SQL_ATTR_ROW_ARRAY_SIZE: i32 = 27;
/// System.Data.Odbc: SQL Server's browse mode.
pub const SQL_SOPT_SS_NOBROWSETABLE: i32 = 1228;
pub const SQL_SOPT_SS_HIDDEN_COLUMNS: i32 = 1227;
pub const SQL_ATTR_APP_ROW_DESC: i32 = 10010;
pub const SQL_ATTR_APP_PARAM_DESC: i32 = 10011;
pub const SQL_ATTR_IMP_ROW_DESC: i32 = 10012;
pub const SQL_ATTR_IMP_PARAM_DESC: i32 = 10013;
pub const SQL_ATTR_METADATA_ID: i32 = 10014;

// Lengths of attribute values
pub const SQL_IS_POINTER: i32 = -4;
pub const SQL_IS_UINTEGER: i32 = -5;
pub const SQL_IS_INTEGER: i32 = -6;
pub const SQL_IS_USMALLINT: i32 = -7;
pub const SQL_IS_SMALLINT: i32 = -8;

// Descriptor fields, in the order of their values
pub const SQL_DESC_CONCISE_TYPE: i16 = 2;
pub const SQL_COLUMN_LENGTH: i16 = 3;
pub const SQL_COLUMN_PRECISION: i16 = 4;
pub const SQL_COLUMN_SCALE: i16 = 5;
pub const SQL_DESC_DISPLAY_SIZE: i16 = 6;
pub const SQL_COLUMN_NULLABLE: i16 = 7;
pub const SQL_DESC_UNSIGNED: i16 = 8;
pub const SQL_DESC_FIXED_PREC_SCALE: i16 = 9;
pub const SQL_DESC_UPDATABLE: i16 = 10;
pub const SQL_DESC_AUTO_UNIQUE_VALUE: i16 = 11;
pub const SQL_DESC_CASE_SENSITIVE: i16 = 12;
pub const SQL_DESC_SEARCHABLE: i16 = 13;
pub const SQL_DESC_TYPE_NAME: i16 = 14;
pub const SQL_DESC_TABLE_NAME: i16 = 15;
pub const SQL_DESC_SCHEMA_NAME: i16 = 16;
pub const SQL_DESC_CATALOG_NAME: i16 = 17;
pub const SQL_DESC_LABEL: i16 = 18;
pub const SQL_DESC_ARRAY_SIZE: i16 = 20;
pub const SQL_DESC_ARRAY_STATUS_PTR: i16 = 21;
pub const SQL_DESC_BASE_COLUMN_NAME: i16 = 22;
pub const SQL_DESC_BASE_TABLE_NAME: i16 = 23;
pub const SQL_DESC_BIND_OFFSET_PTR: i16 = 24;
pub const SQL_DESC_BIND_TYPE: i16 = 25;
pub const SQL_DESC_DATETIME_INTERVAL_PRECISION: i16 = 26;
pub const SQL_DESC_LITERAL_PREFIX: i16 = 27;
pub const SQL_DESC_LITERAL_SUFFIX: i16 = 28;
pub const SQL_DESC_LOCAL_TYPE_NAME: i16 = 29;
pub const SQL_DESC_MAXIMUM_SCALE: i16 = 30;
pub const SQL_DESC_MINIMUM_SCALE: i16 = 31;
pub const SQL_DESC_NUM_PREC_RADIX: i16 = 32;
pub const SQL_DESC_PARAMETER_TYPE: i16 = 33;
pub const SQL_DESC_ROWS_PROCESSED_PTR: i16 = 34;
pub const SQL_DESC_ROWVER: i16 = 35;
pub const SQL_DESC_COUNT: i16 = 1001;
pub const SQL_DESC_TYPE: i16 = 1002;
pub const SQL_DESC_LENGTH: i16 = 1003;
pub const SQL_DESC_OCTET_LENGTH_PTR: i16 = 1004;
pub const SQL_DESC_PRECISION: i16 = 1005;
pub const SQL_DESC_SCALE: i16 = 1006;
pub const SQL_DESC_DATETIME_INTERVAL_CODE: i16 = 1007;
pub const SQL_DESC_NULLABLE: i16 = 1008;
pub const SQL_DESC_INDICATOR_PTR: i16 = 1009;
pub const SQL_DESC_DATA_PTR: i16 = 1010;
pub const SQL_DESC_NAME: i16 = 1011;
pub const SQL_DESC_UNNAMED: i16 = 1012;
pub const SQL_DESC_OCTET_LENGTH: i16 = 1013;
pub const SQL_DESC_ALLOC_TYPE: i16 = 1099;
/// The first forms of COUNT and NAME, from ODBC 2's SQLColAttributes.
pub const SQL_COLUMN_COUNT: i16 = 0;
pub const SQL_COLUMN_NAME: i16 = 1;
/// System.Data.Odbc: SQL Server's hidden and key columns.
pub const SQL_CA_SS_COLUMN_HIDDEN: i16 = 1211;
pub const SQL_CA_SS_COLUMN_KEY: i16 = 1212;

pub const SQL_DESC_ALLOC_AUTO: i16 = 1;
pub const SQL_DESC_ALLOC_USER: i16 = 2;
pub const SQL_NAMED: i16 = 0;
pub const SQL_UNNAMED: i16 = 1;
pub const SQL_NO_NULLS: i16 = 0;
pub const SQL_NULLABLE: i16 = 1;
pub const SQL_NULLABLE_UNKNOWN: i16 = 2;

// Diagnostic fields
pub const SQL_DIAG_ROW_NUMBER: i16 = -1248;
pub const SQL_DIAG_COLUMN_NUMBER: i16 = -1247;
pub const SQL_DIAG_CURSOR_ROW_COUNT: i16 = -1249;
pub const SQL_DIAG_RETURNCODE: i16 = 1;
pub const SQL_DIAG_NUMBER: i16 = 2;
pub const SQL_DIAG_ROW_COUNT: i16 = 3;
pub const SQL_DIAG_SQLSTATE: i16 = 4;
pub const SQL_DIAG_NATIVE: i16 = 5;
pub const SQL_DIAG_MESSAGE_TEXT: i16 = 6;
pub const SQL_DIAG_DYNAMIC_FUNCTION: i16 = 7;
pub const SQL_DIAG_CLASS_ORIGIN: i16 = 8;
pub const SQL_DIAG_SUBCLASS_ORIGIN: i16 = 9;
pub const SQL_DIAG_CONNECTION_NAME: i16 = 10;
pub const SQL_DIAG_SERVER_NAME: i16 = 11;
pub const SQL_DIAG_DYNAMIC_FUNCTION_CODE: i16 = 12;
pub const SQL_NO_ROW_NUMBER: isize = -1;
pub const SQL_ROW_NUMBER_UNKNOWN: isize = -2;
pub const SQL_NO_COLUMN_NUMBER: i32 = -1;
pub const SQL_DIAG_SELECT_CURSOR: i32 = 85;

// C types
pub const SQL_C_CHAR: i16 = 1;
pub const SQL_C_NUMERIC: i16 = 2;
pub const SQL_C_LONG: i16 = 4;
pub const SQL_C_SHORT: i16 = 5;
pub const SQL_C_FLOAT: i16 = 7;
pub const SQL_C_DOUBLE: i16 = 8;
pub const SQL_C_DATE: i16 = 9;
pub const SQL_C_TIME: i16 = 10;
pub const SQL_C_TIMESTAMP: i16 = 11;
pub const SQL_C_TYPE_DATE: i16 = 91;
pub const SQL_C_TYPE_TIME: i16 = 92;
pub const SQL_C_TYPE_TIMESTAMP: i16 = 93;
pub const SQL_C_DEFAULT: i16 = 99;
pub const SQL_C_INTERVAL_YEAR: i16 = 101;
pub const SQL_C_INTERVAL_MINUTE_TO_SECOND: i16 = 113;
pub const SQL_C_BINARY: i16 = -2;
pub const SQL_C_TINYINT: i16 = -6;
pub const SQL_C_BIT: i16 = -7;
pub const SQL_C_WCHAR: i16 = -8;
pub const SQL_C_GUID: i16 = -11;
pub const SQL_C_SSHORT: i16 = -15;
pub const SQL_C_SLONG: i16 = -16;
pub const SQL_C_USHORT: i16 = -17;
pub const SQL_C_ULONG: i16 = -18;
pub const SQL_C_SBIGINT: i16 = -25;
pub const SQL_C_STINYINT: i16 = -26;
pub const SQL_C_UBIGINT: i16 = -27;
pub const SQL_C_UTINYINT: i16 = -28;
pub const SQL_ARD_TYPE: i16 = -99;
pub const SQL_APD_TYPE: i16 = -100;

// SQL types: metadata's table has most of them.
pub use crate::metadata::types::{
    SQL_BIGINT, SQL_BINARY, SQL_BIT, SQL_CHAR, SQL_DATETIME, SQL_DECIMAL, SQL_DOUBLE, SQL_FLOAT, SQL_GUID, SQL_INTEGER,
    SQL_LONGVARBINARY, SQL_LONGVARCHAR, SQL_NUMERIC, SQL_REAL, SQL_SMALLINT, SQL_TINYINT, SQL_TYPE_DATE, SQL_TYPE_TIME,
    SQL_TYPE_TIMESTAMP, SQL_VARBINARY, SQL_VARCHAR, SQL_WCHAR, SQL_WLONGVARCHAR, SQL_WVARCHAR,
};
pub const SQL_INTERVAL: i16 = 10;
pub const SQL_TIMESTAMP: i16 = 11;
pub const SQL_ALL_TYPES: i16 = 0;

// Fetching
pub const SQL_FETCH_NEXT: i16 = 1;
pub const SQL_FETCH_FIRST: i16 = 2;
pub const SQL_FETCH_LAST: i16 = 3;
pub const SQL_FETCH_PRIOR: i16 = 4;
pub const SQL_FETCH_ABSOLUTE: i16 = 5;
pub const SQL_FETCH_RELATIVE: i16 = 6;
pub const SQL_FETCH_BOOKMARK: i16 = 8;
pub const SQL_ROW_SUCCESS: u16 = 0;
pub const SQL_ROW_NOROW: u16 = 3;
pub const SQL_ROW_ERROR: u16 = 5;
pub const SQL_ROW_SUCCESS_WITH_INFO: u16 = 6;
pub const SQL_BIND_BY_COLUMN: usize = 0;
pub const SQL_RD_OFF: usize = 0;
pub const SQL_RD_ON: usize = 1;

pub const SQL_CLOSE: u16 = 0;
pub const SQL_DROP: u16 = 1;
pub const SQL_UNBIND: u16 = 2;
pub const SQL_RESET_PARAMS: u16 = 3;

// Cursors
pub const SQL_CURSOR_FORWARD_ONLY: usize = 0;
pub const SQL_CURSOR_STATIC: usize = 3;
pub const SQL_SCROLLABLE: usize = 1;
pub const SQL_UNSPECIFIED: usize = 0;
pub const SQL_INSENSITIVE: usize = 1;
pub const SQL_SENSITIVE: usize = 2;
pub const SQL_CONCUR_READ_ONLY: usize = 1;
pub const SQL_CONCUR_VALUES: usize = 4;
pub const SQL_UB_OFF: usize = 0;
pub const SQL_UB_VARIABLE: usize = 2;
pub const SQL_SC_NON_UNIQUE: usize = 0;

// SQLSetPos
pub const SQL_POSITION: u16 = 0;
pub const SQL_REFRESH: u16 = 1;
pub const SQL_UPDATE: u16 = 2;
pub const SQL_DELETE: u16 = 3;
pub const SQL_ADD: u16 = 4;
/// SQL_ADD of SQLBulkOperations, which takes an SQLSMALLINT.
pub const SQL_ADD_BY_BULK: i16 = 4;
pub const SQL_UPDATE_BY_BOOKMARK: i16 = 5;
pub const SQL_DELETE_BY_BOOKMARK: i16 = 6;
pub const SQL_FETCH_BY_BOOKMARK: i16 = 7;
pub const SQL_LOCK_NO_CHANGE: u16 = 0;
pub const SQL_LOCK_EXCLUSIVE: u16 = 1;
pub const SQL_LOCK_UNLOCK: u16 = 2;

// Parameters
pub const SQL_PARAM_INPUT: i16 = 1;
pub const SQL_PARAM_INPUT_OUTPUT: i16 = 2;
pub const SQL_PARAM_OUTPUT: i16 = 4;
pub const SQL_PARAM_SUCCESS: u16 = 0;
pub const SQL_PARAM_ERROR: u16 = 5;
pub const SQL_PARAM_SUCCESS_WITH_INFO: u16 = 6;
pub const SQL_PARAM_UNUSED: u16 = 7;
pub const SQL_PARAM_IGNORE: u16 = 1;

// Connections
pub const SQL_MODE_READ_WRITE: usize = 0;
pub const SQL_MODE_READ_ONLY: usize = 1;
pub const SQL_AUTOCOMMIT_OFF: usize = 0;
pub const SQL_AUTOCOMMIT_ON: usize = 1;
pub const SQL_TXN_READ_COMMITTED: usize = 2;
pub const SQL_CD_TRUE: usize = 1;
pub const SQL_CD_FALSE: usize = 0;
pub const SQL_CUR_USE_DRIVER: usize = 2;
pub const SQL_RESET_CONNECTION_YES: usize = 1;
pub const SQL_DRIVER_PROMPT: u16 = 2;
pub const SQL_DRIVER_NOPROMPT: u16 = 0;
pub const SQL_DRIVER_COMPLETE_REQUIRED: u16 = 3;
pub const SQL_COMMIT: i16 = 0;
pub const SQL_ROLLBACK: i16 = 1;

// Catalog functions
pub const SQL_BEST_ROWID: u16 = 1;
pub const SQL_ROWVER: u16 = 2;
pub const SQL_SCOPE_SESSION: u16 = 2;
pub const SQL_INDEX_UNIQUE: u16 = 0;
pub const SQL_INDEX_ALL: u16 = 1;
pub const SQL_QUICK: u16 = 0;
pub const SQL_ENSURE: u16 = 1;

pub const SQL_API_ALL_FUNCTIONS: u16 = 0;
pub const SQL_API_ODBC3_ALL_FUNCTIONS: u16 = 999;
pub const SQL_API_ODBC3_ALL_FUNCTIONS_SIZE: usize = 250;

#[cfg(test)]
mod tests {
    use odbc_sys::{
        CDataType, Desc, EnvironmentAttribute, NULL_DATA, SqlDataType, SqlReturn, StatementAttribute, len_data_at_exec,
    };

    use super::*;

    #[test]
    fn values_agree_with_odbc_sys() {
        assert_eq!(SQL_SUCCESS, SqlReturn::SUCCESS.0);
        assert_eq!(SQL_SUCCESS_WITH_INFO, SqlReturn::SUCCESS_WITH_INFO.0);
        assert_eq!(SQL_NEED_DATA, SqlReturn::NEED_DATA.0);
        assert_eq!(SQL_NO_DATA, SqlReturn::NO_DATA.0);
        assert_eq!(SQL_INVALID_HANDLE, SqlReturn::INVALID_HANDLE.0);
        assert_eq!(SQL_NULL_DATA, NULL_DATA);
        assert_eq!(SQL_DATA_AT_EXEC, odbc_sys::DATA_AT_EXEC);
        assert_eq!(SQL_LEN_DATA_AT_EXEC_OFFSET - 7, len_data_at_exec(7));
        for (ours, theirs) in [
            (SQL_C_CHAR, CDataType::Char),
            (SQL_C_NUMERIC, CDataType::Numeric),
            (SQL_C_WCHAR, CDataType::WChar),
            (SQL_C_BINARY, CDataType::Binary),
            (SQL_C_BIT, CDataType::Bit),
            (SQL_C_SLONG, CDataType::SLong),
            (SQL_C_ULONG, CDataType::ULong),
            (SQL_C_SSHORT, CDataType::SShort),
            (SQL_C_USHORT, CDataType::UShort),
            (SQL_C_STINYINT, CDataType::STinyInt),
            (SQL_C_UTINYINT, CDataType::UTinyInt),
            (SQL_C_SBIGINT, CDataType::SBigInt),
            (SQL_C_UBIGINT, CDataType::UBigInt),
            (SQL_C_FLOAT, CDataType::Float),
            (SQL_C_DOUBLE, CDataType::Double),
            (SQL_C_GUID, CDataType::Guid),
            (SQL_C_TYPE_DATE, CDataType::TypeDate),
            (SQL_C_TYPE_TIME, CDataType::TypeTime),
            (SQL_C_TYPE_TIMESTAMP, CDataType::TypeTimestamp),
            (SQL_C_DEFAULT, CDataType::Default),
            (SQL_C_INTERVAL_YEAR, CDataType::IntervalYear),
            (SQL_C_INTERVAL_MINUTE_TO_SECOND, CDataType::IntervalMinuteToSecond),
            (SQL_ARD_TYPE, CDataType::Ard),
            (SQL_APD_TYPE, CDataType::Apd),
        ] {
            assert_eq!(ours, theirs as i16, "{theirs:?}");
        }
        for (ours, theirs) in [
            (SQL_CHAR, SqlDataType::CHAR),
            (SQL_NUMERIC, SqlDataType::NUMERIC),
            (SQL_DECIMAL, SqlDataType::DECIMAL),
            (SQL_INTEGER, SqlDataType::INTEGER),
            (SQL_VARCHAR, SqlDataType::VARCHAR),
            (SQL_TYPE_TIMESTAMP, SqlDataType::TIMESTAMP),
            (SQL_WVARCHAR, SqlDataType::EXT_W_VARCHAR),
            (SQL_WLONGVARCHAR, SqlDataType::EXT_W_LONG_VARCHAR),
            (SQL_BIGINT, SqlDataType::EXT_BIG_INT),
            (SQL_VARBINARY, SqlDataType::EXT_VAR_BINARY),
            (SQL_GUID, SqlDataType::EXT_GUID),
        ] {
            assert_eq!(ours, theirs.0);
        }
        for (ours, theirs) in [
            (SQL_DESC_CONCISE_TYPE, Desc::ConciseType),
            (SQL_DESC_DISPLAY_SIZE, Desc::DisplaySize),
            (SQL_DESC_LABEL, Desc::Label),
            (SQL_DESC_ARRAY_SIZE, Desc::ArraySize),
            (SQL_DESC_ARRAY_STATUS_PTR, Desc::ArrayStatusPtr),
            (SQL_DESC_BIND_OFFSET_PTR, Desc::BindOffsetPtr),
            (SQL_DESC_BIND_TYPE, Desc::BindType),
            (SQL_DESC_NUM_PREC_RADIX, Desc::NumPrecRadix),
            (SQL_DESC_ROWS_PROCESSED_PTR, Desc::RowsProcessedPtr),
            (SQL_DESC_COUNT, Desc::Count),
            (SQL_DESC_TYPE, Desc::Type),
            (SQL_DESC_LENGTH, Desc::Length),
            (SQL_DESC_OCTET_LENGTH_PTR, Desc::OctetLengthPtr),
            (SQL_DESC_PRECISION, Desc::Precision),
            (SQL_DESC_SCALE, Desc::Scale),
            (SQL_DESC_INDICATOR_PTR, Desc::IndicatorPtr),
            (SQL_DESC_DATA_PTR, Desc::DataPtr),
            (SQL_DESC_NAME, Desc::Name),
            (SQL_DESC_UNNAMED, Desc::Unnamed),
            (SQL_DESC_OCTET_LENGTH, Desc::OctetLength),
            (SQL_DESC_ALLOC_TYPE, Desc::AllocType),
        ] {
            assert_eq!(ours, theirs as i16, "{theirs:?}");
        }
        for (ours, theirs) in [
            (SQL_ATTR_QUERY_TIMEOUT, StatementAttribute::QueryTimeout),
            (SQL_ATTR_MAX_ROWS, StatementAttribute::MaxRows),
            (SQL_ATTR_MAX_LENGTH, StatementAttribute::MaxLength),
            (SQL_ATTR_PARAMSET_SIZE, StatementAttribute::ParamsetSize),
            (SQL_ATTR_PARAM_BIND_TYPE, StatementAttribute::ParamBindType),
            (SQL_ATTR_PARAMS_PROCESSED_PTR, StatementAttribute::ParamsProcessedPtr),
            (SQL_ATTR_ROW_ARRAY_SIZE, StatementAttribute::RowArraySize),
            (SQL_ATTR_ROWS_FETCHED_PTR, StatementAttribute::RowsFetchedPtr),
            (SQL_ATTR_ROW_STATUS_PTR, StatementAttribute::RowStatusPtr),
            (SQL_ATTR_ROW_BIND_OFFSET_PTR, StatementAttribute::RowBindOffsetPtr),
            (SQL_ATTR_APP_ROW_DESC, StatementAttribute::AppRowDesc),
            (SQL_ATTR_METADATA_ID, StatementAttribute::MetadataId),
        ] {
            assert_eq!(ours, theirs as i32, "{theirs:?}");
        }
        assert_eq!(SQL_ATTR_ODBC_VERSION, EnvironmentAttribute::OdbcVersion as i32);
    }
}
