//! What a catalog function's string argument matches: a search pattern, an identifier or an ordinary name.

use super::Argument;

/// Escapes `%` and `_` in patterns: SQL_SEARCH_PATTERN_ESCAPE.
pub const ESCAPE: char = '\\';

/// Names that an argument lets through. Names match without case, as SQL_IDENTIFIER_CASE says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    All,
    Pattern(Vec<Step>),
    Name(String),
}

/// One step of a search pattern, lower-cased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Char(char),
    /// `_`
    AnyChar,
    /// `%`
    AnyText,
}

impl Matcher {
    /// A pattern-value argument (an identifier under SQL_ATTR_METADATA_ID). Null and empty match all: Excel and others
    /// pass the empty string for "any".
    pub fn pattern(argument: Argument, metadata_id: bool) -> Matcher {
        match argument {
            None | Some("") => Matcher::All,
            Some(identifier) if metadata_id => Matcher::Name(fold(unquoted(identifier))),
            Some(pattern) => Matcher::Pattern(steps(pattern)),
        }
    }

    /// An ordinary argument: the name itself, as a whole (an identifier under SQL_ATTR_METADATA_ID).
    pub fn name(argument: &str, metadata_id: bool) -> Matcher {
        Matcher::Name(fold(if metadata_id { unquoted(argument) } else { argument }))
    }

    pub fn matches(&self, name: &str) -> bool {
        match self {
            Matcher::All => true,
            Matcher::Name(wanted) => *wanted == fold(name),
            Matcher::Pattern(steps) => follows(steps, &fold(name).chars().collect::<Vec<_>>()),
        }
    }
}

fn fold(name: &str) -> String {
    name.to_lowercase()
}

/// An identifier argument without the blanks after it, or without its quotes.
fn unquoted(identifier: &str) -> &str {
    let trimmed = identifier.trim_end_matches(' ');
    let quoted = [('"', '"'), ('[', ']'), ('`', '`')]
        .into_iter()
        .find_map(|(open, close)| trimmed.strip_prefix(open)?.strip_suffix(close));
    quoted.unwrap_or(trimmed)
}

fn steps(pattern: &str) -> Vec<Step> {
    let folded = fold(pattern);
    let mut chars = folded.chars().peekable();
    let mut steps = Vec::new();
    while let Some(char) = chars.next() {
        steps.push(match char {
            '%' => Step::AnyText,
            '_' => Step::AnyChar,
            ESCAPE => match chars.next_if(|next| matches!(next, '%' | '_' | '\\')) {
                Some(literal) => Step::Char(literal),
                None => Step::Char(ESCAPE),
            },
            other => Step::Char(other),
        });
    }
    steps
}

/// Greedy matching with one way back, to the last `%`: linear in practice, never exponential.
fn follows(steps: &[Step], name: &[char]) -> bool {
    let (mut step, mut at) = (0, 0);
    let mut back = None;
    while at < name.len() {
        match steps.get(step) {
            Some(Step::AnyText) => {
                back = Some((step, at));
                step += 1;
            }
            Some(Step::AnyChar) => (step, at) = (step + 1, at + 1),
            Some(Step::Char(char)) if *char == name[at] => (step, at) = (step + 1, at + 1),
            _ => match back {
                Some((percent, from)) => {
                    back = Some((percent, from + 1));
                    (step, at) = (percent + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    steps[step..].iter().all(|step| *step == Step::AnyText)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let cases = [
            ("Users", "Users", true),
            ("users", "USERS", true),
            ("User", "Users", false),
            ("Users", "User", false),
            ("U%", "Users", true),
            ("%s", "Users", true),
            ("%", "", true),
            ("%ser%", "Users", true),
            ("%sex%", "Users", false),
            ("U_ers", "Users", true),
            ("_____", "Users", true),
            ("______", "Users", false),
            ("a\\_b", "a_b", true),
            ("a\\_b", "axb", false),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("a\\\\b", "a\\b", true),
            ("a\\b", "a\\b", true),
            ("a\\", "a\\", true),
            ("%a%b%c", "xaybzc", true),
            ("%a%b%c", "xaybzcd", false),
            ("ÄPFEL%", "äpfelmus", true),
            ("%_", "", false),
        ];
        for (pattern, name, expected) in cases {
            assert_eq!(
                Matcher::pattern(Some(pattern), false).matches(name),
                expected,
                "{pattern} on {name}"
            );
        }
    }

    #[test]
    fn a_long_pattern_ends() {
        let pattern = Matcher::pattern(Some(&"%a".repeat(40)), false);
        assert!(!pattern.matches(&"a".repeat(39)));
        assert!(pattern.matches(&"ba".repeat(41)));
    }

    #[test]
    fn null_and_empty_let_all_through() {
        for metadata_id in [false, true] {
            assert_eq!(Matcher::pattern(None, metadata_id), Matcher::All);
            assert_eq!(Matcher::pattern(Some(""), metadata_id), Matcher::All);
        }
    }

    #[test]
    fn identifiers_lose_quotes_and_trailing_blanks_and_are_no_patterns() {
        for argument in ["Users", "USERS  ", "\"Users\"", "[users]", "`Users`"] {
            assert!(Matcher::pattern(Some(argument), true).matches("Users"), "{argument}");
            assert!(Matcher::name(argument, true).matches("Users"), "{argument}");
        }
        assert!(!Matcher::pattern(Some("User%"), true).matches("Users"));
        assert!(!Matcher::name("User_", false).matches("Users"));
        assert!(!Matcher::name("\"Users\"", false).matches("Users"));
    }
}
