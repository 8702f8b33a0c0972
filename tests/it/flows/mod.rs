//! The calls of programs that cannot be run here, in their order, as traces and their makers' documents have them.

mod abi;
mod access;
mod client;
mod dbd_odbc;
mod dotnet;
mod excel;
mod linked_server;
mod ms_query;
mod power_bi;
mod power_query;
mod rowset;
mod ssis;
mod statement;
mod tableau;
mod text;

use okta_odbc::catalog::Catalog;

/// Every table, in the order of SQLTables.
fn table_names() -> Vec<String> {
    let catalog = Catalog::embedded();
    client::sorted(catalog.tables().iter().map(|table| table.name.clone()).collect())
}
