//! Forms: the body of a POST and the query of a GET, read and written as browsers do.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::refusal::{DUPLICATE_OAUTH_PARAMS, Refusal};

#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pairs: Vec<(String, String)>,
}

impl Form {
    /// Refuses a parameter that is given twice.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut form = Self::default();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decoded(name);
            if form.pairs.iter().any(|(known, _)| *known == name) {
                return Err(DUPLICATE_OAUTH_PARAMS);
            }
            form.pairs.push((name, decoded(value)));
        }
        Ok(form)
    }

    /// A parameter without a value counts as left out (RFC 6749 §3.1).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(known, _)| known == name)?;
        Some(found.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The words of a parameter that is a list.
    pub(super) fn words(&self, name: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_default();
        text.split_ascii_whitespace().map(str::to_owned).collect()
    }
}

pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(&text.replace('+', " "))
        .decode_utf8_lossy()
        .into_owned()
}

/// The URI with these parameters behind those it has.
pub(super) fn with_query(uri: &str, parameters: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
        .collect();
    let joint = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{joint}{}", pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_and_its_empty_parameters_count_as_absent() {
        let form = Form::parse("scope=okta.users.read+openid&state=a%2Bb&code=").unwrap();
        assert_eq!(form.words("scope"), ["okta.users.read", "openid"]);
        assert_eq!(form.get("state"), Some("a+b"));
        assert_eq!((form.get("code"), form.get("nothing")), (None, None));
        assert_eq!(Form::parse("a=1&a=2").unwrap_err(), DUPLICATE_OAUTH_PARAMS);
    }

    #[test]
    fn a_redirect_keeps_the_query_it_was_registered_with() {
        assert_eq!(with_query("http://l/cb", &[("code", "a b")]), "http://l/cb?code=a%20b");
        assert_eq!(
            with_query("http://l/cb?x=1", &[("code", "a")]),
            "http://l/cb?x=1&code=a"
        );
    }
}
