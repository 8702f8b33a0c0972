//! Secrets: a type that cannot be printed, and the removal of one from text that others wrote.

use std::fmt;
use std::sync::Arc;

/// Text that must not appear in any message, log or debug output.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(Arc<str>);

impl Secret {
    pub fn new(text: impl Into<Arc<str>>) -> Secret {
        Secret(text.into())
    }

    /// The text itself, for the one header or file that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` without this secret: a server or a proxy may echo what it was sent.
    pub fn redact(&self, text: &str) -> String {
        if self.0.is_empty() {
            text.to_owned()
        } else {
            text.replace(&*self.0, "***")
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Some(Secret::new("00abc"))), "Some(***)");
    }

    #[test]
    fn echoes_are_removed() {
        assert_eq!(Secret::new("00abc").redact("bad token 00abc!"), "bad token ***!");
        assert_eq!(Secret::new("").redact("text"), "text");
    }
}
