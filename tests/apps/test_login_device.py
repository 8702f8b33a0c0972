"""Logging in without a browser beside the program: a code for another device, a verifier, the command `okta-odbc login`."""

import os
import re
import subprocess
import urllib.parse

import pytest

import chromium
from okta_login import PASSWORD

PROVIDERS = ["okta-sim", "oidc-provider"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_code_is_confirmed_on_another_device(new_org, tmp_path, provider):
    org, program = new_org(provider, *(["--device-interval", 1] if provider == "okta-sim" else []))
    keywords = {
        "AuthScheme": "DeviceCode",
        "InitiateOAuth": "GETANDREFRESH",
        "OAuthClientId": "0oaNative",
        "OAuthSettingsLocation": tmp_path / "settings.json",
    }
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"urn:ietf:params:oauth:grant-type:device_code": 1}
    assert any("/activate" in page["url"] for page in program.saw())
    org.expire()
    assert program.read(**keywords) == org.user_ids()
    assert org.grants()["refresh_token"] == 1


def login(program, org, settings, *more):
    keywords = f"Domain={org.url};OAuthClientId=0oaNative;CallbackURL={org.callback};OAuthSettingsLocation={settings}"
    return program.command("login", "--connect", keywords, *more)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_command_signs_in_for_programs_that_know_the_settings_file_alone(new_org, tmp_path, provider):
    org, program = new_org(provider)
    settings = tmp_path / "settings.json"
    done = login(program, org, settings)
    assert done.returncode == 0, done.stdout + done.stderr
    program.environment.pop("BROWSER")
    keywords = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH", "OAuthSettingsLocation": settings}
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1}


def test_the_command_prints_the_address_where_there_is_no_browser(new_org, tmp_path):
    org, program = new_org()
    program.environment.pop("BROWSER")
    keywords = f"Domain={org.url};OAuthClientId=0oaNative;CallbackURL={org.callback};OAuthSettingsLocation={tmp_path}/s.json"
    command = [os.environ["OKTA_ODBC_LAUNCHER"], "login", "--connect", keywords]
    process = subprocess.Popen(command, env=program.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        for line in process.stdout:
            address = re.search(r"https?://\S+/oauth2/v1/authorize\S+", line)
            if address:
                break
        pages = chromium.sign_in(address.group(), org.person(), PASSWORD)
        assert pages[-1]["url"].startswith(org.callback)
        rest = process.stdout.read()
        assert process.wait(30) == 0, rest
    finally:
        process.kill()
    assert org.grants() == {"authorization_code": 1}


@pytest.mark.parametrize("given", ["address", "code", "pasted"])
def test_a_code_from_a_browser_elsewhere_is_the_verifier(new_org, tmp_path, given):
    org, program = new_org()
    program.environment.pop("BROWSER")
    settings = tmp_path / "settings.json"
    keywords = f"Domain={org.url};OAuthClientId=0oaNative;CallbackURL={org.callback};OAuthSettingsLocation={settings}"
    command = [os.environ["OKTA_ODBC_LAUNCHER"], "login", "--print-url", "--connect", keywords]
    process = subprocess.Popen(
        command, env=program.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline().strip()
        # Nobody listens at the callback: the browser shows that, and the address.
        came = chromium.sign_in(url, org.person(), PASSWORD)[-1]["url"]
        assert came.startswith(org.callback), came
        out, err = process.communicate(came + "\n" if given == "pasted" else "\n", timeout=60)
        assert process.returncode == 0, out + err
    finally:
        process.kill()
    keywords = {"AuthScheme": "OAuth", "InitiateOAuth": "REFRESH", "OAuthSettingsLocation": settings}
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(came).query)["code"][0]
    verifier = {"address": came, "code": code, "pasted": None}[given]
    if verifier:
        assert program.read(**keywords, OAuthVerifier=verifier) == org.user_ids()
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_access_token_from_elsewhere_is_enough(new_org, provider):
    from authlib.integrations.requests_client import OAuth2Session
    from authlib.oauth2.rfc7523 import PrivateKeyJWT

    from okta_login import KEY

    org, program = new_org(provider)
    endpoint = f"{org.url}/oauth2/v1/token"
    session = OAuth2Session(
        "0oaService", KEY, token_endpoint_auth_method="private_key_jwt", scope="okta.users.read okta.schemas.read"
    )
    session.register_client_auth_method(PrivateKeyJWT(endpoint, headers={"kid": "rsa-1"}, alg="RS256"))
    token = session.fetch_token(endpoint, grant_type="client_credentials")["access_token"]
    keywords = {"AuthScheme": "AccessToken", "OAuthAccessToken": token}
    assert program.read(**keywords) == org.user_ids()
    org.expire()
    state, text = program.fail(**keywords)
    assert state == "28000" and token not in text, text
