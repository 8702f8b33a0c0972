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

/// What became of a match that has to take the whole text.
#[derive(Debug, PartialEq)]
enum Match {
    Whole,
    /// Not from here.
    Not,
    /// Not from here, nor from further on: what follows a `%` is nowhere in the rest.
    NotFurther,
}

fn matched(elements: &[Element], text: &[char]) -> Match {
    let (mut element, mut at) = (0, 0);
    // Where the last `%` stands, and how far it has been stretched.
    let mut stretch: Option<(usize, usize)> = None;
    while at < text.len() {
        match elements.get(element) {
            Some(Element::Any) => {
                // A `%` at the end takes all that is left.
                if element + 1 == elements.len() {
                    return Match::Whole;
                }
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
                None => return Match::Not,
            },
        }
    }
    if elements[element..].iter().all(|rest| *rest == Element::Any) {
        Match::Whole
    } else if stretch.is_some() {
        Match::NotFurther
    } else {
        Match::Not
    }
}

/// Place of the first match, from 1; 0 if there is none. Without a leading `%` a match starts the text.
pub fn place(pattern: &str, text: &str) -> usize {
    let elements = elements(pattern);
    if let Some(part) = part(&elements) {
        let found = text.find(&part);
        return found.map_or(0, |byte| text[..byte].chars().count() + 1);
    }
    let text: Vec<char> = text.chars().collect();
    if elements.first() != Some(&Element::Any) {
        return usize::from(matched(&elements, &text) == Match::Whole);
    }
    for start in 0..=text.len() {
        match matched(&elements[1..], &text[start..]) {
            Match::Whole => return start + 1,
            Match::Not => {}
            Match::NotFurther => return 0,
        }
    }
    0
}

/// The text of `%text%`.
fn part(elements: &[Element]) -> Option<String> {
    let [Element::Any, inside @ .., Element::Any] = elements else {
        return None;
    };
    let letter = |element: &Element| match element {
        Element::Letter(letter) => Some(*letter),
        _ => None,
    };
    inside.iter().map(letter).collect()
}
