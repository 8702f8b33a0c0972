//! DPoP nonces: a new one every so often, old ones still taken for three times as long (Okta: a day, three days).

use ring::hmac::{HMAC_SHA256, Key, sign};
use ring::rand::SystemRandom;

use super::jwt::base64url;

const KEPT: i64 = 3;

pub(super) struct Nonces {
    key: Key,
    /// Milliseconds.
    lifetime: i64,
}

impl Nonces {
    pub(super) fn new(random: &SystemRandom, lifetime_seconds: u32) -> Option<Self> {
        Some(Self {
            key: Key::generate(HMAC_SHA256, random).ok()?,
            lifetime: i64::from(lifetime_seconds.max(1)) * 1000,
        })
    }

    fn of(&self, period: i64) -> String {
        base64url(&sign(&self.key, &period.to_be_bytes()).as_ref()[..24])
    }

    pub(super) fn current(&self, now: i64) -> String {
        self.of(now.div_euclid(self.lifetime))
    }

    pub(super) fn accepts(&self, nonce: &str, now: i64) -> bool {
        let period = now.div_euclid(self.lifetime);
        (period - KEPT..=period).any(|period| self.of(period) == nonce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_renewed_after_its_lifetime_and_taken_three_lifetimes_longer() {
        let nonces = Nonces::new(&SystemRandom::new(), 86_400).unwrap();
        let (start, day) = (20_000 * 86_400_000, 86_400_000);
        let first = nonces.current(start);
        assert_eq!(nonces.current(start + day - 1), first);
        assert_ne!(nonces.current(start + day), first);
        assert!(nonces.accepts(&first, start + 4 * day - 1));
        assert!(!nonces.accepts(&first, start + 4 * day));
        assert!(!nonces.accepts("", start));
    }
}
