//! What of a text is to be run: T-SQL's statements about the session do nothing here, those Okta has no use for are refused.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::position::unsupported;
use super::{CATALOG, Error};

/// First words of statements that there are not, and why. Longer beginnings stand before shorter ones.
pub const REFUSED: &[(&str, &str)] = &[
    (
        "DECLARE CURSOR",
        "programs read rows through the driver, not through cursors of SQL",
    ),
    ("DECLARE", "a statement has parameters (?), no variables"),
    ("EXECUTE", "there are no procedures, and SQL is not built from text"),
    ("EXEC", "there are no procedures, and SQL is not built from text"),
    ("CALL", "there are no procedures"),
    ("CREATE TABLE", FIXED),
    ("CREATE VIEW", FIXED),
    ("CREATE INDEX", FIXED),
    ("CREATE", FIXED),
    ("ALTER", FIXED),
    ("DROP", FIXED),
    ("TRUNCATE", "Okta has no request that empties a table"),
    ("MERGE", "Okta has no request that does it"),
    ("EXPLAIN", DESCRIBED),
    ("DESCRIBE", DESCRIBED),
    ("DESC", DESCRIBED),
    ("SHOW", DESCRIBED),
    ("ANALYZE", SERVER),
    ("VACUUM", SERVER),
    ("LOCK", "nothing is locked: Okta's tables are read as they are"),
    ("COPY", "rows are not loaded in bulk"),
    ("UNLOAD", "programs read rows through the driver, page by page"),
    ("EXPORT", "programs read rows through the driver, page by page"),
    ("REPLACE", "Okta has no request that does it"),
    ("COMMENT", FIXED),
    ("RENAME", FIXED),
    ("MSCK", FIXED),
    ("ATTACH", "there is one data source, the Okta org"),
    ("LOAD", "there is no server to administer, and nothing to load into it"),
    ("PRAGMA", "a connection string has the driver's settings"),
    ("RESET", "a connection string has the driver's settings"),
    ("DISCARD", "the driver keeps nothing of a session; close the connection"),
    ("CACHE", "the driver keeps no rows; read them once in your program"),
    ("UNCACHE", "the driver keeps no rows; read them once in your program"),
    ("FLUSH", SERVER),
    ("PREPARE", "programs prepare statements through the driver"),
    ("OPEN", CURSORS),
    ("FETCH", CURSORS),
    ("CLOSE", CURSORS),
    ("DEALLOCATE", CURSORS),
    ("WAITFOR", FLOW),
    ("WHILE", FLOW),
    ("IF", FLOW),
    ("BEGIN", FLOW),
    ("END", FLOW),
    ("CASE", "it is a value: write SELECT before it"),
    ("ASSERT", FLOW),
    ("RAISE", FLOW),
    ("GOTO", FLOW),
    ("RETURN", FLOW),
    ("BREAK", FLOW),
    ("CONTINUE", FLOW),
    ("PRINT", FLOW),
    ("RAISERROR", FLOW),
    ("THROW", FLOW),
    ("GRANT", RIGHTS),
    ("REVOKE", RIGHTS),
    ("DENY", RIGHTS),
    ("BULK", "rows are not loaded in bulk"),
    ("BACKUP", SERVER),
    ("RESTORE", SERVER),
    ("DBCC", SERVER),
    ("KILL", SERVER),
    ("CHECKPOINT", SERVER),
    ("RECONFIGURE", SERVER),
    ("SHUTDOWN", SERVER),
    (
        "GO",
        "it separates batches in Microsoft's own tools; send one statement at a time",
    ),
];

const FIXED: &str = "Okta's tables are fixed, and this driver runs queries (SELECT, WITH, VALUES) only";
const DESCRIBED: &str =
    "ask INFORMATION_SCHEMA or sys.tables for what there is; the driver's log says what Okta is asked";
const CURSORS: &str = "programs read rows through the driver, not through cursors of SQL";
const FLOW: &str = "the driver runs one query at a time, no programs";
const RIGHTS: &str = "rights are given in Okta";
const SERVER: &str = "there is no server to administer";

/// Whether a statement that begins with this word is one that the feature `scratch-tables` runs.
pub(super) fn defines(word: &str) -> bool {
    cfg!(feature = "scratch-tables") && ["CREATE", "DROP", "COMMENT", "TRUNCATE"].contains(&word)
}

/// Options of SET that would change what a query gives, with the one value that holds here anyway.
pub const SETTINGS: &[(&str, &str)] = &[
    ("ROWCOUNT", "0"),
    ("DATEFIRST", "7"),
    ("FMTONLY", "OFF"),
    ("NOEXEC", "OFF"),
    ("PARSEONLY", "OFF"),
    ("SHOWPLAN_ALL", "OFF"),
    ("SHOWPLAN_TEXT", "OFF"),
    ("SHOWPLAN_XML", "OFF"),
];

/// The tokens of the one statement in a text that asks for something; none if there is none.
///
/// `SET NOCOUNT ON; SELECT 1` is one such statement, and so is `SET NOCOUNT ON SELECT 1`.
pub(super) fn to_run(tokens: Vec<TokenWithSpan>) -> Result<Option<Vec<TokenWithSpan>>, Error> {
    let mut asked = None;
    for statement in split(tokens) {
        let mut rest = statement.as_slice();
        loop {
            let words = Words::of(rest);
            if words.is_empty() {
                break;
            }
            match nothing(&words)? {
                Some(count) => rest = &rest[words.end_of(count)..],
                None => {
                    refuse(&words)?;
                    if asked.replace(rest.to_vec()).is_some() {
                        return Err(Error::SeveralStatements);
                    }
                    break;
                }
            }
        }
    }
    Ok(asked)
}

fn split(tokens: Vec<TokenWithSpan>) -> Vec<Vec<TokenWithSpan>> {
    let mut statements = vec![Vec::new()];
    for token in tokens {
        match &token.token {
            Token::SemiColon => statements.push(Vec::new()),
            Token::EOF => {}
            _ => {
                if let Some(last) = statements.last_mut() {
                    last.push(token);
                }
            }
        }
    }
    statements
}

/// A statement's tokens without white space, as upper-case text.
struct Words<'a> {
    /// Text and place among all tokens.
    words: Vec<(String, usize)>,
    tokens: &'a [TokenWithSpan],
}

/// As many words as any statement that does nothing has.
const MOST_WORDS: usize = 40;

impl<'a> Words<'a> {
    fn of(tokens: &'a [TokenWithSpan]) -> Words<'a> {
        let words = tokens
            .iter()
            .enumerate()
            .filter(|(_, token)| !matches!(token.token, Token::Whitespace(_)))
            .take(MOST_WORDS)
            .map(|(place, token)| {
                let text = match &token.token {
                    Token::Word(word) if word.quote_style.is_some() => word.value.clone(),
                    other => other.to_string().to_ascii_uppercase(),
                };
                (text, place)
            });
        Words {
            words: words.collect(),
            tokens,
        }
    }

    fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn len(&self) -> usize {
        self.words.len()
    }

    fn at(&self, index: usize) -> &str {
        self.words.get(index).map_or("", |(text, _)| text.as_str())
    }

    fn start_with(&self, from: usize, expected: &[&str]) -> bool {
        expected.iter().enumerate().all(|(n, word)| self.at(from + n) == *word)
    }

    /// Index behind the token of the last of so many words.
    fn end_of(&self, count: usize) -> usize {
        self.words
            .get(count.saturating_sub(1))
            .map_or(self.tokens.len(), |(_, place)| place + 1)
    }

    fn refused(&self, index: usize, construct: &str, reason: &str) -> Error {
        let place = self.words.get(index).map_or(0, |(_, place)| *place);
        let start = self.tokens.get(place).map(|token| token.span.start);
        unsupported(start, construct, reason)
    }
}

/// The number of words of the statement that begins here and does nothing.
fn nothing(words: &Words) -> Result<Option<usize>, Error> {
    match words.at(0) {
        "SET" => setting(words).map(Some),
        "USE" if words.len() > 1 => {
            if !words.at(1).eq_ignore_ascii_case(CATALOG) {
                let name = words.at(1);
                let reason = format!("there is one database, {}", CATALOG);
                return Err(words.refused(0, &format!("USE {name}"), &reason));
            }
            Ok(Some(2))
        }
        _ => Ok(transaction(words, 0)),
    }
}

fn setting(words: &Words) -> Result<usize, Error> {
    let option = words.at(1);
    if option.starts_with('@') {
        return Err(words.refused(
            0,
            &format!("SET {option}"),
            "a statement has parameters (?), no variables",
        ));
    }
    if words.start_with(1, &["TRANSACTION", "ISOLATION", "LEVEL"]) {
        let of_two = words.at(4) == "READ" || words.at(4) == "REPEATABLE";
        return Ok(if of_two { 6 } else { 5 });
    }
    let switch = (2..words.len()).find(|index| matches!(words.at(*index), "ON" | "OFF"));
    if let Some((_, only)) = SETTINGS.iter().find(|(name, _)| *name == option)
        && words.at(2) != *only
    {
        let reason = format!("it would change what queries give; {only} is what holds");
        return Err(words.refused(0, &format!("SET {option} {}", words.at(2)), &reason));
    }
    Ok(match switch {
        Some(index) => index + 1,
        None => words.len().max(1),
    })
}

/// BEGIN, COMMIT, ROLLBACK and SAVE of a transaction, also under `IF @@TRANCOUNT = 0`: nothing is ever open.
fn transaction(words: &Words, from: usize) -> Option<usize> {
    let noun = |index: usize| matches!(words.at(index), "TRAN" | "TRANSACTION" | "WORK");
    let alone = |index: usize| words.len() == index;
    let rest = Some(words.len());
    match words.at(from) {
        "BEGIN" | "COMMIT" | "ROLLBACK" if noun(from + 1) || alone(from + 1) => rest,
        // To a savepoint, in standard SQL's words; T-SQL's ROLLBACK TRANSACTION names it as it names a transaction.
        "ROLLBACK"
            if words.at(from + 1) == "TO" && !alone(from + if words.at(from + 2) == "SAVEPOINT" { 3 } else { 2 }) =>
        {
            rest
        }
        "COMMIT" | "ROLLBACK" if words.at(from + 1) == "AND" && !alone(from + 2) => rest,
        "SAVE" | "START" if noun(from + 1) => rest,
        "SAVEPOINT" | "RELEASE" if !alone(from + 1) => rest,
        "IF" if words.at(from + 1) == "@@TRANCOUNT" => transaction(words, from + 4),
        _ => None,
    }
}

fn refuse(words: &Words) -> Result<(), Error> {
    if defines(words.at(0)) {
        return Ok(());
    }
    for (beginning, reason) in REFUSED {
        let mut parts = beginning.split(' ');
        let first = parts.next().unwrap_or_default();
        if words.at(0) != first {
            continue;
        }
        let cursor = *beginning == "DECLARE CURSOR" && matches!(words.at(2), "CURSOR" | "INSENSITIVE" | "SCROLL");
        if cursor || parts.enumerate().all(|(n, part)| words.at(n + 1) == part) {
            return Err(words.refused(0, beginning, reason));
        }
    }
    Ok(())
}
