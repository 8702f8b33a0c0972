"""A service app logs in by its key: every form of key, DPoP with nonces, clocks that are wrong, at okta-sim and at oidc-provider."""

import base64
import subprocess

import pytest

import secrets_kept
from okta_login import CURVE, KEY

PROVIDERS = ["okta-sim", "oidc-provider"]
KEY_PASSWORD = "password of the key"


def openssl(folder, name, *arguments, key=KEY):
    """The file that openssl makes of a key."""
    source, target = folder / "source.pem", folder / name
    source.write_bytes(key.as_pem(private=True))
    program, *more = arguments
    command = ["openssl", program, "-in" if program != "pkcs12" else "-inkey", str(source), "-out", str(target), *more]
    subprocess.run(command, check=True, capture_output=True)
    return target


def pkcs12(folder):
    """A PFX: the key with a certificate of its own."""
    source, certificate, target = folder / "source.pem", folder / "certificate.pem", folder / "key.pfx"
    source.write_bytes(KEY.as_pem(private=True))
    subject = ["req", "-x509", "-key", str(source), "-subj", "/CN=test", "-days", "30", "-out", str(certificate)]
    subprocess.run(["openssl", *subject], check=True, capture_output=True)
    bag = ["pkcs12", "-export", "-inkey", str(source), "-in", str(certificate), "-out", str(target)]
    subprocess.run(["openssl", *bag, "-passout", f"pass:{KEY_PASSWORD}"], check=True, capture_output=True)
    return target


def jwk(folder):
    import json

    target = folder / "key.jwk"
    target.write_text(json.dumps(KEY.as_dict(private=True)))
    return target


ENCRYPTED = ["-passout", f"pass:{KEY_PASSWORD}"]
# Form → the file, whether it has a password, the app.
FORMS = {
    "pkcs1": (lambda folder: openssl(folder, "key.pem", "rsa", "-traditional"), False, "0oaService"),
    "pkcs8": (lambda folder: openssl(folder, "key.pem", "pkcs8", "-topk8", "-nocrypt"), False, "0oaService"),
    "pkcs8-encrypted": (lambda folder: openssl(folder, "key.pem", "pkcs8", "-topk8", *ENCRYPTED), True, "0oaService"),
    "sec1": (lambda folder: openssl(folder, "key.pem", "ec", key=CURVE), False, "0oaCurve"),
    "pkcs8-ec": (lambda folder: openssl(folder, "key.pem", "pkcs8", "-topk8", "-nocrypt", key=CURVE), False, "0oaCurve"),
    "jwk": (jwk, False, "0oaService"),
    "pfx": (pkcs12, True, "0oaService"),
}


# Form → OAuthJWTCertType, where it needs no other to be read.
TYPES = {"jwk": ["JWK"], "pfx": ["PFX", "PFXFILE"]}


def service(file, client_id="0oaService", **more):
    kid = "ec-1" if client_id == "0oaCurve" else "rsa-1"
    return {
        "AuthScheme": "OAuthJWT",
        "OAuthClientId": client_id,
        "OAuthJWTCert": file,
        "OAuthJWTPublicKeyId": kid,
        **more,
    }


@pytest.mark.parametrize("form", list(FORMS))
def test_a_key_is_read_in_every_form(new_org, tmp_path, form):
    org, program = new_org()
    make, locked, client_id = FORMS[form]
    keywords = service(make(tmp_path), client_id)
    if locked:
        keywords["OAuthJWTCertPassword"] = KEY_PASSWORD
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"client_credentials": 1}
    file = keywords["OAuthJWTCert"]
    for kind in TYPES.get(form, ["PEM", "PEMKEY_FILE"]):
        assert program.read(**keywords, OAuthJWTCertType=kind) == org.user_ids()
    # A key that is given as text needs no file.
    packed = base64.b64encode(file.read_bytes()).decode()
    secrets_kept.register(packed, "OAuthJWTCert")
    if form == "pfx":
        given = [(packed, None), (packed, "PFX"), (packed, "PFXBLOB")]
    else:
        text = file.read_text().replace("}", "}}")
        given = [(text, None), (text, "JWK" if form == "jwk" else "PEM")]
        if form != "jwk":
            # The file in base64, and PEM's own base64 without its lines.
            body = "".join(text.split("-----")[2].split())
            secrets_kept.register(body, "OAuthJWTCert")
            given += [(packed, "PEMKEY_BLOB"), (body, None), (body, "PEM")]
    for text, kind in given:
        keywords |= {"OAuthJWTCert": text} | ({"OAuthJWTCertType": kind} if kind else {})
        assert program.read(**keywords) == org.user_ids(), kind
        keywords.pop("OAuthJWTCertType", None)


@pytest.mark.parametrize(
    ("form", "kind", "told"),
    [("pkcs8", "JWK", "JWK"), ("jwk", "PEM", "BEGIN"), ("pkcs8", "PFX", "PFX"), ("pkcs8", "PEMKEY_BLOB", "base64")],
)
def test_a_key_of_another_form_than_it_is_said_to_be_is_refused(new_org, tmp_path, form, kind, told):
    org, program = new_org()
    state, text = program.fail(**service(FORMS[form][0](tmp_path), FORMS[form][2]), OAuthJWTCertType=kind)
    assert state == "28000" and "OAuthJWTCert" in text and told in text, text
    assert org.grants() == {}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("client_id", ["0oaService", "0oaCurve"])
def test_a_service_app_proves_itself_by_its_key(new_org, tmp_path, provider, client_id):
    org, program = new_org(provider)
    key = CURVE if client_id == "0oaCurve" else KEY
    file = tmp_path / "key.pem"
    file.write_bytes(key.as_pem(private=True))
    log = tmp_path / "okta.log"
    assert program.read(**service(file, client_id), Logfile=log, Verbosity=2) == org.user_ids()
    assert org.grants() == {"client_credentials": 1}
    assert f" 2 token grant=client_credentials app={client_id} seconds=3600 dpop=false" in log.read_text()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_request_of_a_bound_token_has_a_proof_of_its_own(new_org, tmp_path, provider):
    org, program = new_org(provider)
    dpop = "auto" if provider == "okta-sim" else "true"
    keywords = service(FORMS["pkcs8"][0](tmp_path), "0oaBound", DPoP=dpop, PageSize=10)
    assert program.read("SELECT Id FROM Users", **keywords) == [user["id"] for user in org.sim.truth("Users")]
    assert org.grants() == {"client_credentials": 1}
    asked = [request for request in org.sim.get("/sim/requests") if request["path"].startswith("/api/")]
    assert [request["status"] for request in asked] == [200] * 7
    if org.front:
        # Each was checked by PyJWT on its way.
        assert len(org.front.proofs) == 7
    else:
        assert org.tokens()["proofs"] == 8
        assert org.tokens()["refused"] == {"invalid_dpop_proof": 1, "use_dpop_nonce": 1}


def test_nonces_may_be_asked_for_on_every_request_and_change_at_any_time(new_org, tmp_path):
    org, program = new_org("okta-sim", "--dpop-nonce", "always", "--dpop-nonce-lifetime", 1, "--latency-ms", 300)
    keywords = service(FORMS["pkcs8"][0](tmp_path), "0oaBound", PageSize=2, MaxConcurrency=4)
    # 30 pages, 4 at a time and 0.3 s each: three nonces or more, each good for three seconds after its own.
    assert sorted(program.read("SELECT Id FROM Users", **keywords)) == org.user_ids()
    statuses = [r["status"] for r in org.sim.requests() if r["path"] == "/api/v1/users"]
    assert set(statuses) <= {200, 400}
    assert statuses.count(200) == 30


@pytest.mark.parametrize("ahead", [-600, 600])
@pytest.mark.parametrize("client_id", ["0oaService", "0oaBound"])
def test_a_clock_that_is_ten_minutes_off_is_corrected_by_oktas(new_org, tmp_path, client_id, ahead):
    org, program = new_org("okta-sim", "--clock-offset", ahead)
    assert program.read(**service(FORMS["pkcs8"][0](tmp_path), client_id)) == org.user_ids()


def test_a_service_apps_token_is_renewed_in_the_middle_of_a_scan(new_org, tmp_path):
    org, program = new_org("okta-sim", "--fault", "/api/v1/users#3=token-expired")
    keywords = service(FORMS["pkcs8"][0](tmp_path), PageSize=20, MaxConcurrency=1)
    assert program.read("SELECT Id FROM Users", **keywords) == [user["id"] for user in org.sim.truth("Users")]
    assert org.grants() == {"client_credentials": 2}


@pytest.mark.parametrize(
    ("options", "more", "query", "parts"),
    [
        ([], {"Scope": "okta.users.read"}, "SELECT Id FROM Groups", ["lacks the scope okta.groups.read", "Okta API Scopes"]),
        (["--fault", "/api/v1/groups=403"], {}, "SELECT Id FROM Groups", ["admin role", "Admin roles"]),
        (["--fault", "/api/v1/groups=no-feature"], {}, "SELECT Id FROM Groups", ["E0000015", "does not have the feature"]),
    ],
)
def test_a_missing_scope_a_missing_role_and_a_missing_feature_are_three_messages(
    new_org, tmp_path, options, more, query, parts
):
    org, program = new_org("okta-sim", *options)
    answer = program.end(program.start(query, **service(FORMS["pkcs8"][0](tmp_path)), **more))
    # Logged in is one who may not read this: 28000 would be a lie.
    assert answer["state"] != "28000", answer
    for part in [*parts, "Groups", "okta.groups.read"]:
        assert part in answer["error"], (part, answer)
