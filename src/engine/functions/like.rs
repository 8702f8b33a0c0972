//! T-SQL's patterns: `%`, `_`, `[a-z]`, `[^a-z]`.

/// One element of a pattern.
#[derive(Debug, PartialEq)]
enum Element {
    Any,
    One,
    Letter(char),
    Class { ranges: Vec<(char, char)>, negated: bool },
}

fn elements(pattern: &str) -> Vec<Element> {
    let characters: Vec<char> = pattern.chars().collect();
    let mut elements = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        at += 1;
        elements.push(match character {
            '%' => Element::Any,
            '_' => Element::One,
            '[' => match class(&characters[at..]) {
                Some((class, used)) => {
                    at += used;
                    class
                }
                None => Element::Letter('['),
            },
            other => Element::Letter(*other),
        });
    }
    elements
}

/// The class that a `[` opened, and its length with the `]`.
fn class(rest: &[char]) -> Option<(Element, usize)> {
    let negated = rest.first() == Some(&'^');
    let start = usize::from(negated);
    // A `]` in the first place stands for itself.
    let end = rest.iter().skip(start + 1).position(|character| *character == ']')? + start + 1;
    let inside = &rest[start..end];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < inside.len() {
        if at + 2 < inside.len() && inside[at + 1] == '-' {
            ranges.push((inside[at], inside[at + 2]));
            at += 3;
        } else {
            ranges.push((inside[at], inside[at]));
            at += 1;
        }
    }
    Some((Element::Class { ranges, negated }, end + 1))
}

impl Element {
    fn takes(&self, character: char) -> bool {
        match self {
            Element::Any | Element::One => true,
            Element::Letter(letter) => *letter == character,
            Element::Class { ranges, negated } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&character)) != *negated
            }
        }
    }
}

/// Whether the whole text matches.
fn matches(elements: &[Element], text: &[char]) -> bool {
    let (mut element, mut at) = (0, 0);
    // Where the last `%` stands, and how far it has been stretched.
    let mut stretch: Option<(usize, usize)> = None;
    while at < text.len() {
        match elements.get(element) {
            Some(Element::Any) => {
                stretch = Some((element, at));
                element += 1;
            }
            Some(one) if one.takes(text[at]) => {
                element += 1;
                at += 1;
            }
            _ => match &mut stretch {
                Some((any, stretched)) => {
                    *stretched += 1;
                    (element, at) = (*any + 1, *stretched);
                }
                None => return false,
            },
        }
    }
    elements[element..].iter().all(|rest| *rest == Element::Any)
}

/// Place of the first match, from 1; 0 if there is none. Without a leading `%` a match starts the text.
pub fn place(pattern: &str, text: &str) -> usize {
    let (elements, text) = (elements(pattern), text.chars().collect::<Vec<char>>());
    if elements.first() != Some(&Element::Any) {
        return usize::from(matches(&elements, &text));
    }
    let rest = &elements[1..];
    let found = (0..=text.len()).find(|start| matches(rest, &text[*start..]));
    found.map_or(0, |start| start + 1)
}
