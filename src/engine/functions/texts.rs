//! T-SQL's functions of text that DataFusion lacks or means otherwise.

use super::super::Error;
use super::like;
use super::row::{Answer, Args, Body, Kind, Row};
use super::{fold_case, numbers};

use Kind::{Number, Text, Value, Whole};

/// Longest text that a function may make, in characters.
const LONGEST: usize = 16 << 20;

pub const ROWS: &[Row] = &[
    Row::new("len", &[Text], Body::Whole(len)),
    Row::new("datalength", &[Value], Body::Whole(data_length)),
    Row::new("char", &[Whole], Body::Text(|args, row| Ok(character(args, row, 0xFF)))),
    Row::new(
        "nchar",
        &[Whole],
        Body::Text(|args, row| Ok(character(args, row, 0x0010_FFFF))),
    ),
    Row::new("left", &[Text, Whole], Body::Text(left)),
    Row::new("right", &[Text, Whole], Body::Text(right)),
    Row::new("translate", &[Text, Text, Text], Body::Text(translate)),
    Row::new("charindex", &[Text, Text, Whole], Body::Whole(char_index)).at_least(2),
    Row::new("patindex", &[Text, Text], Body::Whole(pat_index)),
    Row::new("replace", &[Text, Text, Text], Body::Text(replace)),
    REPLACE_FOLDED,
    Row::new("replicate", &[Text, Whole], Body::Text(replicate)),
    Row::new("stuff", &[Text, Whole, Whole, Text], Body::Text(stuff)).of_nulls(),
    Row::new("quotename", &[Text, Text], Body::Text(quote_name)).at_least(1),
    Row::new("str", &[Number, Whole, Whole], Body::Text(numbers::str)).at_least(1),
    Row::new(
        "soundex",
        &[Text],
        Body::Text(|args, row| Ok(Some(soundex(args.text(0, row))))),
    ),
    Row::new("difference", &[Text, Text], Body::Whole(difference)),
];

/// REPLACE where the text rule folds case: what stays keeps its own.
pub const REPLACE_FOLDED: Row = Row::new("okta_replace", &[Text, Text, Text], Body::Text(replace_folded));

/// NULLIF where the text rule folds case. A CASE would name its first argument twice.
pub const NULL_IF_FOLDED: Row = Row::new("okta_nullif", &[Text, Text], Body::Text(null_if_folded)).of_nulls();

fn count(characters: usize) -> Answer<i32> {
    Ok(i32::try_from(characters).ok())
}

fn len(args: &Args, row: usize) -> Answer<i32> {
    count(args.text(0, row).trim_end_matches(' ').chars().count())
}

fn data_length(args: &Args, row: usize) -> Answer<i32> {
    if args.stored_instant(0, row).is_some() || args.number(0, row).is_some() {
        return Ok(Some(8));
    }
    count(args.text(0, row).encode_utf16().count() * 2)
}

fn character(args: &Args, row: usize, most: i64) -> Option<String> {
    let code = args.whole(0, row).filter(|code| (0..=most).contains(code))?;
    char::from_u32(u32::try_from(code).ok()?).map(String::from)
}

/// Number of the character that starts at a byte, from 1.
fn place(text: &str, byte: usize) -> usize {
    text[..byte].chars().count() + 1
}

fn char_index(args: &Args, row: usize) -> Answer<i32> {
    let (part, text) = (args.text(0, row), args.text(1, row));
    let start = args.whole(2, row).unwrap_or(1).max(1);
    let skipped = usize::try_from(start - 1).unwrap_or(usize::MAX);
    if part.is_empty() {
        return Ok(Some(0));
    }
    let Some((from, _)) = text.char_indices().nth(skipped) else {
        return Ok(Some(0));
    };
    match text[from..].find(part) {
        Some(byte) => count(place(text, from + byte)),
        None => Ok(Some(0)),
    }
}

fn pat_index(args: &Args, row: usize) -> Answer<i32> {
    count(like::place(args.text(0, row), args.text(1, row)))
}

/// How many characters LEFT and RIGHT are to give.
fn wanted(args: &Args, row: usize, function: &str) -> Result<usize, Error> {
    let count = args.whole(1, row).unwrap_or_default();
    if count < 0 {
        return Err(Error::Invalid(format!("{function} takes no negative length")));
    }
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

fn left(args: &Args, row: usize) -> Answer<String> {
    let count = wanted(args, row, "LEFT")?;
    Ok(Some(args.text(0, row).chars().take(count).collect()))
}

fn right(args: &Args, row: usize) -> Answer<String> {
    let (text, count) = (args.text(0, row), wanted(args, row, "RIGHT")?);
    let skipped = text.chars().count().saturating_sub(count);
    Ok(Some(text.chars().skip(skipped).collect()))
}

fn translate(args: &Args, row: usize) -> Answer<String> {
    let (from, to) = (args.text(1, row), args.text(2, row));
    if from.chars().count() != to.chars().count() {
        let message = "TRANSLATE takes as many characters to write as to look for";
        return Err(Error::Invalid(message.into()));
    }
    let written = |character| {
        let pair = from.chars().zip(to.chars()).find(|(from, _)| *from == character);
        pair.map_or(character, |(_, to)| to)
    };
    Ok(Some(args.text(0, row).chars().map(written).collect()))
}

fn replace(args: &Args, row: usize) -> Answer<String> {
    let (text, part, by) = (args.text(0, row), args.text(1, row), args.text(2, row));
    Ok(Some(if part.is_empty() {
        text.to_owned()
    } else {
        text.replace(part, by)
    }))
}

fn replace_folded(args: &Args, row: usize) -> Answer<String> {
    let (text, by) = (args.text(0, row), args.text(2, row));
    let (folded, part) = (fold_case(text), fold_case(args.text(1, row)));
    if part.is_empty() {
        return Ok(Some(text.to_owned()));
    }
    // Folding keeps the number of characters, not that of their bytes.
    let mut places = folded.char_indices().map(|(byte, _)| byte).zip(text.char_indices());
    let mut place_of = |byte: usize| places.find(|(at, _)| *at == byte).map_or(text.len(), |(_, (at, _))| at);
    let mut replaced = String::with_capacity(text.len());
    let (mut done, mut folded_done) = (0, 0);
    for (start, found) in folded.match_indices(part.as_ref()) {
        let start_of = if start == folded_done { done } else { place_of(start) };
        replaced.push_str(&text[done..start_of]);
        replaced.push_str(by);
        folded_done = start + found.len();
        done = place_of(folded_done);
    }
    replaced.push_str(&text[done..]);
    Ok(Some(replaced))
}

fn null_if_folded(args: &Args, row: usize) -> Answer<String> {
    if args.is_null(0, row) {
        return Ok(None);
    }
    let equal = !args.is_null(1, row) && fold_case(args.text(0, row)) == fold_case(args.text(1, row));
    Ok((!equal).then(|| args.text(0, row).to_owned()))
}

fn replicate(args: &Args, row: usize) -> Answer<String> {
    let text = args.text(0, row);
    let Ok(times) = usize::try_from(args.whole(1, row).unwrap_or(-1)) else {
        return Ok(None);
    };
    if text.len().saturating_mul(times) > LONGEST {
        return Err(Error::Overflow(format!("REPLICATE makes at most {LONGEST} bytes")));
    }
    Ok(Some(text.repeat(times)))
}

fn stuff(args: &Args, row: usize) -> Answer<String> {
    if (0..3).any(|arg| args.is_null(arg, row)) {
        return Ok(None);
    }
    // A NULL in the place of the new text is nothing.
    let (text, by) = (args.text(0, row), args.text(3, row));
    let (start, length) = (args.whole(1, row).unwrap_or(0), args.whole(2, row).unwrap_or(-1));
    let (Ok(start), Ok(length)) = (usize::try_from(start.saturating_sub(1)), usize::try_from(length)) else {
        return Ok(None);
    };
    if start >= text.chars().count() {
        return Ok(None);
    }
    let mut stuffed: String = text.chars().take(start).collect();
    stuffed.push_str(by);
    stuffed.extend(text.chars().skip(start.saturating_add(length)));
    Ok(Some(stuffed))
}

/// Quotes that QUOTENAME takes, and what opens and closes them.
const QUOTES: &[(&str, char, char)] = &[
    ("[", '[', ']'),
    ("]", '[', ']'),
    ("'", '\'', '\''),
    ("\"", '"', '"'),
    ("`", '`', '`'),
    ("(", '(', ')'),
    (")", '(', ')'),
    ("<", '<', '>'),
    (">", '<', '>'),
    ("{", '{', '}'),
    ("}", '{', '}'),
];

fn quote_name(args: &Args, row: usize) -> Answer<String> {
    let text = args.text(0, row);
    let quote = if args.count() > 1 { args.text(1, row) } else { "[" };
    let known = QUOTES.iter().find(|(name, ..)| *name == quote);
    // SQL Server's names have at most 128 characters.
    let Some((_, open, close)) = known.filter(|_| text.chars().count() <= 128) else {
        return Ok(None);
    };
    let doubled = text.replace(*close, &format!("{close}{close}"));
    Ok(Some(format!("{open}{doubled}{close}")))
}

fn sound(letter: char) -> Option<char> {
    Some(match letter {
        'B' | 'F' | 'P' | 'V' => '1',
        'C' | 'G' | 'J' | 'K' | 'Q' | 'S' | 'X' | 'Z' => '2',
        'D' | 'T' => '3',
        'L' => '4',
        'M' | 'N' => '5',
        'R' => '6',
        _ => return None,
    })
}

/// A letter and three digits; equal sounds side by side count once, also with an H or W between them.
fn soundex(text: &str) -> String {
    let letters: Vec<char> = text
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let Some(first) = letters.first() else {
        return "0000".to_owned();
    };
    let mut code = String::from(*first);
    let mut last = sound(*first);
    for letter in &letters[1..] {
        if matches!(letter, 'H' | 'W') {
            continue;
        }
        let sound = sound(*letter);
        if let Some(digit) = sound.filter(|_| sound != last) {
            code.push(digit);
        }
        last = sound;
    }
    code.chars().chain("000".chars()).take(4).collect()
}

fn difference(args: &Args, row: usize) -> Answer<i32> {
    let (one, other) = (soundex(args.text(0, row)), soundex(args.text(1, row)));
    count(one.chars().zip(other.chars()).filter(|(a, b)| a == b).count())
}
