//! T-SQL forms that the parser does not read, said among tokens in a form that it does.

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// `IS 1`, `!<`, `!>`, `TOP ?`, `FETCH FIRST a + b ROWS ONLY`, `OPTION (…)`.
pub(super) fn rewrite(tokens: Vec<TokenWithSpan>) -> Vec<TokenWithSpan> {
    let mut written: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let rest = &tokens[at..];
        let form = match (&token.token, keyword(token)) {
            (Token::ExclamationMark, _) => not_less(rest),
            (_, Keyword::IS) => is_bit(rest),
            (_, Keyword::TOP) => top(rest),
            (_, Keyword::FETCH) => fetch(rest),
            (_, Keyword::OPTION) => option(rest),
            _ => None,
        };
        match form {
            Some((used, instead)) => {
                written.extend(instead);
                at += used;
            }
            None => {
                written.push(token.clone());
                at += 1;
            }
        }
    }
    written
}

/// Tokens used up, and those that stand for them.
type Form = Option<(usize, Vec<TokenWithSpan>)>;

fn keyword(token: &TokenWithSpan) -> Keyword {
    match &token.token {
        Token::Word(word) if word.quote_style.is_none() => word.keyword,
        _ => Keyword::NoKeyword,
    }
}

/// The next token that is no white space, from `from` on.
fn next(tokens: &[TokenWithSpan], from: usize) -> Option<(usize, &TokenWithSpan)> {
    let mut rest = tokens.iter().enumerate().skip(from);
    rest.find(|(_, token)| !matches!(token.token, Token::Whitespace(_)))
}

fn as_if(token: Token, place: &TokenWithSpan) -> TokenWithSpan {
    TokenWithSpan::new(token, place.span)
}

/// `a !< b` is `a >= b`.
fn not_less(tokens: &[TokenWithSpan]) -> Form {
    let first = tokens.first()?;
    let instead = match tokens.get(1)?.token {
        Token::Lt => Token::GtEq,
        Token::Gt => Token::LtEq,
        _ => return None,
    };
    Some((2, vec![as_if(instead, first)]))
}

/// `a IS 1`, `a IS NOT 0`, as SQLAlchemy asks for truth.
fn is_bit(tokens: &[TokenWithSpan]) -> Form {
    let (mut at, mut second) = next(tokens, 1)?;
    if keyword(second) == Keyword::NOT {
        (at, second) = next(tokens, at + 1)?;
    }
    let truth = match &second.token {
        Token::Number(digit, _) if digit == "1" => "TRUE",
        Token::Number(digit, _) if digit == "0" => "FALSE",
        _ => return None,
    };
    let mut instead = tokens[..at].to_vec();
    instead.push(as_if(Token::make_keyword(truth), second));
    Some((at + 1, instead))
}

/// `TOP ?` and `TOP 0.5 PERCENT`: the parser wants parentheses.
fn top(tokens: &[TokenWithSpan]) -> Form {
    let (at, quantity) = next(tokens, 1)?;
    let wraps = match &quantity.token {
        Token::Placeholder(_) => true,
        Token::Number(digits, _) => digits.contains('.'),
        _ => false,
    };
    if !wraps {
        return None;
    }
    let mut instead = tokens[..at].to_vec();
    instead.push(as_if(Token::LParen, quantity));
    instead.push(quantity.clone());
    instead.push(as_if(Token::RParen, quantity));
    Some((at + 1, instead))
}

/// `FETCH NEXT a + b ROWS ONLY`: the parser reads one value there, and any expression after LIMIT.
fn fetch(tokens: &[TokenWithSpan]) -> Form {
    let (mut from, word) = next(tokens, 1)?;
    if !matches!(keyword(word), Keyword::FIRST | Keyword::NEXT) {
        return None;
    }
    from += 1;
    let ends = [Keyword::ROW, Keyword::ROWS, Keyword::PERCENT, Keyword::FETCH];
    let rows = tokens
        .iter()
        .skip(from)
        .position(|token| ends.contains(&keyword(token)))?
        + from;
    let words = tokens[from..rows]
        .iter()
        .filter(|token| !matches!(token.token, Token::Whitespace(_)))
        .count();
    if words < 2 || matches!(keyword(&tokens[rows]), Keyword::PERCENT | Keyword::FETCH) {
        return None;
    }
    let (only, last) = next(tokens, rows + 1)?;
    if keyword(last) != Keyword::ONLY {
        return None;
    }
    let mut instead = vec![as_if(Token::make_keyword("LIMIT"), &tokens[0])];
    instead.extend_from_slice(&tokens[from..rows]);
    Some((only + 1, instead))
}

/// `OPTION (RECOMPILE)` at the end: there is no plan to hint at.
fn option(tokens: &[TokenWithSpan]) -> Form {
    let (at, open) = next(tokens, 1)?;
    if open.token != Token::LParen {
        return None;
    }
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        match token.token {
            Token::LParen => depth += 1,
            Token::RParen => depth -= 1,
            // No hint holds hints.
            _ if keyword(token) == Keyword::OPTION => return None,
            _ => {}
        }
        if depth == 0 {
            return next(tokens, index + 1).is_none().then(|| (index + 1, Vec::new()));
        }
    }
    None
}
