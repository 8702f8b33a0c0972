//! What proves to Okta who asks: today an API token (`Authorization: SSWS …`).

pub mod app;
pub mod dpop;
pub mod endpoint;
pub mod key;
pub mod principal;

use http::HeaderValue;

use super::{Error, Secret};

/// A principal's proof. Equal credentials are the same principal.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An API token; carries the rights of the admin who made it.
    ApiToken(Secret),
}

impl Credential {
    /// The `Authorization` header, marked sensitive so that no dump of headers shows it.
    pub fn authorization(&self) -> Result<HeaderValue, Error> {
        let Credential::ApiToken(token) = self;
        let mut value =
            HeaderValue::from_str(&format!("SSWS {}", token.expose())).map_err(|_| Error::Configuration {
                message: "APIToken holds a character that no token has (a line break?); copy the token again".into(),
            })?;
        value.set_sensitive(true);
        Ok(value)
    }

    pub(super) fn secret(&self) -> &Secret {
        let Credential::ApiToken(token) = self;
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_sensitive_and_does_not_print() {
        let value = Credential::ApiToken(Secret::new("00abc"))
            .authorization()
            .expect("a header");
        assert_eq!(value.to_str().expect("ascii"), "SSWS 00abc");
        assert!(value.is_sensitive());
        assert!(!format!("{value:?}").contains("00abc"));
    }

    #[test]
    fn a_token_with_a_line_break_is_a_configuration_error() {
        let error = Credential::ApiToken(Secret::new("00a\nbc"))
            .authorization()
            .expect_err("no header");
        assert!(matches!(error, Error::Configuration { .. }));
        assert!(!error.to_string().contains("00a"));
    }
}
