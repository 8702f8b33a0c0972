//! Names of objects as T-SQL writes them in text: one to three parts, each bare, in brackets or in double quotes.

/// The parts of a name, quotes taken off; None for what is no name.
pub fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text.trim();
    loop {
        let (part, after) = match rest.chars().next() {
            Some('[') => quoted(&rest[1..], ']')?,
            Some('"') => quoted(&rest[1..], '"')?,
            _ => {
                let end = rest.find('.').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        parts.push(part);
        let after = after.trim_start();
        if after.is_empty() {
            return Some(parts);
        }
        rest = after.strip_prefix('.')?.trim_start();
    }
}

/// The text up to the closing quote, which stands for itself where it is doubled, and what follows it.
fn quoted(text: &str, close: char) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character != close {
            part.push(character);
        } else if characters.next_if(|(_, next)| *next == close).is_some() {
            part.push(close);
        } else {
            return Some((part, &text[at + close.len_utf8()..]));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn names_of_one_to_three_parts_in_any_quotes() {
        for (text, expected) in [
            ("Users", Some(vec!["Users"])),
            ("dbo.Users", Some(vec!["dbo", "Users"])),
            ("[dbo].[Users]", Some(vec!["dbo", "Users"])),
            ("Okta..Users", Some(vec!["Okta", "", "Users"])),
            (" okta . \"dbo\" . [Users] ", Some(vec!["okta", "dbo", "Users"])),
            ("tempdb..[#x]", Some(vec!["tempdb", "", "#x"])),
            ("[a]]b.c]", Some(vec!["a]b.c"])),
            ("\"a\"\"b\"", Some(vec!["a\"b"])),
            ("", Some(vec![""])),
            ("[dbo", None),
            ("[dbo]x", None),
        ] {
            let expected = expected.map(|parts| parts.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(parts(text), expected, "{text}");
        }
    }
}
