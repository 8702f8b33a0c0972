//! sys: the server itself: its one database, its principals, the session that asks.

use super::relation::{Relation, Row, big, bit, instant, int, name, row, small, text, tiny};
use super::sys_objects::relation;
use super::{COLLATION, System};
use crate::catalog::{CATALOG_NAME, SCHEMA_NAME};

/// `db_id()`: the first after SQL Server's four own.
pub const DATABASE_ID: i32 = 5;
/// `@@SPID`: the first that SQL Server gives to users.
pub const SESSION_ID: i32 = 51;
/// `APP_NAME()`
pub const PROGRAM: &str = "Okta ODBC Driver";
/// Who asks: the token knows, and nothing is asked to find out.
pub const LOGIN: &str = "okta";
pub const LANGUAGE: &str = "us_english";
/// SQL Server 2022.
pub const COMPATIBILITY_LEVEL: i32 = 160;
/// READ COMMITTED: what SQL Server has without SET TRANSACTION ISOLATION LEVEL.
const READ_COMMITTED: i32 = 2;
/// `us_english` starts its weeks on Sunday.
pub const DATE_FIRST: i32 = 7;

pub const RELATIONS: &[Relation] = &[
    relation(
        "databases",
        &[
            name("name"),
            int("database_id"),
            int("source_database_id").null(),
            instant("create_date").null(),
            tiny("compatibility_level"),
            name("collation_name").null(),
            tiny("user_access").null(),
            text("user_access_desc", 60).null(),
            bit("is_read_only").null(),
            tiny("state").null(),
            text("state_desc", 60).null(),
            bit("is_in_standby").null(),
            tiny("snapshot_isolation_state").null(),
            text("snapshot_isolation_state_desc", 60).null(),
            bit("is_read_committed_snapshot_on").null(),
            tiny("recovery_model").null(),
            text("recovery_model_desc", 60).null(),
        ],
        databases,
    ),
    relation(
        "database_principals",
        &[
            name("name"),
            int("principal_id"),
            text("type", 1),
            text("type_desc", 60).null(),
            name("default_schema_name").null(),
            int("owning_principal_id").null(),
            bit("is_fixed_role"),
        ],
        database_principals,
    ),
    relation(
        "dm_exec_sessions",
        &[
            small("session_id"),
            instant("login_time").null(),
            name("host_name").null(),
            name("program_name").null(),
            int("host_process_id").null(),
            name("login_name"),
            text("status", 30),
            name("language").null(),
            text("date_format", 3).null(),
            small("date_first"),
            bit("quoted_identifier"),
            bit("ansi_nulls"),
            small("transaction_isolation_level"),
            int("lock_timeout"),
            int("deadlock_priority"),
            big("row_count"),
            name("original_login_name"),
            bit("is_user_process"),
            small("database_id"),
            int("open_transaction_count"),
        ],
        sessions,
    ),
];

fn databases(_: &System) -> Vec<Row> {
    vec![row![
        CATALOG_NAME,
        DATABASE_ID,
        (),
        (),
        COMPATIBILITY_LEVEL,
        COLLATION,
        0,
        "MULTI_USER",
        true,
        0,
        "ONLINE",
        false,
        0,
        "OFF",
        false,
        3,
        "SIMPLE",
    ]]
}

fn database_principals(_: &System) -> Vec<Row> {
    vec![row![SCHEMA_NAME, 1, "S", "SQL_USER", SCHEMA_NAME, (), false]]
}

/// The one session that a connection sees is its own.
fn sessions(_: &System) -> Vec<Row> {
    vec![row![
        SESSION_ID,
        (),
        (),
        PROGRAM,
        (),
        LOGIN,
        "running",
        LANGUAGE,
        "mdy",
        DATE_FIRST,
        true,
        true,
        READ_COMMITTED,
        -1,
        0,
        0,
        LOGIN,
        true,
        DATABASE_ID,
        0,
    ]]
}
