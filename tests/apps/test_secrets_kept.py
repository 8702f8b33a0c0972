"""The search for secrets finds what was planted: a search that finds nothing proves nothing else."""

import base64
import json
import os
import tempfile
import urllib.parse

import pytest

import secrets_kept

SECRET = 'k"7/+ä planted-secret of this test'
LOG = "2026-01-02T03:04:05.678Z 1 1 5 request path=/oauth2/v1/token told={}\n"

PLANTED = {
    "as it is": SECRET,
    "in the middle of a word": f"xx{SECRET}xx",
    "percent-encoded": urllib.parse.quote(SECRET, safe=""),
    "percent-encoded in small letters": urllib.parse.quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b").replace("%C3%A4", "%c3%a4"),
    "of a form": urllib.parse.urlencode({"client_secret": SECRET}),
    "escaped": json.dumps(SECRET),
    "escaped, its letters kept": json.dumps(SECRET, ensure_ascii=False),
    "of Basic": base64.b64encode(f"client:{SECRET}".encode()).decode(),
    "of Basic, another length": base64.b64encode(f"0oaWeb:{SECRET}:".encode()).decode(),
    "of Basic, a third length": base64.b64encode(f"a.person:{SECRET}::".encode()).decode(),
    "in base64url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "a JWT": "eyJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UifQ.c2lnbmF0dXJl",
    "a key in PEM": "-----BEGIN RSA PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG",
    "a key as JWK": '{"kty":"EC","d": "abc"}',
    "a key as JWK in quotes": '"{\\"kty\\":\\"EC\\",\\"d\\":\\"abc\\"}"',
}  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(secrets_kept, "_secrets", {})
    monkeypatch.setattr(secrets_kept, "_messages", set())
    secrets_kept.register(SECRET, "the planted secret")
    # Not in tmp_path, which the search at the end of the suite reads.
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def write(folder, text, name="driver.log"):
    with open(f"{folder}/{name}", "w") as log:
        log.write(LOG.format("nothing") + LOG.format(text))


@pytest.mark.parametrize("how", list(PLANTED))
def test_a_planted_secret_is_found_in_a_log_and_in_a_message(folder, how):
    write(folder, PLANTED[how])
    secrets_kept.note(f"[28000] [okta-odbc] Okta said {PLANTED[how]}")
    places, lines, messages, secrets = secrets_kept.leaks(folder)
    assert (lines, messages, secrets) == (2, 1, 1)
    in_log, in_message = sorted({place.split(" ")[0] for place in places}, reverse=True), [p for p in places if "message" in p]
    assert f"{folder}/driver.log:2:" in in_log and in_message, places
    # The report does not spread it.
    assert SECRET not in str(places) and PLANTED[how] not in str(places)


def test_rotated_logs_and_logs_of_folders_below_are_searched(folder):
    os.mkdir(f"{folder}/below")
    write(folder, SECRET, "driver.log.1")
    write(folder, SECRET, "below/okta.log")
    places, lines, _, _ = secrets_kept.leaks(folder)
    assert lines == 4 and {place.split(" ")[0] for place in places} == {
        f"{folder}/driver.log.1:2:", f"{folder}/below/okta.log:2:"
    }  # fmt: skip


def test_ordinary_text_holds_no_secret(folder):
    write(folder, 'id="planted" kid="d" hash="eyJ" secret=*** k7 of this test begins with -----BEGIN PRIVATE KEY-----')
    secrets_kept.note("[28000] [okta-odbc] Give OAuthClientSecret=***")
    assert secrets_kept.leaks(folder)[0] == []


def test_what_an_exchange_holds_is_registered(folder):
    basic = base64.b64encode(b"0oaWeb:secret%2Bof-the-app").decode()
    secrets_kept.register_exchange(
        {"authorization": f"Basic {basic}", "dpop": "eyJh.eyJi.signature-of-the-proof"}, "state=a-state-of-the-login",
        b"code=a-code-of-the-login&code_verifier=a-verifier-of-it&scope=openid", {"location": "http://l/?code=the-code-in-it"},
        b'{"access_token": "an-opaque-token", "scope": "okta.users.read"}',
    )  # fmt: skip
    known = set(secrets_kept._secrets)
    assert known >= {
        "secret+of-the-app", "signature-of-the-proof", "a-state-of-the-login", "a-code-of-the-login", "a-verifier-of-it",
        "the-code-in-it", "an-opaque-token",
    }, known  # fmt: skip
    assert not known & {"openid", "okta.users.read"}
