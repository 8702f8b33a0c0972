//! Secrets: a type that cannot be printed and leaves no copy behind, and the removal of many from text that others wrote.

mod spelling;

use std::borrow::Cow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What stands in a secret's place.
const HIDDEN: &str = "***";
/// Shorter ones are part of ordinary words, so they are removed only where they are a word of their own.
const SHORTEST_PART: usize = 4;

/// Text that must not appear in any message, log or debug output. Overwritten when the last clone is dropped.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// A `String` is taken over as it is, so that no copy of it stays in memory.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(Arc::new(Zeroizing::new(text.into())))
    }

    /// The text itself, for the one header or file that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` without this secret: a server or a proxy may echo what it was sent.
    pub fn redact(&self, text: &str) -> String {
        let mut found = Vec::new();
        find(self, text, &mut found);
        without(text, found).into_owned()
    }
}

/// Takes as long for a wrong text as for a right one of the same length.
impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        let (left, right) = (self.0.as_bytes(), other.0.as_bytes());
        let differences = left.iter().zip(right).fold(0, |seen, (l, r)| black_box(seen | (l ^ r)));
        left.len() == right.len() && differences == 0
    }
}

impl Eq for Secret {}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// The secrets of one connection; clones are the same. It only ever learns more: what a token was yesterday may still stand
/// in a message today.
#[derive(Clone, Default)]
pub struct Redactor(Arc<Known>);

/// A list that grows without a lock: one that a fork leaves locked would stop the child.
#[derive(Default)]
struct Known(OnceLock<Box<Node>>);

struct Node {
    secret: Secret,
    next: Known,
}

impl Redactor {
    /// Removes `secret` from now on, from the text of every clone.
    pub fn add(&self, secret: &Secret) {
        if secret.is_empty() {
            return;
        }
        let mut node = Box::new(Node {
            secret: secret.clone(),
            next: Known::default(),
        });
        let mut end = &*self.0;
        loop {
            match end.0.get() {
                Some(known) if known.secret == *secret => return,
                Some(known) => end = &known.next,
                None => match end.0.set(node) {
                    Ok(()) => return,
                    Err(late) => node = late,
                },
            }
        }
    }

    /// A name and its password, which HTTP's Basic scheme sends as base64 of both (RFC 7617 §2).
    pub fn add_pair(&self, name: &str, password: &Secret) {
        self.add(password);
        if !password.is_empty() {
            let pair = Zeroizing::new(format!("{name}:{}", password.expose()));
            self.add(&Secret::new(STANDARD.encode(pair.as_bytes())));
        }
    }

    /// `text` without any of the secrets, in whatever way they are spelled there.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut found = Vec::new();
        for secret in self.secrets() {
            find(secret, text, &mut found);
        }
        without(text, found)
    }

    fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let first = self.0.0.get();
        std::iter::successors(first, |node| node.next.0.get()).map(|node| &node.secret)
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets().count())
    }
}

/// Where `secret` stands in `text`.
fn find(secret: &Secret, text: &str, found: &mut Vec<Range<usize>>) {
    let secret = secret.expose();
    if secret.is_empty() {
        return;
    }
    let part = secret.len() >= SHORTEST_PART;
    let places = spelling::places(secret, text);
    found.extend(places.into_iter().filter(|place| part || is_word(text, place)));
    if part {
        found.extend(spelling::places_in_base64(secret, text));
    }
}

fn is_word(text: &str, place: &Range<usize>) -> bool {
    let inside = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    !inside(text[..place.start].chars().next_back()) && !inside(text[place.end..].chars().next())
}

/// `text` with each of `places` hidden. Those that overlap are one: so the longest wins, and nothing of any of them stays.
fn without(text: &str, mut places: Vec<Range<usize>>) -> Cow<'_, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    places.sort_by_key(|place| place.start);
    let mut shown = String::with_capacity(text.len());
    let mut end = 0;
    let mut hidden_until = None;
    for place in places {
        if hidden_until.is_none_or(|until| place.start >= until) {
            shown.push_str(&text[end..place.start]);
            shown.push_str(HIDDEN);
            end = place.end;
        }
        end = end.max(place.end);
        hidden_until = Some(end);
    }
    shown.push_str(&text[end..]);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor(secrets: &[&str]) -> Redactor {
        let redactor = Redactor::default();
        secrets.iter().for_each(|secret| redactor.add(&Secret::new(*secret)));
        redactor
    }

    #[test]
    fn debug_shows_nothing_of_it() {
        assert_eq!(format!("{:?}", Some(Secret::new("00abc"))), "Some(***)");
        assert_eq!(format!("{:?}", redactor(&["00abc", "x"])), "Redactor(2 secrets)");
    }

    #[test]
    fn equal_are_those_of_the_same_text() {
        use std::collections::HashSet;
        let secrets: HashSet<_> = ["", "a", "ab", "ab", "ac", "b"].map(Secret::new).into();
        assert_eq!(secrets.len(), 5);
        assert!(Secret::new("ab") == Secret::new(String::from("ab")) && Secret::new("ab") != Secret::new("a"));
    }

    #[test]
    fn echoes_are_removed() {
        assert_eq!(Secret::new("00abc").redact("bad token 00abc!"), "bad token ***!");
        assert_eq!(Secret::new("").redact("text"), "text");
    }

    #[test]
    fn the_longer_of_two_goes_first_and_nothing_of_either_stays() {
        for secrets in [["token", "token-long"], ["token-long", "token"]] {
            let text = "token-long, token, tokentoken-long";
            assert_eq!(redactor(&secrets).redact(text), "***, ***, ******");
        }
        assert_eq!(redactor(&["abcdef", "defghi"]).redact("abcdefghi!"), "***!");
        assert_eq!(redactor(&["abcd"]).redact("abcdabcd"), "******");
    }

    #[test]
    fn a_short_one_is_removed_where_it_is_a_word_and_leaves_words_alone() {
        let redactor = redactor(&["a", "xy"]);
        assert_eq!(
            redactor.redact("a table: xyz, xy; PWD=a, \"xy\" and data"),
            "*** table: xyz, ***; PWD=***, \"***\" and data"
        );
    }

    #[test]
    fn what_is_known_to_one_clone_is_known_to_all_and_once() {
        let redactor = redactor(&["first"]);
        let clone = redactor.clone();
        for _ in 0..3 {
            clone.add(&Secret::new("second"));
            clone.add(&Secret::new(""));
        }
        assert_eq!(redactor.secrets().count(), 2);
        assert_eq!(redactor.redact("first second third"), "*** *** third");
        assert!(matches!(redactor.redact("nothing"), Cow::Borrowed("nothing")));
    }

    /// RFC 7617 §2 gives the header of this name and password.
    #[test]
    fn the_basic_header_of_a_pair_is_removed() {
        let redactor = Redactor::default();
        redactor.add_pair("Aladdin", &Secret::new("open sesame"));
        assert_eq!(
            redactor.redact("Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ== of Aladdin"),
            "Authorization: Basic *** of Aladdin"
        );
        let short = Redactor::default();
        short.add_pair("u", &Secret::new("x"));
        assert_eq!(short.redact("Basic dTp4"), "Basic ***");
    }

    #[test]
    fn many_threads_add_at_once() {
        let redactor = Redactor::default();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let redactor = redactor.clone();
                scope.spawn(move || {
                    (0..50).for_each(|number| redactor.add(&Secret::new(format!("secret-{}", number + thread % 2))));
                });
            }
        });
        assert_eq!(redactor.secrets().count(), 51);
    }
}
