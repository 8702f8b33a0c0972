//! The org: rows that are functions of a seed and an index, computed when they are asked for.

pub(crate) mod app;
pub(crate) mod event;
pub(crate) mod factor;
pub(crate) mod group;
pub(crate) mod names;
pub(crate) mod profile;
pub(crate) mod user;
pub(crate) mod user_type;

use crate::options::Options;

/// Start of the org's history, 2019-01-01.
pub(crate) const FOUNDED: i64 = 1_546_300_800_000;
/// End of the history of users, groups and apps, 2026-06-30.
pub(crate) const FROZEN: i64 = 1_782_777_600_000;
pub(crate) const DAY: i64 = 86_400_000;

/// Sizes, seed and clock of an org.
#[derive(Clone, Debug)]
pub(crate) struct Org {
    pub(crate) users: u64,
    pub(crate) groups: u64,
    pub(crate) apps: u64,
    /// Characters of the profiles of the first apps.
    pub(crate) app_profiles: Vec<usize>,
    pub(crate) log_events: u64,
    /// Epoch milliseconds at which the org stands still.
    pub(crate) now: i64,
    seed: u64,
    suffix: String,
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE36: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
/// Ids begin at `a00000`, as ids of grown orgs do not begin with zeros.
const FIRST_ID: u64 = 10 * 36_u64.pow(5);
const INDEX_WIDTH: usize = 6;
const NOISE_WIDTH: usize = 6;
/// Every id has 20 characters, as Okta's.
const ID_WIDTH: usize = 20;

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

fn letters(alphabet: &[u8], width: usize, mut number: u64) -> Vec<u8> {
    let base = alphabet.len() as u64;
    let mut text = vec![alphabet[0]; width];
    for place in text.iter_mut().rev() {
        *place = usize::try_from(number % base)
            .ok()
            .and_then(|at| alphabet.get(at))
            .copied()
            .unwrap_or(b'0');
        number /= base;
    }
    text
}

impl Org {
    pub(crate) fn new(options: &Options, now: i64) -> Self {
        let noise = mix(options.seed.wrapping_add(0x9e37_79b9_7f4a_7c15));
        let mut suffix = letters(BASE62, 2, noise);
        suffix.extend_from_slice(b"1d7");
        Self {
            users: options.users,
            groups: options.groups.max(1),
            apps: options.apps,
            app_profiles: options.app_profiles.clone(),
            log_events: options
                .log_events
                .unwrap_or_else(|| (options.users * 5).clamp(500, 50_000)),
            now: now.div_euclid(1000) * 1000,
            seed: options.seed,
            suffix: String::from_utf8(suffix).unwrap_or_default(),
        }
    }

    /// A number that depends on the seed, a kind of row, its index and what it is for.
    pub(crate) fn noise(&self, kind: &str, index: u64, purpose: u64) -> u64 {
        let kind = kind.bytes().fold(self.seed, |sum, byte| {
            sum.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        mix(mix(kind ^ index.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_add(purpose.wrapping_mul(0xd1b5_4a32_d192_ed03)))
    }

    /// The id of row `index` of the kind that ids mark with `prefix` (`00u`, `00g` …). Ids sort as indexes do.
    pub(crate) fn id(&self, prefix: &str, index: u64) -> String {
        let mut id = String::with_capacity(ID_WIDTH);
        id.push_str(prefix);
        for text in [
            letters(BASE36, INDEX_WIDTH, FIRST_ID + index),
            letters(BASE62, NOISE_WIDTH, self.noise(prefix, index, 0)),
        ] {
            id.push_str(&String::from_utf8(text).unwrap_or_default());
        }
        id.push_str(&self.suffix);
        id
    }

    /// The index behind an id, if the org has given it out for one of `count` rows.
    pub(crate) fn index(&self, prefix: &str, count: u64, id: &str) -> Option<u64> {
        let digits = id.strip_prefix(prefix)?.get(..INDEX_WIDTH)?;
        if digits.bytes().any(|byte| !BASE36.contains(&byte)) {
            return None;
        }
        let index = u64::from_str_radix(digits, 36).ok()?.checked_sub(FIRST_ID)?;
        (index < count && self.id(prefix, index) == id).then_some(index)
    }

    /// The index behind an id in whatever case it is written.
    pub(crate) fn index_any_case(&self, prefix: &str, count: u64, id: &str) -> Option<u64> {
        let lower = id.to_ascii_lowercase();
        let digits = lower.strip_prefix(prefix)?.get(..INDEX_WIDTH)?;
        let index = u64::from_str_radix(digits, 36).ok()?.checked_sub(FIRST_ID)?;
        (index < count && self.id(prefix, index).eq_ignore_ascii_case(id)).then_some(index)
    }

    pub(crate) fn realm_id(&self) -> String {
        self.id("guo", 0)
    }
}

/// One element of a table, chosen by noise.
pub(crate) fn pick<T: Copy>(table: &[T], noise: u64) -> T {
    table[usize::try_from(noise % table.len() as u64).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_oktas_in_shape_sort_as_indexes_and_lead_back() {
        let org = Org::new(
            &Options {
                users: 5_000_000,
                ..Options::default()
            },
            FROZEN,
        );
        let mut before = String::new();
        for index in [0, 1, 2, 35, 36, 1295, 1296, 4_999_999] {
            let id = org.id("00u", index);
            assert_eq!(id.len(), 20, "{id}");
            assert!(id.to_ascii_lowercase() > before, "{id} after {before}");
            assert_eq!(org.index("00u", org.users, &id), Some(index));
            before = id.to_ascii_lowercase();
        }
        let other = Org::new(
            &Options {
                seed: 2,
                ..Options::default()
            },
            FROZEN,
        );
        assert_eq!(other.index("00u", 100, &org.id("00u", 1)), None);
        for foreign in ["", "00u", "00uü", "me", "00ua0000100000000000"] {
            assert_eq!(org.index("00u", 100, foreign), None, "{foreign}");
        }
    }
}
