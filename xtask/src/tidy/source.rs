//! A Rust file as the rules read it: code without comments and strings, the strings themselves, and the paths it names.

/// One file of the checkout.
pub struct Source {
    /// Relative to the checkout, with `/`.
    pub path: String,
    pub text: String,
    /// The text with comments and the insides of strings blanked; line for line the same.
    pub code: String,
    /// String literals with their line, counted from 1.
    pub strings: Vec<(usize, String)>,
    /// First line of the unit tests at its end; all of it in files of tests.
    test_line: usize,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Source {
        let (code, strings) = split(text);
        let only_tests = path.starts_with("tests/") || path.ends_with("/tests.rs") || path.contains("/tests/");
        let lines: Vec<&str> = code.lines().collect();
        let module = |at: usize| {
            lines
                .get(at + 1)
                .is_some_and(|line| line.trim_start().starts_with("mod ") && line.ends_with('{'))
        };
        let inline = lines
            .iter()
            .enumerate()
            .find(|(at, line)| line.trim() == "#[cfg(test)]" && module(*at));
        let test_line = if only_tests {
            1
        } else {
            inline.map_or(usize::MAX, |(at, _)| at + 1)
        };
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code,
            strings,
            test_line,
        }
    }

    pub fn is_test(&self, line: usize) -> bool {
        line >= self.test_line
    }

    /// The room: `okta` for `src/okta/client.rs`.
    pub fn room(&self) -> Option<&str> {
        let inside = self.path.strip_prefix("src/")?;
        inside
            .split_once('/')
            .map(|(room, _)| room)
            .or_else(|| inside.strip_suffix(".rs"))
    }

    /// Lines whose code holds `word` with no identifier character beside it.
    pub fn lines_with(&self, word: &str) -> Vec<usize> {
        let found = |line: &str| line.match_indices(word).any(|(at, _)| whole_word(line, at, word.len()));
        self.code
            .lines()
            .enumerate()
            .filter(|(_, line)| found(line))
            .map(|(at, _)| at + 1)
            .collect()
    }

    /// Rooms that it names by `crate::room`, `crate::{room, …}` or `super::…`, with their lines.
    pub fn rooms_named(&self) -> Vec<(usize, String)> {
        let mut named = self.after("crate::");
        let depth = self.path.strip_prefix("src/").map_or(0, |inside| {
            let folders = inside.matches('/').count();
            if inside.ends_with("/mod.rs") {
                folders
            } else {
                folders + 1
            }
        });
        if depth > 0 {
            let climb = "super::".repeat(depth);
            let deeper = format!("super::{climb}");
            let to_root = self
                .after(&climb)
                .into_iter()
                .filter(|(line, _)| !self.line(*line).contains(&deeper));
            named.extend(to_root.filter(|(_, name)| name != "super" && name != "*"));
        }
        named
    }

    /// First segments that follow `prefix`, groups in braces taken apart.
    pub fn after(&self, prefix: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices(prefix) {
            if at > 0 && is_identifier(self.code[..at].chars().next_back()) || self.code[..at].ends_with("::") {
                continue;
            }
            let line = self.code[..at].matches('\n').count() + 1;
            let rest = &self.code[at + prefix.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                found.extend(group_members(group).into_iter().map(|member| (line, member)));
            } else {
                found.push((line, identifier(rest)));
            }
        }
        found
    }

    /// Lines that name the external crate `name`.
    pub fn uses_crate(&self, name: &str) -> Vec<usize> {
        let path = format!("{name}::");
        let mut lines = Vec::new();
        for (number, line) in self.code.lines().enumerate() {
            let in_path = line.match_indices(&path).any(|(at, _)| {
                let before = &line[..at];
                !is_identifier(before.chars().next_back()) && !before.ends_with("::") && !before.ends_with('.')
                    || before.ends_with(" ::")
            });
            let imported = line
                .trim()
                .strip_prefix("use ")
                .is_some_and(|rest| identifier(rest) == name && !rest[name.len()..].starts_with("::"));
            if in_path || imported {
                lines.push(number + 1);
            }
        }
        lines
    }

    fn line(&self, number: usize) -> &str {
        self.code.lines().nth(number - 1).unwrap_or("")
    }
}

fn is_identifier(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || c == '_')
}

fn whole_word(line: &str, at: usize, length: usize) -> bool {
    !is_identifier(line[..at].chars().next_back()) && !is_identifier(line[at + length..].chars().next())
}

fn identifier(text: &str) -> String {
    text.chars()
        .take_while(|c| is_identifier(Some(*c)) || *c == '*')
        .collect()
}

/// The first segment of each member of `{a, b::c, d::{e, f}}`, given without its opening brace.
fn group_members(group: &str) -> Vec<String> {
    let mut members = Vec::new();
    let mut depth = 0;
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            ',' | '}' if depth == 0 => {
                let member = identifier(group[start..at].trim_start());
                if !member.is_empty() {
                    members.push(member);
                }
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    members
}

/// Code and strings, by a lexer that knows comments, strings, raw strings and character literals.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut strings = Vec::new();
    let mut line = 1;
    let mut at = 0;
    let blank = |c: char| if c == '\n' { '\n' } else { ' ' };
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied();
        let end = match (c, next) {
            ('/', Some('/')) => chars[at..]
                .iter()
                .position(|c| *c == '\n')
                .map_or(chars.len(), |length| at + length),
            ('/', Some('*')) => block_comment(&chars, at),
            ('"', _) => {
                let end = plain_string(&chars, at);
                strings.push((line, chars[at + 1..end.saturating_sub(1).max(at + 1)].iter().collect()));
                end
            }
            ('r', Some('"' | '#'))
                if !is_identifier(at.checked_sub(1).map(|before| chars[before])) || chars[at - 1] == 'b' =>
            {
                match raw_string(&chars, at) {
                    Some((inside, end)) => {
                        strings.push((line, inside));
                        end
                    }
                    None => at,
                }
            }
            ('\'', _) => character(&chars, at),
            _ => at,
        };
        if end == at {
            code.push(c);
            line += usize::from(c == '\n');
            at += 1;
        } else {
            for c in &chars[at..end] {
                code.push(blank(*c));
                line += usize::from(*c == '\n');
            }
            at = end;
        }
    }
    (code, strings)
}

fn block_comment(chars: &[char], from: usize) -> usize {
    let mut depth = 0;
    let mut at = from;
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn plain_string(chars: &[char], from: usize) -> usize {
    let mut at = from + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn raw_string(chars: &[char], from: usize) -> Option<(String, usize)> {
    let hashes = chars[from + 1..].iter().take_while(|c| **c == '#').count();
    let start = from + 1 + hashes;
    if chars.get(start) != Some(&'"') {
        return None;
    }
    let closes = |at: usize| chars[at] == '"' && chars[at + 1..].iter().take_while(|c| **c == '#').count() >= hashes;
    let end = (start + 1..chars.len()).find(|at| closes(*at))?;
    Some((chars[start + 1..end].iter().collect(), end + 1 + hashes))
}

/// The end of a character literal; `from` itself for a lifetime.
fn character(chars: &[char], from: usize) -> usize {
    match (chars.get(from + 1), chars.get(from + 2)) {
        (Some('\\'), _) => chars[from + 3..]
            .iter()
            .position(|c| *c == '\'')
            .map_or(from, |length| from + 4 + length),
        (Some(_), Some('\'')) => from + 3,
        _ => from,
    }
}
