//! Values and bits of SQLGetInfo answers, by their names in sqlext.h; only those that the driver answers.

pub const SQL_CB_NULL: u16 = 0;
pub const SQL_CB_PRESERVE: u16 = 2;
pub const SQL_CL_START: u16 = 1;
pub const SQL_CN_ANY: u16 = 2;
pub const SQL_FILE_NOT_SUPPORTED: u16 = 0;
pub const SQL_GB_GROUP_BY_CONTAINS_SELECT: u16 = 2;
pub const SQL_IC_MIXED: u16 = 4;
pub const SQL_NC_LOW: u16 = 1;
pub const SQL_NNC_NON_NULL: u16 = 1;
pub const SQL_OAC_LEVEL1: u16 = 1;
pub const SQL_OSC_CORE: u16 = 1;
pub const SQL_OSCC_COMPLIANT: u16 = 1;
pub const SQL_TC_NONE: u16 = 0;

pub const SQL_AF_ALL_OF_THEM: u32 = 0x7F;
pub const SQL_AM_STATEMENT: u32 = 2;
pub const SQL_BP_TRANSACTION: u32 = 0x08;
pub const SQL_BP_SCROLL: u32 = 0x40;
pub const SQL_CA1_NEXT: u32 = 0x1;
pub const SQL_CA1_ABSOLUTE: u32 = 0x2;
pub const SQL_CA1_RELATIVE: u32 = 0x4;
pub const SQL_CA1_BOOKMARK: u32 = 0x8;
pub const SQL_CA1_LOCK_NO_CHANGE: u32 = 0x40;
pub const SQL_CA1_POS_POSITION: u32 = 0x200;
pub const SQL_CA1_POS_REFRESH: u32 = 0x1000;
pub const SQL_CA2_READ_ONLY_CONCURRENCY: u32 = 0x1;
pub const SQL_CA2_MAX_ROWS_SELECT: u32 = 0x80;
pub const SQL_CA2_MAX_ROWS_CATALOG: u32 = 0x800;
pub const SQL_CU_DML_STATEMENTS: u32 = 0x1;
pub const SQL_DL_SQL92_DATE: u32 = 0x1;
pub const SQL_DL_SQL92_TIME: u32 = 0x2;
pub const SQL_DL_SQL92_TIMESTAMP: u32 = 0x4;
pub const SQL_FD_FETCH_NEXT: u32 = 0x1;
pub const SQL_FD_FETCH_FIRST: u32 = 0x2;
pub const SQL_FD_FETCH_LAST: u32 = 0x4;
pub const SQL_FD_FETCH_PRIOR: u32 = 0x8;
pub const SQL_FD_FETCH_ABSOLUTE: u32 = 0x10;
pub const SQL_FD_FETCH_RELATIVE: u32 = 0x20;
pub const SQL_FD_FETCH_BOOKMARK: u32 = 0x80;
pub const SQL_FN_CVT_CONVERT: u32 = 0x1;
pub const SQL_FN_CVT_CAST: u32 = 0x2;
pub const SQL_GD_ANY_COLUMN: u32 = 0x1;
pub const SQL_GD_ANY_ORDER: u32 = 0x2;
pub const SQL_GD_BLOCK: u32 = 0x4;
pub const SQL_GD_BOUND: u32 = 0x8;
pub const SQL_LCK_NO_CHANGE: u32 = 0x1;
pub const SQL_OIC_CORE: u32 = 1;
pub const SQL_OJ_LEFT: u32 = 0x01;
pub const SQL_OJ_RIGHT: u32 = 0x02;
pub const SQL_OJ_FULL: u32 = 0x04;
pub const SQL_OJ_NESTED: u32 = 0x08;
pub const SQL_OJ_NOT_ORDERED: u32 = 0x10;
pub const SQL_OJ_INNER: u32 = 0x20;
pub const SQL_OJ_ALL_COMPARISON_OPS: u32 = 0x40;
/// Each set of parameters has a row count and a result set of its own, reached by SQLMoreResults.
pub const SQL_PARC_BATCH: u32 = 1;
pub const SQL_PAS_BATCH: u32 = 1;
pub const SQL_SC_SQL92_FULL: u32 = 0x8;
pub const SQL_SCC_XOPEN_CLI_VERSION1: u32 = 0x1;
pub const SQL_SCC_ISO92_CLI: u32 = 0x2;
pub const SQL_SCCO_READ_ONLY: u32 = 0x1;
pub const SQL_SDF_CURRENT_DATE: u32 = 0x1;
pub const SQL_SDF_CURRENT_TIME: u32 = 0x2;
pub const SQL_SDF_CURRENT_TIMESTAMP: u32 = 0x4;
pub const SQL_SNVF_ALL_OF_THEM: u32 = 0x3F;
pub const SQL_POS_POSITION: u32 = 0x1;
pub const SQL_POS_REFRESH: u32 = 0x2;
pub const SQL_SO_FORWARD_ONLY: u32 = 0x1;
pub const SQL_SO_STATIC: u32 = 0x10;
pub const SQL_SP_EXISTS: u32 = 0x0001;
pub const SQL_SP_ISNOTNULL: u32 = 0x0002;
pub const SQL_SP_ISNULL: u32 = 0x0004;
pub const SQL_SP_LIKE: u32 = 0x0200;
pub const SQL_SP_IN: u32 = 0x0400;
pub const SQL_SP_BETWEEN: u32 = 0x0800;
pub const SQL_SP_COMPARISON: u32 = 0x1000;
pub const SQL_SP_QUANTIFIED_COMPARISON: u32 = 0x2000;
pub const SQL_SQ_COMPARISON: u32 = 0x01;
pub const SQL_SQ_EXISTS: u32 = 0x02;
pub const SQL_SQ_IN: u32 = 0x04;
pub const SQL_SQ_QUANTIFIED: u32 = 0x08;
pub const SQL_SQ_CORRELATED_SUBQUERIES: u32 = 0x10;
pub const SQL_SRJO_CROSS_JOIN: u32 = 0x002;
pub const SQL_SRJO_EXCEPT_JOIN: u32 = 0x004;
pub const SQL_SRJO_FULL_OUTER_JOIN: u32 = 0x008;
pub const SQL_SRJO_INNER_JOIN: u32 = 0x010;
pub const SQL_SRJO_INTERSECT_JOIN: u32 = 0x020;
pub const SQL_SRJO_LEFT_OUTER_JOIN: u32 = 0x040;
pub const SQL_SRJO_NATURAL_JOIN: u32 = 0x080;
pub const SQL_SRJO_RIGHT_OUTER_JOIN: u32 = 0x100;
pub const SQL_SRVC_VALUE_EXPRESSION: u32 = 0x1;
pub const SQL_SRVC_NULL: u32 = 0x2;
pub const SQL_SSF_LOWER: u32 = 0x02;
pub const SQL_SSF_UPPER: u32 = 0x04;
pub const SQL_SSF_SUBSTRING: u32 = 0x08;
pub const SQL_SSF_TRIM_BOTH: u32 = 0x20;
pub const SQL_SSF_TRIM_LEADING: u32 = 0x40;
pub const SQL_SSF_TRIM_TRAILING: u32 = 0x80;
pub const SQL_SU_DML_STATEMENTS: u32 = 0x1;
pub const SQL_SVE_CASE: u32 = 0x1;
pub const SQL_SVE_CAST: u32 = 0x2;
pub const SQL_SVE_COALESCE: u32 = 0x4;
pub const SQL_SVE_NULLIF: u32 = 0x8;
pub const SQL_TXN_READ_COMMITTED: u32 = 0x2;
pub const SQL_U_UNION: u32 = 0x1;
pub const SQL_U_UNION_ALL: u32 = 0x2;

pub const SQL_CVT_CHAR: u32 = 0x0000_0001;
pub const SQL_CVT_NUMERIC: u32 = 0x0000_0002;
pub const SQL_CVT_DECIMAL: u32 = 0x0000_0004;
pub const SQL_CVT_INTEGER: u32 = 0x0000_0008;
pub const SQL_CVT_SMALLINT: u32 = 0x0000_0010;
pub const SQL_CVT_FLOAT: u32 = 0x0000_0020;
pub const SQL_CVT_REAL: u32 = 0x0000_0040;
pub const SQL_CVT_DOUBLE: u32 = 0x0000_0080;
pub const SQL_CVT_VARCHAR: u32 = 0x0000_0100;
pub const SQL_CVT_LONGVARCHAR: u32 = 0x0000_0200;
pub const SQL_CVT_BINARY: u32 = 0x0000_0400;
pub const SQL_CVT_VARBINARY: u32 = 0x0000_0800;
pub const SQL_CVT_BIT: u32 = 0x0000_1000;
pub const SQL_CVT_TINYINT: u32 = 0x0000_2000;
pub const SQL_CVT_BIGINT: u32 = 0x0000_4000;
pub const SQL_CVT_DATE: u32 = 0x0000_8000;
pub const SQL_CVT_TIME: u32 = 0x0001_0000;
pub const SQL_CVT_TIMESTAMP: u32 = 0x0002_0000;
pub const SQL_CVT_LONGVARBINARY: u32 = 0x0004_0000;
pub const SQL_CVT_WCHAR: u32 = 0x0020_0000;
pub const SQL_CVT_WLONGVARCHAR: u32 = 0x0040_0000;
pub const SQL_CVT_WVARCHAR: u32 = 0x0080_0000;
pub const SQL_CVT_GUID: u32 = 0x0100_0000;

/// Conversions of SQL_CONVERT_*, by what they start from. None is 0: driver managers then refuse SQLGetData.
pub const TO_TEXT: u32 =
    SQL_CVT_CHAR | SQL_CVT_VARCHAR | SQL_CVT_LONGVARCHAR | SQL_CVT_WCHAR | SQL_CVT_WVARCHAR | SQL_CVT_WLONGVARCHAR;
const TO_NUMBER: u32 = SQL_CVT_NUMERIC
    | SQL_CVT_DECIMAL
    | SQL_CVT_INTEGER
    | SQL_CVT_SMALLINT
    | SQL_CVT_FLOAT
    | SQL_CVT_REAL
    | SQL_CVT_DOUBLE
    | SQL_CVT_BIT
    | SQL_CVT_TINYINT
    | SQL_CVT_BIGINT;
pub const FROM_TEXT: u32 = TO_TEXT | TO_NUMBER | SQL_CVT_DATE | SQL_CVT_TIME | SQL_CVT_TIMESTAMP | SQL_CVT_GUID;
pub const FROM_NUMBER: u32 = TO_TEXT | TO_NUMBER;
pub const FROM_DATE: u32 = TO_TEXT | SQL_CVT_DATE | SQL_CVT_TIMESTAMP;
pub const FROM_TIME: u32 = TO_TEXT | SQL_CVT_TIME;
pub const FROM_TIMESTAMP: u32 = TO_TEXT | SQL_CVT_DATE | SQL_CVT_TIME | SQL_CVT_TIMESTAMP;
pub const FROM_BINARY: u32 = SQL_CVT_BINARY | SQL_CVT_VARBINARY | SQL_CVT_LONGVARBINARY;
pub const FROM_GUID: u32 = TO_TEXT | SQL_CVT_GUID;
