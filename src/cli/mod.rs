//! The command `okta-odbc`: its arguments, and what each of them runs. The only folder that may print.

mod doctor;
mod install;
mod login;
mod output;
mod query;

use std::ffi::OsString;
use std::io::Write;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::connection::session::ConnectError;

#[derive(Parser)]
#[command(
    name = "okta-odbc",
    version,
    about = "Okta as a relational database: queries, tables, diagnosis, installation"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run one SQL statement and print its rows
    Query {
        #[command(flatten)]
        source: Source,
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// The statement; read from standard input when absent or `-`
        statement: Option<String>,
    },
    /// List the tables, or one table's columns
    Tables {
        #[command(flatten)]
        source: Source,
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
        /// A table, to see its columns
        table: Option<String>,
    },
    /// Connect, and tell what works and what needs mending
    Doctor(Source),
    /// Sign in to Okta in a browser, once, for programs that cannot ask
    Login {
        #[command(flatten)]
        source: Source,
        #[command(flatten)]
        how: How,
    },
    /// Take the tokens of a login out of its settings file
    Logout {
        #[command(flatten)]
        source: Source,
    },
    /// Register the driver with unixODBC
    Install(Scope),
    /// Take the registration back
    Uninstall(Scope),
}

/// Where rows come from.
#[derive(Args)]
#[group(multiple = false)]
struct Source {
    /// A data source name of odbc.ini
    #[arg(long, value_name = "NAME")]
    dsn: Option<String>,
    /// A connection string: "Domain=example.okta.com;APIToken=…"
    #[arg(long, value_name = "STRING")]
    connect: Option<String>,
}

/// Where the browser is.
#[derive(Args)]
struct How {
    /// Confirm a code on any other device
    #[arg(long)]
    device: bool,
    /// Print the address, and read from standard input the code that it leads to
    #[arg(long)]
    print_url: bool,
}

/// Whose registration.
#[derive(Args)]
struct Scope {
    /// For all users of this machine, instead of for you alone (~/.odbcinst.ini)
    #[arg(long)]
    system: bool,
    /// The driver library; the one that runs this command when absent
    #[arg(long, value_name = "FILE")]
    driver: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Csv,
    Json,
}

/// Why the command failed, as it is shown to the user.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Settings(#[from] crate::connection::Error),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Prepare(#[from] crate::connection::PrepareError),
    #[error(transparent)]
    Engine(#[from] crate::engine::Error),
    #[error("Name a data source: --dsn NAME, or --connect \"Domain=example.okta.com;APIToken=…\"")]
    NoSource,
    #[error("{0} of these need mending")]
    Unwell(usize),
    #[error(transparent)]
    Okta(#[from] crate::okta::Error),
    #[error("{0}")]
    Login(String),
    #[error("The query was interrupted")]
    Interrupted,
    #[error("There is no table {0}. `okta-odbc tables` lists them")]
    NoTable(String),
    #[error("{path}: {cause}")]
    File { path: String, cause: std::io::Error },
    #[error("{0}")]
    Install(String),
    #[error(transparent)]
    Output(#[from] std::io::Error),
    #[error(transparent)]
    Format(#[from] arrow::error::ArrowError),
}

/// Runs the command and returns its exit code: 0, 1 for a failure, 2 for arguments that it does not take.
pub fn main(arguments: Vec<OsString>) -> i32 {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version come here too, with exit code 0.
            let _ = error.print();
            return error.exit_code();
        }
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let result = match arguments.command {
        Command::Query {
            source,
            format,
            statement,
        } => query::run(&mut out, &source, format, statement),
        Command::Tables { source, format, table } => query::tables(&mut out, &source, format, table.as_deref()),
        Command::Doctor(source) => doctor::run(&mut out, &source),
        Command::Login { source, how } => login::login(&mut out, &source, &how),
        Command::Logout { source } => login::logout(&mut out, &source),
        Command::Install(scope) => install::install(&mut out, &scope),
        Command::Uninstall(scope) => install::uninstall(&mut out, &scope),
    };
    match result.and_then(|()| Ok(out.flush()?)) {
        Ok(()) => 0,
        // `okta-odbc query … | head` ends like this.
        Err(Error::Output(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            let _ = out.flush();
            eprintln!("okta-odbc: {error}");
            1
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(line.split('|'))
    }

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn query_takes_a_source_a_format_and_a_statement() {
        let Command::Query {
            source,
            format,
            statement,
        } = parse("okta-odbc|query|--dsn|okta|--format|json|SELECT 1")
            .expect("arguments")
            .command
        else {
            panic!("another command");
        };
        assert_eq!(source.dsn.as_deref(), Some("okta"));
        assert!(format == Format::Json);
        assert_eq!(statement.as_deref(), Some("SELECT 1"));
    }

    #[test]
    fn dsn_and_connect_exclude_each_other() {
        assert!(parse("okta-odbc|query|--dsn|a|--connect|b|SELECT 1").is_err());
    }

    #[test]
    fn unknown_arguments_end_with_2_and_help_with_0() {
        assert_eq!(main(vec!["okta-odbc".into(), "--no-such-thing".into()]), 2);
        assert_eq!(main(vec!["okta-odbc".into(), "query".into(), "--help".into()]), 0);
    }

    #[test]
    fn a_query_without_a_source_says_what_to_give() {
        assert_eq!(main(vec!["okta-odbc".into(), "query".into(), "SELECT 1".into()]), 1);
        assert!(Error::NoSource.to_string().contains("--connect"));
    }
}
