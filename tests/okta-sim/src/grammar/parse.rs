//! From text to expression: tokens, precedence (`and` binds tighter than `or`), nesting.

use super::{Condition, Expression, Literal, Op};

/// Nesting that an expression may have.
const MAX_DEPTH: usize = 64;

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    /// An attribute, operator, `and`, `or`, `not`, `true`, `false`.
    Word(String),
    Text(String),
    Number(f64),
}

/// Reads `attribute operator value` conditions joined by `and`, `or`, `not` and parentheses.
pub(crate) fn parse(text: &str) -> Result<Expression<String>, String> {
    let mut parser = Parser {
        tokens: tokens(text)?,
        at: 0,
    };
    let expression = parser.either(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some(token) => Err(format!("Unexpected {token:?} after a complete expression.")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '(' => {
                tokens.push(Token::Open);
                1
            }
            ')' => {
                tokens.push(Token::Close);
                1
            }
            '"' => {
                let mut strings = serde_json::Deserializer::from_str(rest).into_iter::<String>();
                let string = strings.next().and_then(Result::ok);
                tokens.push(Token::Text(
                    string.ok_or("A string is not closed or not a JSON string.")?,
                ));
                strings.byte_offset()
            }
            _ => {
                let length = rest
                    .find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"'))
                    .unwrap_or(rest.len());
                tokens.push(word(&rest[..length])?);
                length
            }
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn word(word: &str) -> Result<Token, String> {
    if word.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
        let number = word
            .parse()
            .map_err(|_| format!("'{word}' is no number; strings need double quotes."))?;
        return Ok(Token::Number(number));
    }
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '$' | ':');
    if word.chars().all(plain) {
        Ok(Token::Word(word.to_owned()))
    } else {
        Err(format!("Unexpected '{word}'."))
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn takes(&mut self, keyword: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn either(&mut self, depth: usize) -> Result<Expression<String>, String> {
        let mut parts = vec![self.both(depth)?];
        while self.takes("or") {
            parts.push(self.both(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Expression::Or(parts)
        })
    }

    fn both(&mut self, depth: usize) -> Result<Expression<String>, String> {
        let mut parts = vec![self.single(depth)?];
        while self.takes("and") {
            parts.push(self.single(depth)?);
        }
        Ok(if parts.len() == 1 {
            parts.swap_remove(0)
        } else {
            Expression::And(parts)
        })
    }

    fn single(&mut self, depth: usize) -> Result<Expression<String>, String> {
        if depth > MAX_DEPTH {
            return Err("The expression is nested too deeply.".to_owned());
        }
        if self.takes("not") {
            return Ok(Expression::Not(Box::new(self.single(depth + 1)?)));
        }
        match self.next() {
            Some(Token::Open) => {
                let inner = self.either(depth + 1)?;
                match self.next() {
                    Some(Token::Close) => Ok(inner),
                    _ => Err("A parenthesis is not closed.".to_owned()),
                }
            }
            Some(Token::Word(attribute)) => self.condition(attribute),
            Some(token) => Err(format!("{token:?} stands where an attribute is expected.")),
            None => Err("An attribute is expected at the end.".to_owned()),
        }
    }

    fn condition(&mut self, attribute: String) -> Result<Expression<String>, String> {
        let op = match self.next() {
            Some(Token::Word(word)) => Op::WORDS
                .iter()
                .find(|(name, _)| word.eq_ignore_ascii_case(name))
                .map(|(_, op)| *op),
            _ => None,
        };
        let op = op.ok_or_else(|| format!("An operator is expected after '{attribute}'."))?;
        let value = match op {
            Op::Pr => Literal::None,
            _ => match self.next() {
                Some(Token::Text(text)) => Literal::Text(text),
                Some(Token::Number(number)) => Literal::Number(number),
                Some(Token::Word(word)) if word == "true" || word == "false" => Literal::Bool(word == "true"),
                _ => {
                    return Err(format!(
                        "A value is expected after '{attribute} {}'; strings need double quotes.",
                        op.word()
                    ));
                }
            },
        };
        Ok(Expression::Test(Condition { attribute, op, value }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(attribute: &str, op: Op, value: Literal) -> Expression<String> {
        Expression::Test(Condition {
            attribute: attribute.to_owned(),
            op,
            value,
        })
    }

    #[test]
    fn and_binds_tighter_than_or_and_operators_have_no_case() {
        let parsed = parse("a eq 1 OR b Pr AND not (c Sw \"x\\\"\\\\ü\" or d eq true)").unwrap();
        let inner = Expression::Or(vec![
            test("c", Op::Sw, Literal::Text("x\"\\ü".into())),
            test("d", Op::Eq, Literal::Bool(true)),
        ]);
        let right = Expression::And(vec![test("b", Op::Pr, Literal::None), Expression::Not(Box::new(inner))]);
        assert_eq!(
            parsed,
            Expression::Or(vec![test("a", Op::Eq, Literal::Number(1.0)), right])
        );
    }

    #[test]
    fn malformed_expressions_are_errors() {
        let deep = format!("{}a pr{}", "(".repeat(200), ")".repeat(200));
        for bad in [
            "",
            " ",
            "a",
            "a eq",
            "a eq b",
            "a eq 'b'",
            "a eq \"b",
            "eq \"b\"",
            "a eq \"b\" and",
            "(a pr",
            "a pr)",
            "a pr b pr",
            "a xx \"b\"",
            "a eq \"b\" \"c\"",
            "a[b eq 1]",
            "a eq \"\n\"",
            "()",
            "not",
            "a eq null",
            &deep,
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
