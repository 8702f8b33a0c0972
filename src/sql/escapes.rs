//! ODBC escape sequences, resolved among tokens: never inside strings, names or comments.

use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::dialect::Odbc;
use super::position::{from_message, syntax_error, unsupported};
use super::{DEEPEST, Error, functions, shape};

/// The text's tokens; escapes in the old form `--(*vendor(…),product(…) … *)--` become `{ … }`.
///
/// Without `unescape` doubled quotes stay doubled, so that the tokens print as they were written.
pub(super) fn tokenize(text: &str, unescape: bool) -> Result<Vec<TokenWithSpan>, Error> {
    let tokens = Tokenizer::new(&Odbc, text)
        .with_unescape(unescape)
        .tokenize_with_location()
        .map_err(|error| from_message(text, &error.to_string()))?;
    let mut read = Vec::with_capacity(tokens.len());
    for token in tokens {
        match &token.token {
            Token::Whitespace(Whitespace::SingleLineComment { comment, prefix }) if prefix == "--" => {
                match vendor_escape(comment) {
                    Some((inside, after)) => {
                        let inside = format!("{{{inside}}} {after}");
                        read.extend(
                            tokenize(&inside, unescape)?
                                .into_iter()
                                .map(|t| TokenWithSpan::new(t.token, token.span)),
                        );
                    }
                    None => read.push(token),
                }
            }
            _ => read.push(token),
        }
    }
    Ok(read)
}

/// The escape and what follows it, of a comment `(*vendor(Microsoft),product(ODBC) fn CURDATE() *)-- …`.
fn vendor_escape(comment: &str) -> Option<(&str, &str)> {
    let inside = comment.trim_start().strip_prefix("(*")?;
    let (inside, after) = inside.split_once("*)--")?;
    let inside = inside.trim_start();
    if !inside.get(..6)?.eq_ignore_ascii_case("vendor") {
        return None;
    }
    let (_, inside) = inside.split_once(')')?;
    let inside = inside.trim_start().trim_start_matches(',').trim_start();
    match inside.get(..7) {
        Some(product) if product.eq_ignore_ascii_case("product") => Some((inside.split_once(')')?.1, after)),
        _ => Some((inside, after)),
    }
}

/// What becomes of `{call …}`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Calls {
    /// There are no procedures to execute.
    Refused,
    /// SQLNativeSql executes nothing, and shows it without its braces.
    Shown,
}

/// Every `{…}` replaced by what it means.
pub(super) fn resolve(text: &str, tokens: Vec<TokenWithSpan>, calls: Calls) -> Result<Vec<TokenWithSpan>, Error> {
    if !tokens.iter().any(|t| matches!(t.token, Token::LBrace | Token::RBrace)) {
        return Ok(tokens);
    }
    let mut resolver = Resolver {
        text,
        tokens: tokens.into_iter().peekable(),
        depth: 0,
        calls,
    };
    let resolved = resolver.until_brace(None)?;
    Ok(resolved)
}

struct Resolver<'a> {
    text: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<TokenWithSpan>>,
    depth: usize,
    calls: Calls,
}

impl Resolver<'_> {
    /// Tokens up to the closing brace of the escape that opened at `opened`, or to the end of the text.
    fn until_brace(&mut self, opened: Option<Span>) -> Result<Vec<TokenWithSpan>, Error> {
        let mut resolved = Vec::new();
        while let Some(token) = self.tokens.next() {
            match (&token.token, opened) {
                (Token::LBrace, _) => resolved.extend(self.escape(token.span)?),
                (Token::RBrace, Some(_)) => return Ok(resolved),
                (Token::RBrace, None) => {
                    return Err(syntax_error(self.text, Some(token.span.start), "} without {"));
                }
                _ => resolved.push(token),
            }
        }
        match opened {
            Some(span) => Err(syntax_error(
                self.text,
                Some(span.start),
                "the escape that starts here has no }",
            )),
            None => Ok(resolved),
        }
    }

    fn escape(&mut self, opened: Span) -> Result<Vec<TokenWithSpan>, Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(shape::too_deep());
        }
        let mut inside = trimmed(self.until_brace(Some(opened))?);
        self.depth -= 1;
        let fail = |message: &str| syntax_error(self.text, Some(opened.start), message);
        let keyword = match inside.first().map(|t| &t.token) {
            Some(Token::Word(word)) if word.quote_style.is_none() => word.value.to_ascii_lowercase(),
            // `{? = call name(…)}`
            Some(Token::Placeholder(_)) => "call".to_owned(),
            _ => {
                return Err(fail(
                    "{ starts an ODBC escape: d, t, ts, fn, oj, escape, guid or interval follows it",
                ));
            }
        };
        if keyword == "interval" || keyword == "call" && self.calls == Calls::Shown {
            return Ok(inside);
        }
        inside.remove(0);
        let inside = trimmed(inside);
        match keyword.as_str() {
            "d" => literal(inside, "DATE").ok_or_else(|| fail("a date is written {d 'yyyy-mm-dd'}")),
            "t" => literal(inside, "TIME").ok_or_else(|| fail("a time is written {t 'hh:mm:ss'}")),
            "ts" => {
                literal(inside, "TIMESTAMP").ok_or_else(|| fail("a timestamp is written {ts 'yyyy-mm-dd hh:mm:ss'}"))
            }
            "guid" => string(&inside)
                .is_some()
                .then_some(inside)
                .ok_or_else(|| fail("a GUID is written {guid '…'}")),
            "escape" if string(&inside).is_some() => {
                let mut all = spanned(words("ESCAPE "), opened);
                all.extend(inside);
                Ok(all)
            }
            "escape" => Err(fail("an escape character is written {escape '…'}")),
            "oj" => Ok(inside),
            "fn" => functions::expand(inside, opened).map_err(|message| fail(&message)),
            "call" => Err(unsupported(
                Some(opened.start),
                &called(&inside),
                "there are no procedures",
            )),
            _ => Err(fail(
                "this ODBC escape is not known: d, t, ts, fn, oj, escape, guid and interval are",
            )),
        }
    }
}

/// `{call name}`, of what follows `{call` or `{?`.
fn called(inside: &[TokenWithSpan]) -> String {
    let words = inside.iter().filter_map(|token| match &token.token {
        Token::Word(word) if !word.value.eq_ignore_ascii_case("call") => Some(word.value.as_str()),
        _ => None,
    });
    format!("{{call {}}}", words.take(1).collect::<String>())
}

/// `CAST('…' AS type)` of a single string.
fn literal(inside: Vec<TokenWithSpan>, type_name: &str) -> Option<Vec<TokenWithSpan>> {
    string(&inside)?;
    let span = inside.first()?.span;
    let mut cast = spanned(words("CAST("), span);
    cast.extend(inside);
    cast.extend(spanned(words(&format!(" AS {type_name})")), span));
    Some(cast)
}

fn string(inside: &[TokenWithSpan]) -> Option<&str> {
    match inside {
        [
            TokenWithSpan {
                token: Token::SingleQuotedString(text) | Token::NationalStringLiteral(text),
                ..
            },
        ] => Some(text),
        _ => None,
    }
}

/// Tokens of a text of ours.
pub(super) fn words(text: &str) -> Vec<Token> {
    // Ours are written by hand and tested: each of them tokenizes.
    Tokenizer::new(&Odbc, text).tokenize().unwrap_or_default()
}

/// Tokens that stand where `span` is, for messages.
pub(super) fn spanned(tokens: Vec<Token>, span: Span) -> Vec<TokenWithSpan> {
    tokens
        .into_iter()
        .map(|token| TokenWithSpan::new(token, span))
        .collect()
}

/// Without white space at both ends.
pub(super) fn trimmed(mut tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let blank = |t: &TokenWithSpan| matches!(t.token, Token::Whitespace(_));
    while tokens.last().is_some_and(blank) {
        tokens.pop();
    }
    let first = tokens.iter().position(|t| !blank(t)).unwrap_or(tokens.len());
    tokens.drain(..first);
    tokens
}
