//! ODBC escape sequences, resolved among tokens: never inside strings, names or comments.

use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::dialect::ODBC;
use super::position::{from_message, syntax_error, unsupported};
use super::{DEEPEST, Error, functions, shape};

/// The text's tokens; escapes in the old form `--(*vendor(…),product(…) … *)--` become `{ … }`.
///
/// Without `unescape` doubled quotes stay doubled, so that the tokens print as they were written.
pub(super) fn tokenize(text: &str, unescape: bool) -> Result<Vec<TokenWithSpan>, Error> {
    let tokens = Tokenizer::new(&ODBC, text)
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

/// Every `{…}` replaced by what it means.
pub(super) fn resolve(text: &str, tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>, Error> {
    resolve_for(text, tokens, false)
}

/// As [`resolve`], for a text that is shown and not run: procedure calls are written as T-SQL writes them.
pub(super) fn resolve_to_show(text: &str, tokens: Vec<TokenWithSpan>) -> Result<Vec<TokenWithSpan>, Error> {
    resolve_for(text, tokens, true)
}

fn resolve_for(text: &str, tokens: Vec<TokenWithSpan>, shown: bool) -> Result<Vec<TokenWithSpan>, Error> {
    if !tokens.iter().any(|t| matches!(t.token, Token::LBrace | Token::RBrace)) {
        return Ok(tokens);
    }
    let mut resolver = Resolver {
        text,
        tokens: tokens.into_iter().peekable(),
        depth: 0,
        shown,
    };
    let resolved = resolver.until_brace(None)?;
    Ok(resolved)
}

struct Resolver<'a> {
    text: &'a str,
    tokens: std::iter::Peekable<std::vec::IntoIter<TokenWithSpan>>,
    depth: usize,
    /// Is the text only shown?
    shown: bool,
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
        if keyword == "interval" {
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
            "call" if self.shown => Ok(executed(inside, opened)),
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

/// `EXEC name a, b` of `name(a, b)`, and `EXEC ? = name …` of what follows the first marker in `{? = call name(…)}`.
fn executed(inside: Vec<TokenWithSpan>, at: Span) -> Vec<TokenWithSpan> {
    let equals = inside.first().is_some_and(|token| token.token == Token::Eq);
    let mut rest = inside.into_iter().peekable();
    if equals {
        let is_call = |token: &TokenWithSpan| token.token.to_string().eq_ignore_ascii_case("call");
        rest.by_ref().find(is_call);
        while rest
            .next_if(|token| matches!(token.token, Token::Whitespace(_)))
            .is_some()
        {}
    }
    let mut all = spanned(words(if equals { "EXEC ? = " } else { "EXEC " }), at);
    let rest: Vec<_> = rest.collect();
    match rest.iter().position(|token| token.token == Token::LParen) {
        Some(opens) => {
            all.extend(trimmed(rest[..opens].to_vec()));
            let closes = rest.iter().rposition(|token| token.token == Token::RParen);
            let arguments = trimmed(rest[opens + 1..closes.unwrap_or(rest.len())].to_vec());
            if !arguments.is_empty() {
                all.extend(spanned(words(" "), at));
                all.extend(arguments);
            }
        }
        None => all.extend(rest),
    }
    all
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
    Tokenizer::new(&ODBC, text).tokenize().unwrap_or_default()
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
