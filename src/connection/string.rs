//! The connection string's grammar, both ways: `name=value;…` with `{…}}…}` around what needs it.

use std::fmt;

use zeroize::Zeroize;

use super::keywords;
use super::settings::Error;

/// One `name=value` as it was given.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub value: String,
    pub braced: bool,
}

impl Attribute {
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Attribute {
        Attribute {
            name: name.into(),
            value: value.into(),
            braced: false,
        }
    }
}

/// Whatever its keyword: misspelt ones may be secrets.
impl Drop for Attribute {
    fn drop(&mut self) {
        self.value.zeroize();
    }
}

/// Shows no value that may be a secret: those of unknown keywords may be misspelt ones, and a URL may hold a password.
impl fmt::Debug for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match keywords::find(&self.name) {
            Some(keyword) if !keyword.secret && !self.value.contains('@') => {
                write!(f, "{}={:?}", self.name, self.value)
            }
            _ => write!(f, "{}=***", self.name),
        }
    }
}

/// The attributes of a connection string in order; of a name that comes twice, the first (SQLDriverConnect).
pub fn parse(text: &str) -> Result<Vec<Attribute>, Error> {
    let mut attributes: Vec<Attribute> = Vec::new();
    let mut rest = text.trim_end_matches('\0');
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t', '\r', '\n']);
        if rest.is_empty() {
            return Ok(attributes);
        }
        let (attribute, tail) = attribute(rest)?;
        rest = tail;
        if !attributes
            .iter()
            .any(|earlier| earlier.name.eq_ignore_ascii_case(&attribute.name))
        {
            attributes.push(attribute);
        }
    }
}

/// The first attribute of `text` and what follows it.
fn attribute(text: &str) -> Result<(Attribute, &str), Error> {
    let end = text.find(['=', ';']).unwrap_or(text.len());
    let (name, tail) = text.split_at(end);
    let name = name.trim();
    let Some(tail) = tail.strip_prefix('=') else {
        // What stands there may be the rest of a value with an unbraced `;`, so it is not shown.
        return Err(Error::Malformed {
            message: "The connection string has a part without `=`: write name=value;name=value, and put a value that holds `;` \
                      in braces: PWD={a;b}"
                .into(),
        });
    };
    if name.is_empty() {
        return Err(Error::Malformed {
            message: "The connection string has a value without a keyword before its `=`".into(),
        });
    }
    let tail = tail.trim_start_matches([' ', '\t']);
    if let Some(inner) = tail.strip_prefix('{') {
        let (value, tail) = braced(name, inner)?;
        return Ok((
            Attribute {
                name: name.into(),
                value,
                braced: true,
            },
            tail,
        ));
    }
    let (value, tail) = tail.split_once(';').unwrap_or((tail, ""));
    Ok((
        Attribute {
            name: name.into(),
            value: value.trim().into(),
            braced: false,
        },
        tail,
    ))
}

/// The value up to its closing brace, `}}` read as `}`, and what follows the next `;`.
fn braced<'a>(name: &str, inner: &'a str) -> Result<(String, &'a str), Error> {
    let mut value = String::new();
    let mut rest = inner;
    while let Some((part, tail)) = rest.split_once('}') {
        value.push_str(part);
        if let Some(tail) = tail.strip_prefix('}') {
            value.push('}');
            rest = tail;
            continue;
        }
        let (junk, tail) = tail.split_once(';').unwrap_or((tail, ""));
        if junk.trim().is_empty() {
            return Ok((value, tail));
        }
        return Err(Error::Malformed {
            message: format!(
                "{name}={{…}} is followed by more than `;`: double a `}}` inside the value, as in {{a}}}}b}}"
            ),
        });
    }
    Err(Error::Malformed {
        message: format!("{name}={{… has no closing brace"),
    })
}

/// The string of these attributes; [`parse`] gives them back.
pub fn write(attributes: &[Attribute]) -> String {
    let mut text = String::new();
    for Attribute { name, value, braced } in attributes {
        text.push_str(name);
        text.push('=');
        if *braced || needs_braces(value) {
            text.push('{');
            text.push_str(&value.replace('}', "}}"));
            text.push('}');
        } else {
            text.push_str(value);
        }
        text.push(';');
    }
    text
}

fn needs_braces(value: &str) -> bool {
    value.contains([';', '{', '}', '\0']) || value.trim() != value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let attributes = parse(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        attributes
            .into_iter()
            .map(|attribute| (attribute.name.clone(), attribute.value.clone()))
            .collect()
    }

    #[test]
    fn well_formed_strings() {
        for (text, expected) in [
            ("", &[][..]),
            (";;", &[]),
            ("DSN=okta", &[("DSN", "okta")]),
            ("DSN=okta;", &[("DSN", "okta")]),
            ("DSN=okta;\0", &[("DSN", "okta")]),
            (" DSN = okta ; UID = a b ;", &[("DSN", "okta"), ("UID", "a b")]),
            (
                "DRIVER={Okta ODBC Driver};Server=;Database=",
                &[("DRIVER", "Okta ODBC Driver"), ("Server", ""), ("Database", "")],
            ),
            ("PWD={a;b}}c{d=};x=1", &[("PWD", "a;b}c{d="), ("x", "1")]),
            ("PWD={ } ; x=1", &[("PWD", " "), ("x", "1")]),
            ("PWD={};x=1", &[("PWD", ""), ("x", "1")]),
            ("PWD={a}}}", &[("PWD", "a}")]),
            ("PWD=a=b==;x=1", &[("PWD", "a=b=="), ("x", "1")]),
            ("PWD=a{b}c", &[("PWD", "a{b}c")]),
            ("uid=1;UID=2;Uid=3", &[("uid", "1")]),
            ("Server=host,443;UID=é😀", &[("Server", "host,443"), ("UID", "é😀")]),
        ] {
            let expected: Vec<_> = expected
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            assert_eq!(pairs(text), expected, "{text:?}");
        }
    }

    #[test]
    fn malformed_strings_say_why_and_show_no_value() {
        for text in [
            "okta",
            "PWD=a;secret",
            "=secret",
            "PWD={secret",
            "PWD={secret}}",
            "PWD={a}secret;x=1",
            "PWD={secret}}}}",
        ] {
            let error = parse(text).expect_err(text);
            assert!(matches!(error, Error::Malformed { .. }), "{text}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn braces_are_kept_and_added_where_needed() {
        for text in [
            "DRIVER={Okta ODBC Driver};Server=;Database=;",
            "PWD={a;b}}c};",
            "DSN=x;",
        ] {
            assert_eq!(write(&parse(text).expect("well-formed")), text);
        }
        assert_eq!(write(&[Attribute::new("PWD", " a;b}c")]), "PWD={ a;b}}c};");
    }

    #[test]
    fn debug_shows_no_secret() {
        let shown = format!("{:?}", parse("PWD=hidden;Pwdd=hidden;MaxRows=5").expect("well-formed"));
        assert!(!shown.contains("hidden") && shown.contains("MaxRows=\"5\""), "{shown}");
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(values in prop::collection::vec("\\PC*", 0..6)) {
            let attributes: Vec<_> = values
                .iter()
                .enumerate()
                .map(|(index, value)| (format!("k{index}"), value.trim_end_matches('\0').to_owned()))
                .collect();
            let given: Vec<_> = attributes.iter().map(|(name, value)| Attribute::new(name, value)).collect();
            prop_assert_eq!(pairs(&write(&given)), attributes);
        }

        #[test]
        fn no_text_panics(text in "\\PC*|[a-c={};\\s]*") {
            let _ = parse(&text);
        }
    }
}
