//! The answers to SQLGetInfo, one row per info type, ordered by id.

use super::bits::*;
use super::scalar::{Group, intervals, mask};
use super::{Facts, InfoValue};
use crate::catalog::CATALOG_NAME;

/// Where an answer comes from; the variant is its shape.
#[derive(Debug, Clone, Copy)]
pub enum Answer {
    Text(&'static str),
    U16(u16),
    U32(u32),
    /// Text that depends on the connection.
    Fact(fn(&Facts) -> InfoValue),
    /// Handles, which the driver manager answers itself.
    Handle,
}

/// One info type.
#[derive(Debug, Clone, Copy)]
pub struct Info {
    pub id: u16,
    pub name: &'static str,
    pub answer: Answer,
}

const fn info(id: u16, name: &'static str, answer: Answer) -> Info {
    Info { id, name, answer }
}

#[cfg(windows)]
const DRIVER_NAME: &str = "okta_odbc.dll";
#[cfg(target_os = "macos")]
const DRIVER_NAME: &str = "libokta_odbc.dylib";
#[cfg(not(any(windows, target_os = "macos")))]
const DRIVER_NAME: &str = "libokta_odbc.so";

/// SQL Server's form and number, since SQLAlchemy's mssql dialect chooses its SQL by it.
const DBMS_VERSION: &str = "16.00.1000";

/// Longest names, as the result sets of catalog functions declare them.
const NAME_LENGTH: u16 = 128;

/// Reserved words of the parser that are not in ODBC's own list (SQL_ODBC_KEYWORDS).
const KEYWORDS: &str = "ANALYZE,ANTI,ARRAY,ASOF,CLUSTER,DISTRIBUTE,EXCLUDE,EXPLAIN,FORMAT,LATERAL,LIMIT,\
    MATCH_CONDITION,MATCH_RECOGNIZE,MINUS,OFFSET,PARTITION,PIVOT,PREWHERE,QUALIFY,RETURNING,SAMPLE,SEMI,SETTINGS,SORT,\
    START,STRUCT,TABLESAMPLE,TOP,UNPIVOT,WINDOW";

const OUTER_JOINS: u32 = SQL_OJ_LEFT
    | SQL_OJ_RIGHT
    | SQL_OJ_FULL
    | SQL_OJ_NESTED
    | SQL_OJ_NOT_ORDERED
    | SQL_OJ_INNER
    | SQL_OJ_ALL_COMPARISON_OPS;
const FETCH_DIRECTIONS: u32 = SQL_FD_FETCH_NEXT
    | SQL_FD_FETCH_FIRST
    | SQL_FD_FETCH_LAST
    | SQL_FD_FETCH_PRIOR
    | SQL_FD_FETCH_ABSOLUTE
    | SQL_FD_FETCH_RELATIVE
    | SQL_FD_FETCH_BOOKMARK;
/// Of forward-only and static cursors alike.
const CURSORS: u32 = SQL_CA2_READ_ONLY_CONCURRENCY | SQL_CA2_MAX_ROWS_SELECT | SQL_CA2_MAX_ROWS_CATALOG;
const FORWARD_ONLY_CURSORS: u32 = SQL_CA1_NEXT | SQL_CA1_LOCK_NO_CHANGE | SQL_CA1_POS_POSITION | SQL_CA1_POS_REFRESH;
const STATIC_CURSORS: u32 = SQL_CA1_NEXT
    | SQL_CA1_ABSOLUTE
    | SQL_CA1_RELATIVE
    | SQL_CA1_BOOKMARK
    | SQL_CA1_LOCK_NO_CHANGE
    | SQL_CA1_POS_POSITION
    | SQL_CA1_POS_REFRESH;
const PREDICATES: u32 = SQL_SP_EXISTS
    | SQL_SP_ISNOTNULL
    | SQL_SP_ISNULL
    | SQL_SP_LIKE
    | SQL_SP_IN
    | SQL_SP_BETWEEN
    | SQL_SP_COMPARISON
    | SQL_SP_QUANTIFIED_COMPARISON;
const JOINS: u32 = SQL_SRJO_CROSS_JOIN
    | SQL_SRJO_EXCEPT_JOIN
    | SQL_SRJO_FULL_OUTER_JOIN
    | SQL_SRJO_INNER_JOIN
    | SQL_SRJO_INTERSECT_JOIN
    | SQL_SRJO_LEFT_OUTER_JOIN
    | SQL_SRJO_NATURAL_JOIN
    | SQL_SRJO_RIGHT_OUTER_JOIN;
const STRING_FUNCTIONS: u32 = SQL_SSF_LOWER
    | SQL_SSF_UPPER
    | SQL_SSF_SUBSTRING
    | SQL_SSF_TRIM_BOTH
    | SQL_SSF_TRIM_LEADING
    | SQL_SSF_TRIM_TRAILING;

/// `##.##.####` of the crate's version.
fn driver_version() -> String {
    let mut parts = env!("CARGO_PKG_VERSION")
        .split(['.', '-', '+'])
        .map(|part| part.parse().unwrap_or(0_u32));
    let mut next = || parts.next().unwrap_or(0);
    format!("{:02}.{:02}.{:04}", next(), next(), next())
}

use Answer::*;

/// Every info type of ODBC 3.8, the older ones that ODBC 2 applications ask, and 180 and 1750 of newer managers.
pub const TABLE: &[Info] = &[
    info(0, "SQL_MAX_DRIVER_CONNECTIONS", U16(0)),
    info(1, "SQL_MAX_CONCURRENT_ACTIVITIES", U16(0)),
    info(
        2,
        "SQL_DATA_SOURCE_NAME",
        Fact(|facts| InfoValue::Text(facts.dsn.clone())),
    ),
    info(3, "SQL_DRIVER_HDBC", Handle),
    info(4, "SQL_DRIVER_HENV", Handle),
    info(5, "SQL_DRIVER_HSTMT", Handle),
    info(6, "SQL_DRIVER_NAME", Text(DRIVER_NAME)),
    info(7, "SQL_DRIVER_VER", Fact(|_| InfoValue::Text(driver_version()))),
    info(8, "SQL_FETCH_DIRECTION", U32(FETCH_DIRECTIONS)),
    info(9, "SQL_ODBC_API_CONFORMANCE", U16(SQL_OAC_LEVEL1)),
    info(10, "SQL_ODBC_VER", Text("03.80")),
    info(11, "SQL_ROW_UPDATES", Text("N")),
    info(12, "SQL_ODBC_SAG_CLI_CONFORMANCE", U16(SQL_OSCC_COMPLIANT)),
    info(
        13,
        "SQL_SERVER_NAME",
        Fact(|facts| InfoValue::Text(facts.server.clone())),
    ),
    info(14, "SQL_SEARCH_PATTERN_ESCAPE", Text("\\")),
    info(15, "SQL_ODBC_SQL_CONFORMANCE", U16(SQL_OSC_CORE)),
    info(16, "SQL_DATABASE_NAME", Text(CATALOG_NAME)),
    info(17, "SQL_DBMS_NAME", Text("Okta")),
    info(18, "SQL_DBMS_VER", Text(DBMS_VERSION)),
    info(19, "SQL_ACCESSIBLE_TABLES", Text("N")),
    info(20, "SQL_ACCESSIBLE_PROCEDURES", Text("N")),
    info(21, "SQL_PROCEDURES", Text("N")),
    info(22, "SQL_CONCAT_NULL_BEHAVIOR", U16(SQL_CB_NULL)),
    info(23, "SQL_CURSOR_COMMIT_BEHAVIOR", U16(SQL_CB_PRESERVE)),
    info(24, "SQL_CURSOR_ROLLBACK_BEHAVIOR", U16(SQL_CB_PRESERVE)),
    info(
        25,
        "SQL_DATA_SOURCE_READ_ONLY",
        Fact(|facts| InfoValue::Text(if facts.read_only { "Y" } else { "N" }.to_owned())),
    ),
    info(26, "SQL_DEFAULT_TXN_ISOLATION", U32(SQL_TXN_READ_COMMITTED)),
    info(27, "SQL_EXPRESSIONS_IN_ORDERBY", Text("Y")),
    info(28, "SQL_IDENTIFIER_CASE", U16(SQL_IC_MIXED)),
    info(29, "SQL_IDENTIFIER_QUOTE_CHAR", Text("\"")),
    info(30, "SQL_MAX_COLUMN_NAME_LEN", U16(NAME_LENGTH)),
    info(31, "SQL_MAX_CURSOR_NAME_LEN", U16(NAME_LENGTH)),
    info(32, "SQL_MAX_SCHEMA_NAME_LEN", U16(NAME_LENGTH)),
    info(33, "SQL_MAX_PROCEDURE_NAME_LEN", U16(NAME_LENGTH)),
    info(34, "SQL_MAX_CATALOG_NAME_LEN", U16(NAME_LENGTH)),
    info(35, "SQL_MAX_TABLE_NAME_LEN", U16(NAME_LENGTH)),
    info(36, "SQL_MULT_RESULT_SETS", Text("Y")),
    info(37, "SQL_MULTIPLE_ACTIVE_TXN", Text("N")),
    info(38, "SQL_OUTER_JOINS", Text("Y")),
    info(39, "SQL_SCHEMA_TERM", Text("schema")),
    info(40, "SQL_PROCEDURE_TERM", Text("procedure")),
    info(41, "SQL_CATALOG_NAME_SEPARATOR", Text(".")),
    info(42, "SQL_CATALOG_TERM", Text("catalog")),
    info(43, "SQL_SCROLL_CONCURRENCY", U32(SQL_SCCO_READ_ONLY)),
    info(44, "SQL_SCROLL_OPTIONS", U32(SQL_SO_FORWARD_ONLY | SQL_SO_STATIC)),
    info(45, "SQL_TABLE_TERM", Text("table")),
    info(46, "SQL_TXN_CAPABLE", U16(SQL_TC_NONE)),
    info(47, "SQL_USER_NAME", Fact(|facts| InfoValue::Text(facts.user.clone()))),
    info(48, "SQL_CONVERT_FUNCTIONS", U32(SQL_FN_CVT_CONVERT | SQL_FN_CVT_CAST)),
    info(49, "SQL_NUMERIC_FUNCTIONS", U32(mask(Group::Numeric))),
    info(50, "SQL_STRING_FUNCTIONS", U32(mask(Group::String))),
    info(51, "SQL_SYSTEM_FUNCTIONS", U32(mask(Group::System))),
    info(52, "SQL_TIMEDATE_FUNCTIONS", U32(mask(Group::Timedate))),
    info(53, "SQL_CONVERT_BIGINT", U32(FROM_NUMBER)),
    info(54, "SQL_CONVERT_BINARY", U32(FROM_BINARY)),
    info(55, "SQL_CONVERT_BIT", U32(FROM_NUMBER)),
    info(56, "SQL_CONVERT_CHAR", U32(FROM_TEXT)),
    info(57, "SQL_CONVERT_DATE", U32(FROM_DATE)),
    info(58, "SQL_CONVERT_DECIMAL", U32(FROM_NUMBER)),
    info(59, "SQL_CONVERT_DOUBLE", U32(FROM_NUMBER)),
    info(60, "SQL_CONVERT_FLOAT", U32(FROM_NUMBER)),
    info(61, "SQL_CONVERT_INTEGER", U32(FROM_NUMBER)),
    info(62, "SQL_CONVERT_LONGVARCHAR", U32(FROM_TEXT)),
    info(63, "SQL_CONVERT_NUMERIC", U32(FROM_NUMBER)),
    info(64, "SQL_CONVERT_REAL", U32(FROM_NUMBER)),
    info(65, "SQL_CONVERT_SMALLINT", U32(FROM_NUMBER)),
    info(66, "SQL_CONVERT_TIME", U32(FROM_TIME)),
    info(67, "SQL_CONVERT_TIMESTAMP", U32(FROM_TIMESTAMP)),
    info(68, "SQL_CONVERT_TINYINT", U32(FROM_NUMBER)),
    info(69, "SQL_CONVERT_VARBINARY", U32(FROM_BINARY)),
    info(70, "SQL_CONVERT_VARCHAR", U32(FROM_TEXT)),
    info(71, "SQL_CONVERT_LONGVARBINARY", U32(FROM_BINARY)),
    info(72, "SQL_TXN_ISOLATION_OPTION", U32(SQL_TXN_READ_COMMITTED)),
    info(73, "SQL_INTEGRITY", Text("N")),
    info(74, "SQL_CORRELATION_NAME", U16(SQL_CN_ANY)),
    info(75, "SQL_NON_NULLABLE_COLUMNS", U16(SQL_NNC_NON_NULL)),
    info(76, "SQL_DRIVER_HLIB", Handle),
    info(77, "SQL_DRIVER_ODBC_VER", Text("03.80")),
    info(78, "SQL_LOCK_TYPES", U32(SQL_LCK_NO_CHANGE)),
    info(79, "SQL_POS_OPERATIONS", U32(SQL_POS_POSITION | SQL_POS_REFRESH)),
    info(80, "SQL_POSITIONED_STATEMENTS", U32(0)),
    info(
        81,
        "SQL_GETDATA_EXTENSIONS",
        U32(SQL_GD_ANY_COLUMN | SQL_GD_ANY_ORDER | SQL_GD_BLOCK | SQL_GD_BOUND),
    ),
    info(82, "SQL_BOOKMARK_PERSISTENCE", U32(SQL_BP_SCROLL | SQL_BP_TRANSACTION)),
    info(83, "SQL_STATIC_SENSITIVITY", U32(0)),
    info(84, "SQL_FILE_USAGE", U16(SQL_FILE_NOT_SUPPORTED)),
    info(85, "SQL_NULL_COLLATION", U16(SQL_NC_LOW)),
    info(86, "SQL_ALTER_TABLE", U32(0)),
    info(87, "SQL_COLUMN_ALIAS", Text("Y")),
    info(88, "SQL_GROUP_BY", U16(SQL_GB_GROUP_BY_CONTAINS_SELECT)),
    info(89, "SQL_KEYWORDS", Text(KEYWORDS)),
    info(90, "SQL_ORDER_BY_COLUMNS_IN_SELECT", Text("N")),
    info(91, "SQL_SCHEMA_USAGE", U32(SQL_SU_DML_STATEMENTS)),
    info(92, "SQL_CATALOG_USAGE", U32(SQL_CU_DML_STATEMENTS)),
    info(93, "SQL_QUOTED_IDENTIFIER_CASE", U16(SQL_IC_MIXED)),
    info(94, "SQL_SPECIAL_CHARACTERS", Text("#$@")),
    info(
        95,
        "SQL_SUBQUERIES",
        U32(SQL_SQ_COMPARISON | SQL_SQ_EXISTS | SQL_SQ_IN | SQL_SQ_QUANTIFIED | SQL_SQ_CORRELATED_SUBQUERIES),
    ),
    info(96, "SQL_UNION", U32(SQL_U_UNION | SQL_U_UNION_ALL)),
    info(97, "SQL_MAX_COLUMNS_IN_GROUP_BY", U16(0)),
    info(98, "SQL_MAX_COLUMNS_IN_INDEX", U16(0)),
    info(99, "SQL_MAX_COLUMNS_IN_ORDER_BY", U16(0)),
    info(100, "SQL_MAX_COLUMNS_IN_SELECT", U16(0)),
    info(101, "SQL_MAX_COLUMNS_IN_TABLE", U16(0)),
    info(102, "SQL_MAX_INDEX_SIZE", U32(0)),
    info(103, "SQL_MAX_ROW_SIZE_INCLUDES_LONG", Text("Y")),
    info(104, "SQL_MAX_ROW_SIZE", U32(0)),
    info(105, "SQL_MAX_STATEMENT_LEN", U32(0)),
    info(106, "SQL_MAX_TABLES_IN_SELECT", U16(0)),
    info(107, "SQL_MAX_USER_NAME_LEN", U16(0)),
    info(108, "SQL_MAX_CHAR_LITERAL_LEN", U32(0)),
    info(109, "SQL_TIMEDATE_ADD_INTERVALS", U32(intervals())),
    info(110, "SQL_TIMEDATE_DIFF_INTERVALS", U32(intervals())),
    info(111, "SQL_NEED_LONG_DATA_LEN", Text("N")),
    info(112, "SQL_MAX_BINARY_LITERAL_LEN", U32(0)),
    info(113, "SQL_LIKE_ESCAPE_CLAUSE", Text("Y")),
    info(114, "SQL_CATALOG_LOCATION", U16(SQL_CL_START)),
    info(115, "SQL_OJ_CAPABILITIES", U32(OUTER_JOINS)),
    info(116, "SQL_ACTIVE_ENVIRONMENTS", U16(0)),
    info(117, "SQL_ALTER_DOMAIN", U32(0)),
    info(118, "SQL_SQL_CONFORMANCE", U32(SQL_SC_SQL92_FULL)),
    info(
        119,
        "SQL_DATETIME_LITERALS",
        U32(SQL_DL_SQL92_DATE | SQL_DL_SQL92_TIME | SQL_DL_SQL92_TIMESTAMP),
    ),
    info(120, "SQL_BATCH_ROW_COUNT", U32(0)),
    info(121, "SQL_BATCH_SUPPORT", U32(0)),
    info(122, "SQL_CONVERT_WCHAR", U32(FROM_TEXT)),
    info(123, "SQL_CONVERT_INTERVAL_DAY_TIME", U32(TO_TEXT)),
    info(124, "SQL_CONVERT_INTERVAL_YEAR_MONTH", U32(TO_TEXT)),
    info(125, "SQL_CONVERT_WLONGVARCHAR", U32(FROM_TEXT)),
    info(126, "SQL_CONVERT_WVARCHAR", U32(FROM_TEXT)),
    info(127, "SQL_CREATE_ASSERTION", U32(0)),
    info(128, "SQL_CREATE_CHARACTER_SET", U32(0)),
    info(129, "SQL_CREATE_COLLATION", U32(0)),
    info(130, "SQL_CREATE_DOMAIN", U32(0)),
    info(131, "SQL_CREATE_SCHEMA", U32(0)),
    info(132, "SQL_CREATE_TABLE", U32(0)),
    info(133, "SQL_CREATE_TRANSLATION", U32(0)),
    info(134, "SQL_CREATE_VIEW", U32(0)),
    info(135, "SQL_DRIVER_HDESC", Handle),
    info(136, "SQL_DROP_ASSERTION", U32(0)),
    info(137, "SQL_DROP_CHARACTER_SET", U32(0)),
    info(138, "SQL_DROP_COLLATION", U32(0)),
    info(139, "SQL_DROP_DOMAIN", U32(0)),
    info(140, "SQL_DROP_SCHEMA", U32(0)),
    info(141, "SQL_DROP_TABLE", U32(0)),
    info(142, "SQL_DROP_TRANSLATION", U32(0)),
    info(143, "SQL_DROP_VIEW", U32(0)),
    info(144, "SQL_DYNAMIC_CURSOR_ATTRIBUTES1", U32(0)),
    info(145, "SQL_DYNAMIC_CURSOR_ATTRIBUTES2", U32(0)),
    info(146, "SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES1", U32(FORWARD_ONLY_CURSORS)),
    info(147, "SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES2", U32(CURSORS)),
    info(148, "SQL_INDEX_KEYWORDS", U32(0)),
    info(149, "SQL_INFO_SCHEMA_VIEWS", U32(0)),
    info(150, "SQL_KEYSET_CURSOR_ATTRIBUTES1", U32(0)),
    info(151, "SQL_KEYSET_CURSOR_ATTRIBUTES2", U32(0)),
    info(152, "SQL_ODBC_INTERFACE_CONFORMANCE", U32(SQL_OIC_CORE)),
    info(153, "SQL_PARAM_ARRAY_ROW_COUNTS", U32(SQL_PARC_BATCH)),
    info(154, "SQL_PARAM_ARRAY_SELECTS", U32(SQL_PAS_BATCH)),
    info(
        155,
        "SQL_SQL92_DATETIME_FUNCTIONS",
        U32(SQL_SDF_CURRENT_DATE | SQL_SDF_CURRENT_TIME | SQL_SDF_CURRENT_TIMESTAMP),
    ),
    info(156, "SQL_SQL92_FOREIGN_KEY_DELETE_RULE", U32(0)),
    info(157, "SQL_SQL92_FOREIGN_KEY_UPDATE_RULE", U32(0)),
    info(158, "SQL_SQL92_GRANT", U32(0)),
    info(159, "SQL_SQL92_NUMERIC_VALUE_FUNCTIONS", U32(SQL_SNVF_ALL_OF_THEM)),
    info(160, "SQL_SQL92_PREDICATES", U32(PREDICATES)),
    info(161, "SQL_SQL92_RELATIONAL_JOIN_OPERATORS", U32(JOINS)),
    info(162, "SQL_SQL92_REVOKE", U32(0)),
    info(
        163,
        "SQL_SQL92_ROW_VALUE_CONSTRUCTOR",
        U32(SQL_SRVC_VALUE_EXPRESSION | SQL_SRVC_NULL),
    ),
    info(164, "SQL_SQL92_STRING_FUNCTIONS", U32(STRING_FUNCTIONS)),
    info(
        165,
        "SQL_SQL92_VALUE_EXPRESSIONS",
        U32(SQL_SVE_CASE | SQL_SVE_CAST | SQL_SVE_COALESCE | SQL_SVE_NULLIF),
    ),
    info(
        166,
        "SQL_STANDARD_CLI_CONFORMANCE",
        U32(SQL_SCC_XOPEN_CLI_VERSION1 | SQL_SCC_ISO92_CLI),
    ),
    info(167, "SQL_STATIC_CURSOR_ATTRIBUTES1", U32(STATIC_CURSORS)),
    info(168, "SQL_STATIC_CURSOR_ATTRIBUTES2", U32(CURSORS)),
    info(169, "SQL_AGGREGATE_FUNCTIONS", U32(SQL_AF_ALL_OF_THEM)),
    info(170, "SQL_DDL_INDEX", U32(0)),
    info(171, "SQL_DM_VER", Text("")),
    info(172, "SQL_INSERT_STATEMENT", U32(0)),
    info(173, "SQL_CONVERT_GUID", U32(FROM_GUID)),
    info(180, "SQL_RETURN_ESCAPE_CLAUSE", U32(0)),
    info(1750, "SQL_DTC_TRANSITION_COST", U32(0)),
    info(10000, "SQL_XOPEN_CLI_YEAR", Text("1995")),
    info(10001, "SQL_CURSOR_SENSITIVITY", U32(0)),
    info(10002, "SQL_DESCRIBE_PARAMETER", Text("Y")),
    info(10003, "SQL_CATALOG_NAME", Text("Y")),
    info(10004, "SQL_COLLATION_SEQ", Text("UTF-8")),
    info(10005, "SQL_MAX_IDENTIFIER_LEN", U16(NAME_LENGTH)),
    info(10021, "SQL_ASYNC_MODE", U32(SQL_AM_STATEMENT)),
    info(10022, "SQL_MAX_ASYNC_CONCURRENT_STATEMENTS", U32(0)),
    info(10023, "SQL_ASYNC_DBC_FUNCTIONS", U32(0)),
    info(10024, "SQL_DRIVER_AWARE_POOLING_SUPPORTED", U32(0)),
    info(10025, "SQL_ASYNC_NOTIFICATION", U32(0)),
    info(65003, "SQL_OJ_CAPABILITIES (ODBC 2.01)", U32(OUTER_JOINS)),
];
