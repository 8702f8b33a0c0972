//! The one place where a layer's error becomes a SQLSTATE.

use std::sync::Arc;

use super::{Record, SqlState};
use crate::connection::{ConnectError, Interrupted, PrepareError, settings};
use crate::{convert, engine, okta};

/// The message, with Okta's code and request id unless it names them already.
fn request(message: &str, code: &str, request_id: Option<&str>) -> String {
    let mut text = message.to_owned();
    if !code.is_empty() && !text.contains(code) {
        text.push_str(&format!(" ({code})"));
    }
    match request_id {
        Some(id) if !text.contains("request ") => text.push_str(&format!(" [request {id}]")),
        _ => {}
    }
    text
}

/// HTTP status, where Okta gave an answer.
fn native(error: &okta::Error) -> i32 {
    match error {
        okta::Error::Unauthorized { .. } => 401,
        okta::Error::Forbidden { .. } => 403,
        okta::Error::NotFound { .. } => 404,
        okta::Error::RateLimited { .. } => 429,
        okta::Error::Api { status, .. } => i32::from(*status),
        _ => 0,
    }
}

fn okta_text(error: &okta::Error) -> String {
    use okta::Error::*;
    match error {
        Unauthorized {
            code,
            message,
            request_id,
        }
        | Login {
            code,
            message,
            request_id,
        }
        | Forbidden {
            code,
            message,
            request_id,
        }
        | NotAvailable {
            code,
            message,
            request_id,
        }
        | NotFound {
            code,
            message,
            request_id,
        }
        | RateLimited {
            code,
            message,
            request_id,
        }
        | Api {
            code,
            message,
            request_id,
            ..
        } => request(message, code, request_id.as_deref()),
        BadAnswer { message, request_id } => request(message, "", request_id.as_deref()),
        other => other.to_string(),
    }
}

/// While a statement runs. A broken network is HY000 there: 08S01 makes SQLAlchemy drop its pool, and the next request
/// may well succeed; HYT00 is for SQL_ATTR_QUERY_TIMEOUT alone.
fn okta_state(error: &okta::Error) -> SqlState {
    use okta::Error::*;
    match error {
        Unauthorized { .. } | Login { .. } => SqlState::INVALID_AUTHORIZATION,
        Forbidden { .. } => SqlState::SYNTAX_ERROR_OR_ACCESS,
        Unreachable { .. }
        | TimedOut { .. }
        | NotAvailable { .. }
        | NotFound { .. }
        | RateLimited { .. }
        | Api { .. }
        | BadAnswer { .. }
        | Configuration { .. } => SqlState::GENERAL_ERROR,
    }
}

impl From<&okta::Error> for Record {
    fn from(error: &okta::Error) -> Record {
        Record::new(okta_state(error), okta_text(error)).native(native(error))
    }
}

impl From<engine::Error> for Record {
    fn from(error: engine::Error) -> Record {
        use engine::Error::*;
        let state = match &error {
            Syntax { .. } | AmbiguousColumn { .. } | Invalid(_) | Unsupported(_) | ReadOnly(_) | TooComplex(_) => {
                SqlState::SYNTAX_ERROR_OR_ACCESS
            }
            UnknownTable { .. } => SqlState::TABLE_NOT_FOUND,
            UnknownColumn { .. } => SqlState::COLUMN_NOT_FOUND,
            ParameterCount { .. } => SqlState::WRONG_NUMBER_OF_PARAMETERS,
            DivisionByZero => SqlState::DIVISION_BY_ZERO,
            Cast(_) => SqlState::INVALID_CHARACTER,
            Overflow(_) => SqlState::OUT_OF_RANGE,
            #[cfg(feature = "scratch-tables")]
            Constraint(_) => SqlState::INTEGRITY_CONSTRAINT,
            TooManyRequests(_) => SqlState::PROGRAM_LIMIT_EXCEEDED,
            Memory(_) => SqlState::OUT_OF_MEMORY,
            Okta(cause) => return Record::from(cause.as_ref()),
            Internal(_) => SqlState::GENERAL_ERROR,
        };
        Record::new(state, error.to_string())
    }
}

impl From<&convert::Error> for Record {
    fn from(error: &convert::Error) -> Record {
        use convert::Error::*;
        let state = match error {
            RestrictedType { .. } => SqlState::RESTRICTED_TYPE,
            InvalidCType { .. } => SqlState::INVALID_C_TYPE,
            InvalidSqlType { .. } => SqlState::INVALID_SQL_TYPE,
            OutOfRange { .. } => SqlState::OUT_OF_RANGE,
            InvalidCharacter { .. } => SqlState::INVALID_CHARACTER,
            InvalidDatetime { .. } => SqlState::INVALID_DATETIME,
            DatetimeOverflow { .. } => SqlState::DATETIME_OVERFLOW,
            IntervalOverflow { .. } => SqlState::INTERVAL_OVERFLOW,
            RightTruncation { .. } => SqlState::TEXT_TRUNCATED,
            IndicatorRequired => SqlState::INDICATOR_REQUIRED,
            InvalidLength { .. } => SqlState::INVALID_LENGTH,
            NullPointer { .. } => SqlState::NULL_POINTER,
        };
        Record::new(state, error.to_string())
    }
}

impl From<convert::Warning> for Record {
    fn from(warning: convert::Warning) -> Record {
        match warning {
            convert::Warning::StringTruncated => Record::new(
                SqlState::STRING_TRUNCATED,
                "The value is longer than the buffer; its end was cut off",
            ),
            convert::Warning::FractionTruncated => Record::new(
                SqlState::FRACTION_TRUNCATED,
                "The value's fraction does not fit the C type; it was cut off",
            ),
        }
    }
}

impl From<Interrupted> for Record {
    fn from(interrupted: Interrupted) -> Record {
        match interrupted {
            Interrupted::Cancelled => Record::new(SqlState::CANCELLED, "The operation was cancelled"),
            Interrupted::TimedOut => Record::new(
                SqlState::TIMED_OUT,
                "The query timeout expired; raise SQL_ATTR_QUERY_TIMEOUT or the keyword QueryTimeout",
            ),
            Interrupted::Panicked | Interrupted::NoThreads => {
                Record::new(SqlState::GENERAL_ERROR, interrupted.to_string())
            }
        }
    }
}

impl From<settings::Error> for Record {
    fn from(error: settings::Error) -> Record {
        use settings::Error::*;
        let state = match &error {
            Missing { keyword, .. } if is_credential(keyword) => SqlState::INVALID_AUTHORIZATION,
            NoLogin { .. } => SqlState::INVALID_AUTHORIZATION,
            Missing { .. } | InvalidValue { .. } | Malformed { .. } => SqlState::GENERAL_ERROR,
            UnknownDsn { .. } => SqlState::DATA_SOURCE_NOT_FOUND,
        };
        Record::new(state, error.to_string())
    }
}

fn is_credential(keyword: &str) -> bool {
    ["Domain", "Server", "DSN"]
        .iter()
        .all(|other| !other.eq_ignore_ascii_case(keyword))
}

impl From<settings::Warning> for Record {
    fn from(warning: settings::Warning) -> Record {
        match warning {
            settings::Warning::UnknownKeyword(text) => Record::new(SqlState::INVALID_CONNECTION_STRING_ATTRIBUTE, text),
            settings::Warning::NoSchema(text) | settings::Warning::NoLog(text) => {
                Record::new(SqlState::GENERAL_WARNING, text)
            }
        }
    }
}

/// A schema that a statement needs did not come: the statement fails as for any other request, the connection stands.
pub fn in_statement(error: ConnectError) -> Record {
    match error {
        ConnectError::Okta(error) => engine::Error::Okta(Arc::new(error)).into(),
        ConnectError::Interrupted(interrupted) => interrupted.into(),
    }
}

impl From<PrepareError> for Record {
    fn from(error: PrepareError) -> Record {
        match error {
            PrepareError::Engine(error) => error.into(),
            PrepareError::Schema(error) => in_statement(error),
        }
    }
}

impl From<ConnectError> for Record {
    fn from(error: ConnectError) -> Record {
        match error {
            ConnectError::Okta(error) => {
                use okta::Error::*;
                let state = match &error {
                    Unauthorized { .. } | Login { .. } | Forbidden { .. } => SqlState::INVALID_AUTHORIZATION,
                    Unreachable { .. }
                    | TimedOut { .. }
                    | NotAvailable { .. }
                    | NotFound { .. }
                    | RateLimited { .. }
                    | Api { .. }
                    | BadAnswer { .. } => SqlState::UNABLE_TO_CONNECT,
                    Configuration { .. } => SqlState::GENERAL_ERROR,
                };
                Record::new(state, okta_text(&error)).native(native(&error))
            }
            ConnectError::Interrupted(Interrupted::TimedOut) => {
                Record::new(SqlState::TIMED_OUT, "The login timeout expired before Okta answered")
            }
            ConnectError::Interrupted(Interrupted::Cancelled) => Interrupted::Cancelled.into(),
            ConnectError::Interrupted(other) => Record::new(SqlState::UNABLE_TO_CONNECT, other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unauthorized() -> okta::Error {
        okta::Error::Unauthorized {
            code: "E0000011".into(),
            message: "Invalid token provided".into(),
            request_id: Some("req1".into()),
        }
    }

    #[test]
    fn a_refused_token_is_28000_when_connecting_and_when_querying() {
        let connecting = Record::from(ConnectError::Okta(unauthorized()));
        let querying = Record::from(engine::Error::Okta(Arc::new(unauthorized())));
        for record in [connecting, querying] {
            assert_eq!(record.state, SqlState::INVALID_AUTHORIZATION);
            assert_eq!(record.native, 401);
            assert_eq!(
                record.message(),
                "[okta-odbc] Invalid token provided (E0000011) [request req1]"
            );
        }
    }

    #[test]
    fn a_broken_network_is_08001_when_connecting_only() {
        let error = || okta::Error::Unreachable {
            message: "no route".into(),
        };
        assert_eq!(
            Record::from(ConnectError::Okta(error())).state,
            SqlState::UNABLE_TO_CONNECT
        );
        assert_eq!(
            Record::from(engine::Error::Okta(Arc::new(error()))).state,
            SqlState::GENERAL_ERROR
        );
    }

    #[test]
    fn no_query_error_has_a_state_that_means_a_lost_connection() {
        let message = String::new;
        let errors = [
            engine::Error::Syntax { message: message() },
            engine::Error::UnknownTable {
                name: message(),
                hint: message(),
            },
            engine::Error::UnknownColumn {
                name: message(),
                hint: message(),
            },
            engine::Error::AmbiguousColumn {
                name: message(),
                hint: message(),
            },
            engine::Error::Invalid(message()),
            engine::Error::Unsupported(message()),
            engine::Error::ReadOnly(message()),
            engine::Error::ParameterCount { expected: 1, given: 2 },
            engine::Error::DivisionByZero,
            engine::Error::Cast(message()),
            engine::Error::Overflow(message()),
            engine::Error::TooComplex(message()),
            engine::Error::TooManyRequests(message()),
            engine::Error::Memory(message()),
            engine::Error::Internal(message()),
            engine::Error::Okta(Arc::new(okta::Error::TimedOut { message: message() })),
            engine::Error::Okta(Arc::new(okta::Error::BadAnswer {
                message: message(),
                request_id: None,
            })),
        ];
        for error in errors {
            let text = format!("{error:?}");
            let state = Record::from(error).state.code();
            assert!(!state.starts_with("08") && !state.starts_with("01"), "{text}: {state}");
            assert!(!["HYT00", "HY010"].contains(&state), "{text}: {state}");
        }
    }

    #[test]
    fn a_missing_token_is_28000_a_missing_domain_is_not() {
        let missing = |keyword| settings::Error::Missing {
            keyword,
            message: String::new(),
        };
        assert_eq!(Record::from(missing("APIToken")).state, SqlState::INVALID_AUTHORIZATION);
        assert_eq!(Record::from(missing("Domain")).state, SqlState::GENERAL_ERROR);
    }
}
