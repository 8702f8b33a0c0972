"""What goes wrong when logging in, each an error of the connection (28000 or 08001) that says what to do."""

import json
import socket
import sys
import urllib.parse

import pytest

from okta_login import KEY, SECRET
from test_login_browser import browser
from test_login_service import KEY_PASSWORD, FORMS, service


def refused(program, *told, state="28000", options=None, **keywords):
    """The error's text, which tells all of this and no secret."""
    got, text = program.fail(options=options, **keywords)
    assert got == state, text
    for words in told:
        assert words in text, text
    for secret in (SECRET, KEY_PASSWORD, "BEGIN", KEY.as_dict(private=True)["d"]):
        assert secret not in text
    return text


KEYS = {
    "absent": (None, "No such file"),
    "empty": ("", "OAuthJWTCert"),
    "no key": ("nothing of a key", "OAuthJWTCert"),
    "public": (KEY.as_pem(private=False).decode(), "private key"),
    "cut": (KEY.as_pem(private=True).decode()[:800], "OAuthJWTCert"),
    "cut JWK": (json.dumps(KEY.as_dict(private=True))[:300], "OAuthJWTCert"),
    "symmetric": (json.dumps({"kty": "oct", "k": "c2VjcmV0"}), "RS256"),
}


@pytest.mark.parametrize("what", list(KEYS))
def test_an_unreadable_or_broken_key(new_org, tmp_path, what):
    org, program = new_org()
    text, told = KEYS[what]
    file = tmp_path / "service.pem"
    if text is not None:
        file.write_text(text)
    refused(program, told, "service.pem", **service(file))
    assert org.grants() == {}


@pytest.mark.parametrize("form", ["pkcs8-encrypted", "pfx"])
def test_a_wrong_or_missing_password_of_a_key(new_org, tmp_path, form):
    org, program = new_org()
    file = FORMS[form][0](tmp_path)
    refused(program, "OAuthJWTCertPassword", **service(file, OAuthJWTCertPassword="a-wrong-key-password"))
    refused(program, "OAuthJWTCertPassword", **service(file))


def test_a_key_that_the_app_does_not_have(new_org, tmp_path):
    org, program = new_org()
    file = FORMS["pkcs8"][0](tmp_path)
    told = "The client_assertion JWT kid is invalid."
    refused(program, told, "OAuthJWTPublicKeyId", **{**service(file), "OAuthJWTPublicKeyId": "another"})
    curve = FORMS["pkcs8-ec"][0](tmp_path)
    refused(program, "The client_assertion JWT signature algorithm is invalid.", **service(curve))


def test_an_app_that_the_org_does_not_know(new_org, tmp_path):
    org, program = new_org()
    file = FORMS["pkcs8"][0](tmp_path)
    refused(program, "OAuthClientId", **service(file, "0oaNobody"))
    # With a browser it is the person who reads it; the program waits as long as it was told to.
    keywords = browser(org, tmp_path, OAuthClientId="0oaNobody")
    refused(program, "OAuthClientId", "client id", "okta-odbc login", options={"timeout": 5}, **keywords)
    assert "Invalid value for 'client_id' parameter." in program.saw()[-1]["text"]


def test_a_callback_that_is_not_registered(new_org, tmp_path):
    org, program = new_org()
    other = org.callback + "/other"
    keywords = browser(org, tmp_path, CallbackURL=other)
    refused(program, "CallbackURL", other, "Sign-in redirect URIs", options={"timeout": 5}, **keywords)
    assert "must be a Login redirect URI in the client app settings" in program.saw()[-1]["text"]


def test_a_port_that_is_in_use(new_org, tmp_path):
    org, program = new_org()
    port = urllib.parse.urlsplit(org.callback).port
    with socket.create_server(("127.0.0.1", port)):
        state, text = program.fail(**browser(org, tmp_path))
    assert state == "28000", text
    assert str(port) in text and "CallbackURL" in text, text
    assert program.pages() == []


@pytest.mark.parametrize("provider", ["okta-sim", "oidc-provider"])
def test_a_denied_consent(new_org, tmp_path, provider):
    org, program = new_org(provider)
    program.environment["LOGIN_DECISION"] = "deny"
    refused(program, "access_denied", **browser(org, tmp_path))
    assert org.grants() == {}


@pytest.mark.parametrize("provider", ["okta-sim", "oidc-provider"])
def test_a_denied_device(new_org, tmp_path, provider):
    org, program = new_org(provider, *(["--device-interval", 1] if provider == "okta-sim" else []))
    program.environment["LOGIN_DECISION"] = "deny"
    keywords = {"AuthScheme": "DeviceCode", "InitiateOAuth": "GETANDREFRESH", "OAuthClientId": "0oaNative"}
    refused(program, "denied", **keywords, OAuthSettingsLocation=tmp_path / "s.json")


# Comes back to the callback with a code and a state that nobody sent.
FORGER = """
import sys, urllib.parse, urllib.request
asked = urllib.parse.parse_qs(urllib.parse.urlsplit(sys.argv[1]).query)
urllib.request.urlopen(asked["redirect_uri"][0] + "/?code=forged&state=forged").read()
"""


def test_a_wrong_state(new_org, tmp_path):
    org, program = new_org()
    forger = tmp_path / "forger.py"
    forger.write_text(FORGER)
    program.environment["BROWSER"] = f"{sys.executable} {forger}"
    text = refused(program, "state", options={"timeout": 5}, **browser(org, tmp_path))
    assert "forged" not in text
    assert org.tokens()["refused"] == {}, "the forged code was never sent"


def test_a_settings_file_of_another_org(new_org, new_sim, tmp_path):
    org, program = new_org()
    keywords = browser(org, tmp_path)
    assert program.read(**keywords) == org.user_ids()
    other = new_sim("--users", 5)
    host = org.url.removeprefix("http://")
    program.org = other
    refused(program, "settings.json", host, other.url.removeprefix("http://"), **keywords)
    assert other.get("/sim/requests") == []


def test_a_settings_file_that_others_can_read(new_org, tmp_path):
    org, program = new_org()
    keywords = browser(org, tmp_path)
    assert program.read(**keywords) == org.user_ids()
    (tmp_path / "settings.json").chmod(0o644)
    refused(program, "settings.json", "chmod 600", **keywords)
    assert org.grants() == {"authorization_code": 1}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 999}', "\x00\x01"])
def test_a_settings_file_that_is_none(new_org, tmp_path, text):
    org, program = new_org()
    file = tmp_path / "settings.json"
    file.write_text(text)
    file.chmod(0o600)
    refused(program, "settings.json", **{**browser(org, tmp_path), "InitiateOAuth": "REFRESH"})
    assert file.read_text() == text


@pytest.mark.parametrize("initiate", ["OFF", "REFRESH"])
def test_no_token_and_no_leave_to_open_a_browser(new_org, tmp_path, initiate):
    org, program = new_org()
    refused(program, "okta-odbc login", **{**browser(org, tmp_path), "InitiateOAuth": initiate})
    assert program.pages() == []


def test_a_wrong_secret(new_org, tmp_path):
    org, program = new_org()
    keywords = browser(org, tmp_path, "web", OAuthClientSecret="a-wrong-client-secret")
    refused(program, "OAuthClientSecret", **keywords)


def test_a_service_app_without_scopes_or_role(new_org, tmp_path):
    narrow = {"scopes": ["okta.groups.read", "okta.schemas.read"]}
    roleless = {"without_role": ["okta.users.read"]}
    apps = [
        {"client_id": name, "jwks": {"keys": [KEY.as_dict(private=False)]}, "scopes": ["okta.users.read", "okta.schemas.read"], **more}
        for name, more in (("0oaNarrow", narrow), ("0oaRoleless", roleless))
    ]  # fmt: skip
    org, program = new_org(apps=lambda callback: apps)
    file = FORMS["pkcs8"][0](tmp_path)
    answers = {}
    for name in ("0oaNarrow", "0oaRoleless"):
        keywords = service(file, name, Scope="okta.users.read okta.groups.read okta.schemas.read")
        answers[name] = program.fail(**keywords)[1]
    # Three messages: the scope that the app lacks, the role that the app lacks; the feature is the engine's own test.
    assert "okta.users.read" in answers["0oaNarrow"] and "Okta API Scopes" in answers["0oaNarrow"], answers
    assert "role" in answers["0oaRoleless"] and "Users" in answers["0oaRoleless"], answers
    assert answers["0oaNarrow"] != answers["0oaRoleless"]
