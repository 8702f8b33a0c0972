//! Keys of every form, made by openssl or printed in the RFCs; their signatures are checked by ring with the public halves that
//! openssl or the RFC gives.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use proptest::prelude::*;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::{Value, json};

use super::*;

const PASSWORD: &str = "Pässword of the tests; 'quoted'";

/// File, command. Each command runs in one folder, in this order.
const MADE: &[(&str, &str)] = &[
    (
        "rsa8.pem",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa8.pem",
    ),
    ("rsa1.pem", "rsa -in rsa8.pem -traditional -out rsa1.pem"),
    (
        "rsa8.der",
        "pkcs8 -topk8 -nocrypt -in rsa8.pem -outform DER -out rsa8.der",
    ),
    ("rsa1.der", "rsa -in rsa8.pem -traditional -outform DER -out rsa1.der"),
    (
        "rsa-aes.pem",
        "pkcs8 -topk8 -v2 aes-256-cbc -in rsa8.pem -out rsa-aes.pem -passout env:PASSWORD",
    ),
    (
        "rsa-scrypt.pem",
        "pkcs8 -topk8 -scrypt -in rsa8.pem -out rsa-scrypt.pem -passout env:PASSWORD",
    ),
    (
        "rsa-3des.pem",
        "pkcs8 -topk8 -v2 des3 -in rsa8.pem -out rsa-3des.pem -passout env:PASSWORD",
    ),
    (
        "rsa-aes.der",
        "pkcs8 -topk8 -v2 aes-256-cbc -in rsa8.pem -outform DER -out rsa-aes.der -passout env:PASSWORD",
    ),
    (
        "rsa-old.pem",
        "rsa -in rsa8.pem -traditional -aes128 -out rsa-old.pem -passout env:PASSWORD",
    ),
    (
        "rsa-pbes1.pem",
        "pkcs8 -topk8 -v1 PBE-SHA1-3DES -in rsa8.pem -out rsa-pbes1.pem -passout env:PASSWORD",
    ),
    (
        "rsa-public.der",
        "rsa -in rsa8.pem -RSAPublicKey_out -outform DER -out rsa-public.der",
    ),
    ("rsa-public.pem", "rsa -in rsa8.pem -pubout -out rsa-public.pem"),
    (
        "weak.pem",
        "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem",
    ),
    (
        "pss.pem",
        "genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem",
    ),
    ("p256.pem", "ecparam -name prime256v1 -genkey -out p256.pem"),
    ("p256-8.pem", "pkcs8 -topk8 -nocrypt -in p256.pem -out p256-8.pem"),
    (
        "p256-aes.pem",
        "pkcs8 -topk8 -v2 aes-128-cbc -in p256.pem -out p256-aes.pem -passout env:PASSWORD",
    ),
    ("p256.der", "ec -in p256.pem -outform DER -out p256.der"),
    ("p256-half.pem", "ec -in p256.pem -no_public -out p256-half.pem"),
    (
        "p256-public.der",
        "ec -in p256.pem -pubout -outform DER -out p256-public.der",
    ),
    ("p384.pem", "ecparam -name secp384r1 -genkey -noout -out p384.pem"),
    (
        "p384-public.der",
        "ec -in p384.pem -pubout -outform DER -out p384-public.der",
    ),
    ("p521.pem", "ecparam -name secp521r1 -genkey -noout -out p521.pem"),
    ("ed25519.pem", "genpkey -algorithm ED25519 -out ed25519.pem"),
    (
        "cert.pem",
        "req -x509 -key rsa8.pem -subj /CN=okta-odbc -days 2 -out cert.pem",
    ),
    (
        "rsa.pfx",
        "pkcs12 -export -inkey rsa8.pem -in cert.pem -out rsa.pfx -passout env:PASSWORD",
    ),
    (
        "bare.pfx",
        "pkcs12 -export -inkey rsa8.pem -in cert.pem -out bare.pfx -passout pass:",
    ),
    (
        "3des.pfx",
        "pkcs12 -export -inkey rsa8.pem -in cert.pem -out 3des.pfx -passout env:PASSWORD -keypbe PBE-SHA1-3DES -certpbe \
         PBE-SHA1-3DES -macalg sha1",
    ),
    (
        "certs.pfx",
        "pkcs12 -export -nokeys -in cert.pem -out certs.pfx -passout env:PASSWORD",
    ),
];

/// The folder that openssl has filled; goes with the process.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("okta-odbc-keys-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        for (file, command) in MADE {
            let made = Command::new("openssl")
                .args(command.split(' '))
                .env("PASSWORD", PASSWORD)
                .current_dir(&folder)
                .output()
                .expect("this test needs the command openssl");
            assert!(
                made.status.success(),
                "{file}: {}",
                String::from_utf8_lossy(&made.stderr)
            );
        }
        folder
    })
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn read(bytes: &[u8], password: Option<&str>) -> Result<SigningKey, Error> {
    SigningKey::read(bytes, "the test", Form::Auto, password.map(Secret::new).as_ref(), None)
}

fn good(bytes: &[u8], password: Option<&str>) -> SigningKey {
    read(bytes, password).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(bytes: &[u8], password: Option<&str>) -> String {
    let error = read(bytes, password).expect_err("no key");
    assert!(matches!(error, Error::Configuration { .. }), "{error:?}");
    let message = error.to_string();
    assert!(message.contains("the test"), "{message}");
    assert!(!message.contains(PASSWORD), "{message}");
    message
}

/// Signs something, and lets ring check the signature against `public`.
fn verify(key: &SigningKey, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) -> Value {
    let jwt = key.sign(&json!({ "sub": "0oa1" })).expect("a signature");
    let (message, signature) = jwt.rsplit_once('.').expect("three parts");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    UnparsedPublicKey::new(algorithm, public)
        .verify(message.as_bytes(), &signature)
        .expect("a signature that verifies");
    let header = message.split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

/// The point at the end of a SubjectPublicKeyInfo.
fn point(name: &str, length: usize) -> Vec<u8> {
    let document = file(name);
    document[document.len() - length..].to_vec()
}

#[test]
fn rsa_keys_of_every_form_are_the_same_key() {
    let public = file("rsa-public.der");
    let mut thumbprints = Vec::new();
    for (name, password) in [
        ("rsa8.pem", None),
        ("rsa1.pem", None),
        ("rsa8.der", None),
        ("rsa1.der", None),
        ("rsa8.pem", Some("not needed")),
        ("rsa-aes.pem", Some(PASSWORD)),
        ("rsa-aes.der", Some(PASSWORD)),
        ("rsa-scrypt.pem", Some(PASSWORD)),
        ("rsa-3des.pem", Some(PASSWORD)),
        ("rsa.pfx", Some(PASSWORD)),
        ("3des.pfx", Some(PASSWORD)),
        ("bare.pfx", None),
    ] {
        let key = good(&file(name), password);
        let header = verify(&key, &RSA_PKCS1_2048_8192_SHA256, &public);
        assert_eq!(header, json!({ "typ": "JWT", "alg": "RS256" }), "{name}");
        thumbprints.push(key.thumbprint());
    }
    thumbprints.dedup();
    assert_eq!(thumbprints.len(), 1);
}

#[test]
fn ec_keys_of_every_form_are_the_same_key() {
    let public = point("p256-public.der", 65);
    for (name, password) in [
        ("p256.pem", None),
        ("p256-8.pem", None),
        ("p256.der", None),
        ("p256-aes.pem", Some(PASSWORD)),
    ] {
        let header = verify(&good(&file(name), password), &ECDSA_P256_SHA256_FIXED, &public);
        assert_eq!(header["alg"], "ES256", "{name}");
    }
    let header = verify(
        &good(&file("p384.pem"), None),
        &ECDSA_P384_SHA384_FIXED,
        &point("p384-public.der", 97),
    );
    assert_eq!(header["alg"], "ES384");
}

#[test]
fn pem_survives_a_connection_string() {
    let public = file("rsa-public.der");
    let pem = String::from_utf8(file("rsa8.pem")).expect("text");
    let certificate = String::from_utf8(file("cert.pem")).expect("text");
    for text in [
        pem.replace('\n', ""),
        pem.replace('\n', " "),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\r\n"),
        format!("Bag Attributes\n    friendlyName: x\n{certificate}{pem}"),
        format!("\u{feff}{pem}"),
    ] {
        verify(&good(text.as_bytes(), None), &RSA_PKCS1_2048_8192_SHA256, &public);
    }
    let pfx = STANDARD.encode(file("rsa.pfx"));
    verify(
        &good(pfx.as_bytes(), Some(PASSWORD)),
        &RSA_PKCS1_2048_8192_SHA256,
        &public,
    );
}

#[test]
fn what_is_refused_says_what_to_do() {
    for (name, password, part) in [
        ("rsa-old.pem", Some(PASSWORD), "openssl pkcs8 -topk8"),
        ("rsa-pbes1.pem", Some(PASSWORD), "openssl pkcs8 -topk8"),
        ("rsa-aes.pem", None, "OAuthJWTCertPassword"),
        ("rsa-aes.pem", Some(""), "OAuthJWTCertPassword"),
        ("rsa-aes.pem", Some("wrong"), "is not its password"),
        ("rsa-scrypt.pem", Some("wrong"), "is not its password"),
        ("rsa-3des.pem", Some("wrong"), "is not its password"),
        ("p256-aes.pem", Some("wrong"), "is not its password"),
        ("rsa.pfx", Some("wrong"), "is not the PFX archive's password"),
        ("3des.pfx", Some("wrong"), "is not the PFX archive's password"),
        ("rsa.pfx", None, "give it in OAuthJWTCertPassword"),
        ("certs.pfx", Some(PASSWORD), "no private key"),
        ("rsa-public.pem", None, "PUBLIC KEY and no private key"),
        ("cert.pem", None, "CERTIFICATE and no private key"),
        ("weak.pem", None, "1024 bits"),
        ("pss.pem", None, "PSS"),
        ("p521.pem", None, "ES384 (P-384)"),
        ("ed25519.pem", None, "another kind"),
        ("p256-half.pem", None, "openssl ec -in"),
    ] {
        let message = refusal(&file(name), password);
        assert!(message.contains(part), "{name}: {message}");
    }
}

#[test]
fn broken_files_are_not_taken_for_wrong_passwords() {
    let pem = String::from_utf8(file("rsa-aes.pem")).expect("text");
    let pfx = file("rsa.pfx");
    for (broken, part) in [
        (&pem.as_bytes()[..pem.len() / 2], "is missing"),
        (&pem.as_bytes()[..20], "is cut"),
        (&pfx[..pfx.len() / 2], "no whole PFX"),
        (b"", "no whole PFX"),
        (b"\x30\x82", "no whole PFX"),
        (b"key.pem", "no whole PFX"),
        (
            b"-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----",
            "no base64",
        ),
        (
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
            "not a whole PKCS#8",
        ),
        (
            b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
            "ssh-keygen -p -m PKCS8",
        ),
    ] {
        let message = refusal(broken, Some(PASSWORD));
        assert!(message.contains(part), "{part}: {message}");
        assert!(!message.contains("assword is not"), "{message}");
    }
}

/// RFC 7517 Appendix A.2: an EC and an RSA key in one set.
fn rfc7517() -> Value {
    json!({ "keys": [
        {
            "kty": "EC", "crv": "P-256", "use": "enc", "kid": "1",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
            "d": "870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
        },
        {
            "kty": "RSA", "alg": "RS256", "kid": "2011-04-29", "e": "AQAB",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            "d": "X4cTteJY_gn4FYPsXB8rdXix5vwsg1FLN5E3EaG6RJoVH-HLLKD9M7dx5oo7GURknchnrRweUkC7hT5fJLM0WbFAKNLWY2vv7B6NqXSzUvxT0_YSfqijwp3RTzlBaCxWp4doFk5N2o8Gy_nHNKroADIkJ46pRUohsXywbReAdYaMwFs9tv8d_cPVY3i07a3t8MN6TNwm0dSawm9v47UiCl3Sk5ZiG7xojPLu4sbg1U2jx4IBTNBznbJSzFHK66jT8bgkuqsk0GjskDJk19Z4qwjwbsnn4j2WBii3RL-Us2lGVkY8fkFzme1z0HbIkfz0Y6mqnOYtqc0X4jfcKoAC8Q",
            "p": "83i-7IvMGXoMXCskv73TKr8637FiO7Z27zv8oj6pbWUQyLPQBQxtPVnwD20R-60eTDmD2ujnMt5PoqMrm8RfmNhVWDtjjMmCMjOpSXicFHj7XOuVIYQyqVWlWEh6dN36GVZYk93N8Bc9vY41xy8B9RzzOGVQzXvNEvn7O0nVbfs",
            "q": "3dfOR9cuYq-0S-mkFLzgItgMEfFzB2q3hWehMuG0oCuqnb3vobLyumqjVZQO1dIrdwgTnCdpYzBcOfW5r370AFXjiWft_NGEiovonizhKpo9VVS78TzFgxkIdrecRezsZ-1kYd_s1qDbxtkDEgfAITAG9LUnADun4vIcb6yelxk",
            "dp": "G4sPXkc6Ya9y8oJW9_ILj4xuppu0lzi_H7VTkS8xj5SdX3coE0oimYwxIi2emTAue0UOa5dpgFGyBJ4c8tQ2VF402XRugKDTP8akYhFo5tAA77Qe_NmtuYZc3C3m3I24G2GvR5sSDxUyAN2zq8Lfn9EUms6rY3Ob8YeiKkTiBj0",
            "dq": "s9lAH9fggBsoFR8Oac2R_E2gw282rT2kGOAhvIllETE1efrA6huUUvMfBcMpn8lqeW6vzznYY5SSQF7pMdC_agI3nG8Ibp1BUb0JUiraRNqUfLhcQb_d9GF4Dh7e74WbRsobRonujTYN1xCaP6TO61jvWrX-L18txXw494Q_cgk",
            "qi": "GyM_p6JrXySiz1toFgKbWV-JdI3jQ4ypu9rbMWx3rQJBfmt0FoYzgUIZEVFEcOqwemRN81zoDAaa-Bk0KWNGDjJHZDdDmFhW3AN7lI-puxk_mHZGJ11rxyR8O55XLSe3SPmRfKwZI6yU24ZxvQKFYItdldUKGzO6Ia6zTKhAVRU",
        },
    ]})
}

fn bytes(jwk: &Value) -> Vec<u8> {
    jwk.to_string().into_bytes()
}

fn chosen(jwk: &Value, kid: &str) -> Result<SigningKey, Error> {
    SigningKey::read(&bytes(jwk), "the test", Form::Jwk, None, Some(kid.to_owned()))
}

fn verify_rsa_of_rfc7517(key: &SigningKey, algorithm: &'static ring::signature::RsaParameters) -> Value {
    let member = |name: &str| {
        let text = rfc7517()["keys"][1][name].as_str().expect("text").to_owned();
        URL_SAFE_NO_PAD.decode(text).expect("base64url")
    };
    let jwt = key.sign(&json!({ "sub": "0oa1" })).expect("a signature");
    let (message, signature) = jwt.rsplit_once('.').expect("three parts");
    RsaPublicKeyComponents {
        n: member("n"),
        e: member("e"),
    }
    .verify(
        algorithm,
        message.as_bytes(),
        &URL_SAFE_NO_PAD.decode(signature).expect("base64url"),
    )
    .expect("a signature that verifies");
    let header = message.split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).expect("base64url")).expect("JSON")
}

#[test]
fn the_keys_of_rfc_7517_sign() {
    let set = rfc7517();
    let rsa = chosen(&set, "2011-04-29").expect("a key");
    let header = verify_rsa_of_rfc7517(&rsa, &RSA_PKCS1_2048_8192_SHA256);
    assert_eq!(header, json!({ "typ": "JWT", "alg": "RS256", "kid": "2011-04-29" }));
    let ec = chosen(&set, "1").expect("a key");
    let mut point = vec![4];
    for member in ["x", "y"] {
        let text = set["keys"][0][member].as_str().expect("text");
        point.extend(URL_SAFE_NO_PAD.decode(text).expect("base64url"));
    }
    let header = verify(&ec, &ECDSA_P256_SHA256_FIXED, &point);
    assert_eq!(header, json!({ "typ": "JWT", "alg": "ES256", "kid": "1" }));
}

/// RFC 7638 §3.1 has this key and its thumbprint.
#[test]
fn the_thumbprint_of_rfc_7638() {
    let key = chosen(&rfc7517(), "2011-04-29").expect("a key");
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn the_alg_of_a_jwk_wins_and_its_kid_is_the_default() {
    let mut jwk = rfc7517()["keys"][1].clone();
    for (alg, parameters) in [
        ("RS384", &RSA_PKCS1_2048_8192_SHA384),
        ("RS512", &RSA_PKCS1_2048_8192_SHA512),
    ] {
        jwk["alg"] = json!(alg);
        let header = verify_rsa_of_rfc7517(&good(&bytes(&jwk), None), parameters);
        assert_eq!((&header["alg"], &header["kid"]), (&json!(alg), &json!("2011-04-29")));
    }
    let header = verify_rsa_of_rfc7517(&chosen(&jwk, "other").expect("a key"), &RSA_PKCS1_2048_8192_SHA512);
    assert_eq!(header["kid"], "other");
}

#[test]
fn jwks_that_cannot_be_used_say_why() {
    let (ec, rsa) = (&rfc7517()["keys"][0], &rfc7517()["keys"][1]);
    let with = |jwk: &Value, name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        bytes(&jwk)
    };
    for (jwk, part) in [
        (bytes(&rfc7517()), "OAuthJWTPublicKeyId"),
        (bytes(&json!({ "keys": [] })), "empty"),
        (bytes(&json!({ "a": 1 })), "kty"),
        (b"{\"kty\":".to_vec(), "line 1"),
        (with(rsa, "d", Value::Null), "public key"),
        (with(ec, "d", Value::Null), "public key"),
        (with(rsa, "p", Value::Null), "p, q, dp, dq and qi"),
        (with(rsa, "alg", json!("PS256")), "PS256"),
        (with(rsa, "alg", json!("ES256")), "ES256"),
        (with(rsa, "alg", json!("RS1")), "RS1"),
        (with(ec, "alg", json!("ES512")), "ES512"),
        (with(ec, "alg", json!("ES384")), "ES384"),
        (with(ec, "crv", json!("P-521")), "P-521"),
        (with(ec, "crv", json!("P-384")), "belong together"),
        (with(ec, "x", json!("AAAA")), "belong together"),
        (with(ec, "d", json!("***")), "no base64url"),
        (with(rsa, "q", json!("AQAB")), "do not make an RSA key"),
        (with(ec, "kty", json!("oct")), "oct"),
    ] {
        let message = refusal(&jwk, None);
        assert!(message.contains(part), "{part}: {message}");
        for secret in [&ec["d"], &rsa["d"], &rsa["p"]] {
            assert!(!message.contains(secret.as_str().expect("text")), "{message}");
        }
    }
    let message = chosen(&rfc7517(), "3").expect_err("no such key").to_string();
    assert!(message.contains("\"3\""), "{message}");
}

#[test]
fn debug_shows_nothing_of_a_key() {
    let key = good(&bytes(&rfc7517()["keys"][0]), None);
    let shown = format!("{key:?}");
    let d = URL_SAFE_NO_PAD
        .decode(rfc7517()["keys"][0]["d"].as_str().expect("text"))
        .expect("base64url");
    assert!(shown.contains("redacted"), "{shown}");
    assert!(!shown.contains(&format!("{:?}", &d[..8])[1..20]), "{shown}");
}

proptest! {
    /// Whatever is taken for a key file: an answer, no panic, and nothing of the password in it.
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), form in 0..4) {
        let form = [Form::Auto, Form::Pem, Form::Jwk, Form::Pfx][form as usize];
        let refused = SigningKey::read(&bytes, "x", form, Some(&Secret::new(PASSWORD)), None);
        prop_assert!(refused.is_err_and(|error| !error.to_string().contains(PASSWORD)));
    }

    #[test]
    fn no_cut_or_flipped_key_makes_it_panic(at in 0usize..1200, flip in 1u8..255, cut in any::<bool>()) {
        for name in ["rsa8.der", "rsa-aes.der", "p256.der"] {
            let mut bytes = file(name);
            let at = at.min(bytes.len() - 1);
            if cut { bytes.truncate(at) } else { bytes[at] ^= flip }
            let _ = read(&bytes, Some("wrong"));
        }
    }
}
