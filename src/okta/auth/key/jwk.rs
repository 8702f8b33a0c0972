//! Private keys as JSON Web Keys (RFC 7517, RFC 7518 §6), alone or in a set.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pkcs1::RsaPrivateKeyRef;
use pkcs8::der::asn1::UintRef;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::private::{Curve, PrivateKey};
use super::{OFFERED, Refused, SIGNS};

/// A key, or a set of them; members that are not named here do not matter.
#[derive(Deserialize)]
struct Jwk {
    keys: Option<Vec<Jwk>>,
    #[serde(default)]
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Drop for Jwk {
    fn drop(&mut self) {
        for member in [
            &mut self.d,
            &mut self.p,
            &mut self.q,
            &mut self.dp,
            &mut self.dq,
            &mut self.qi,
        ] {
            member.zeroize();
        }
    }
}

/// The key and its own `kid`. `wanted` chooses among the keys of a set.
pub fn read(bytes: &[u8], wanted: Option<&str>) -> Result<(PrivateKey, Option<String>), Refused> {
    // serde's own text would show a piece of the key.
    let mut jwk: Jwk = serde_json::from_slice(bytes).map_err(|error| {
        format!(
            "it is no well-formed JWK (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    let Some(mut keys) = jwk.keys.take() else {
        return jwk.key();
    };
    if let Some(wanted) = wanted
        && keys.len() > 1
    {
        keys.retain(|key| key.kid.as_deref() == Some(wanted));
        if keys.is_empty() {
            return Err(format!(
                "none of the keys in the JWK set has the kid {wanted:?} that OAuthJWTPublicKeyId names"
            ));
        }
    }
    match keys.as_slice() {
        [] => Err("the JWK set is empty".into()),
        [only] => only.key(),
        several => Err(format!(
            "the JWK set holds {} keys: name one by its kid in OAuthJWTPublicKeyId",
            several.len()
        )),
    }
}

impl Jwk {
    fn key(&self) -> Result<(PrivateKey, Option<String>), Refused> {
        let key = match self.kty.as_str() {
            "RSA" => self.rsa(),
            "EC" => self.ec(),
            "" => Err("it is no JWK: it has no member kty".into()),
            other => Err(format!("its kty is {other:?}: {OFFERED}")),
        }?;
        if let Some(alg) = &self.alg {
            // An alg that this kind of key cannot have would make a signature that nobody accepts.
            let fits = SIGNS
                .iter()
                .any(|(name, algorithm)| name == alg && *algorithm == key.algorithm());
            if !fits {
                return Err(format!("its alg is {alg:?}, which does not fit the key: {OFFERED}"));
            }
        }
        Ok((key, self.kid.clone()))
    }

    fn rsa(&self) -> Result<PrivateKey, Refused> {
        let algorithm = match &self.alg {
            None => None,
            Some(alg) if alg.starts_with("RS") => {
                let row = SIGNS.iter().find(|(name, _)| name == alg);
                Some(row.ok_or_else(|| not_offered(alg))?.1)
            }
            Some(alg) => return Err(not_offered(alg)),
        };
        let (n, e) = (member("n", &self.n)?, member("e", &self.e)?);
        let d = self.private()?;
        if [&self.p, &self.q, &self.dp, &self.dq, &self.qi]
            .iter()
            .any(|part| part.is_none())
        {
            return Err(
                "the RSA key has n, e and d but not all of p, q, dp, dq and qi, which signing needs; most tools write them: \
                 export it again, or as PEM"
                    .into(),
            );
        }
        let (p, q) = (member("p", &self.p)?, member("q", &self.q)?);
        let (dp, dq, qi) = (
            member("dp", &self.dp)?,
            member("dq", &self.dq)?,
            member("qi", &self.qi)?,
        );
        let key = RsaPrivateKeyRef {
            modulus: number(&n)?,
            public_exponent: number(&e)?,
            private_exponent: number(&d)?,
            prime1: number(&p)?,
            prime2: number(&q)?,
            exponent1: number(&dp)?,
            exponent2: number(&dq)?,
            coefficient: number(&qi)?,
            other_prime_infos: None,
        };
        PrivateKey::rsa(&key, algorithm)
    }

    fn ec(&self) -> Result<PrivateKey, Refused> {
        let name = self.crv.as_deref().unwrap_or_default();
        let curve = Curve::named(name).ok_or_else(|| format!("its curve is {name:?}: {OFFERED}"))?;
        if let Some(alg) = &self.alg
            && !SIGNS.iter().any(|(name, _)| name == alg)
        {
            return Err(not_offered(alg));
        }
        let (x, y, d) = (member("x", &self.x)?, member("y", &self.y)?, self.private()?);
        let mut point = vec![4];
        point.extend_from_slice(&padded(&x, curve));
        point.extend_from_slice(&padded(&y, curve));
        PrivateKey::ec(curve, &padded(&d, curve), &point)
    }

    fn private(&self) -> Result<Zeroizing<Vec<u8>>, Refused> {
        if self.d.is_none() {
            return Err(
                "it is a public key (it has no member d): give the private key that Okta showed when it was made"
                    .into(),
            );
        }
        member("d", &self.d)
    }
}

fn not_offered(alg: &str) -> Refused {
    format!("its alg is {alg:?}: {OFFERED}")
}

fn member(name: &str, given: &Option<String>) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let given = given.as_deref().ok_or_else(|| format!("it has no member {name}"))?;
    URL_SAFE_NO_PAD
        .decode(given.trim_end_matches('='))
        .map(Zeroizing::new)
        .map_err(|_| format!("its member {name} is no base64url"))
}

fn number(bytes: &[u8]) -> Result<UintRef<'_>, Refused> {
    UintRef::new(bytes).map_err(|_| "one of its numbers is too long".to_owned())
}

/// RFC 7518 §6.2.1.2 wants the full length; some tools leave leading zeros out.
fn padded(bytes: &[u8], curve: Curve) -> Zeroizing<Vec<u8>> {
    let mut whole = vec![0; curve.size().saturating_sub(bytes.len())];
    whole.extend_from_slice(bytes);
    Zeroizing::new(whole)
}
