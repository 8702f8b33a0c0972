"""`okta-odbc login` and `logout` for a browser elsewhere, another device, and a settings file that is to be emptied."""

import json
import os
import subprocess
import urllib.parse

import chromium
from okta_login import PASSWORD
from test_login_device import login


def begin(program, org, settings):
    """`okta-odbc login --print-url` as far as its address; its standard input is open."""
    keywords = f"Domain={org.url};OAuthClientId=0oaNative;CallbackURL={org.callback};OAuthSettingsLocation={settings}"
    return subprocess.Popen(
        [os.environ["OKTA_ODBC_LAUNCHER"], "login", "--print-url", "--connect", keywords],
        env=program.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def came_back(org, address):
    """Where the browser was sent after the sign-in; nobody listens there."""
    url = chromium.sign_in(address, org.person(), PASSWORD)[-1]["url"]
    assert url.startswith(org.callback) and "code=" in url, url
    return url


def test_the_address_of_the_page_that_cannot_be_shown_is_pasted(new_org, tmp_path):
    org, program = new_org()
    settings = tmp_path / "settings.json"
    process = begin(program, org, settings)
    out, err = process.communicate(came_back(org, process.stdout.readline().strip()) + "\n", timeout=60)
    assert process.returncode == 0, out + err
    program.environment.pop("BROWSER")
    assert program.read(OAuthSettingsLocation=settings, InitiateOAuth="REFRESH") == org.user_ids()
    assert org.grants() == {"authorization_code": 1}


def test_a_code_is_given_as_verifier_and_used_once(new_org, tmp_path):
    org, program = new_org()
    settings = tmp_path / "settings.json"
    process = begin(program, org, settings)
    address = process.stdout.readline().strip()
    process.communicate("", timeout=60)
    assert process.returncode == 0
    came = urllib.parse.urlsplit(came_back(org, address))
    (code,) = urllib.parse.parse_qs(came.query)["code"]
    keywords = {"OAuthSettingsLocation": settings, "InitiateOAuth": "REFRESH", "OAuthVerifier": code}
    for _ in range(2):
        assert program.read(**keywords) == org.user_ids()
        assert org.grants() == {"authorization_code": 1}


def test_another_device_confirms_for_the_command(new_org, tmp_path):
    org, program = new_org("okta-sim", "--device-interval", 1)
    done = login(program, org, tmp_path / "settings.json", "--device")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "/activate" in done.stderr
    assert org.grants() == {"urn:ietf:params:oauth:grant-type:device_code": 1}


def test_after_logout_the_file_holds_the_app_and_no_token(new_org, tmp_path):
    org, program = new_org()
    settings = tmp_path / "settings.json"
    assert login(program, org, settings).returncode == 0
    kept = json.loads(settings.read_text())
    assert kept["refresh_token"] and kept["access_token"]
    well = program.command("doctor", "--connect", f"InitiateOAuth=REFRESH;OAuthSettingsLocation={settings}").stdout
    assert "the app 0oaNative, signed in with a browser" in well and f"granted: {' '.join(kept['scopes'])}" in well
    assert not any(kept[token] in well for token in ("refresh_token", "access_token"))
    done = program.command("logout", "--connect", f"OAuthSettingsLocation={settings}")
    assert done.returncode == 0, done.stderr
    kept = json.loads(settings.read_text())
    assert kept["client_id"] == "0oaNative" and not {"refresh_token", "access_token", "dpop_key"} & set(kept)
    state, text = program.fail(OAuthSettingsLocation=settings, InitiateOAuth="REFRESH")
    assert state == "28000" and "okta-odbc login" in text, text


def test_there_is_nobody_to_sign_in_with_an_api_token(new_org):
    org, program = new_org()
    done = program.command("login", "--connect", f"Domain={org.url};APIToken=t")
    assert done.returncode == 1 and "AuthScheme=OAuth" in done.stderr
