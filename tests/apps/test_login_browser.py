"""Signing in with a browser: real Chromium, authorization code with PKCE, at okta-sim and at oidc-provider."""

import pytest

from okta_login import SECRET

PROVIDERS = ["okta-sim", "oidc-provider"]
APPS = {
    "native": {"OAuthClientId": "0oaNative"},
    "web": {"OAuthClientId": "0oaWeb", "OAuthClientSecret": SECRET},
}


def browser(org, folder, app="native", **more):
    return {
        "AuthScheme": "OAuth",
        "InitiateOAuth": "GETANDREFRESH",
        **APPS[app],
        "CallbackURL": org.callback,
        "OAuthSettingsLocation": folder / "settings.json",
        **more,
    }


@pytest.mark.parametrize("app", list(APPS))
@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_person_signs_in_once_and_programs_read_from_then_on(new_org, tmp_path, provider, app):
    org, program = new_org(provider)
    keywords = browser(org, tmp_path, app)
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1}
    signed_in = program.saw()
    assert signed_in[-1]["url"].startswith(org.callback), signed_in
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600

    # The next program finds the token; one without a browser to open, and without the client's name, is enough.
    program.environment.pop("BROWSER")
    keywords["InitiateOAuth"] = "REFRESH"
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1}
    org.expire()
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1, "refresh_token": 1}
    org.expire()
    for name in ("OAuthClientId", "OAuthClientSecret"):
        keywords.pop(name, None)
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1, "refresh_token": 2}
    assert program.pages() == signed_in


def test_tokens_in_memory_are_gone_with_the_process(new_org, tmp_path):
    org, program = new_org()
    keywords = browser(org, tmp_path, OAuthSettingsLocation="memory://test")
    for signed_in in (1, 2):
        assert program.read(**keywords) == org.user_ids()
        assert org.grants() == {"authorization_code": signed_in}
    assert not (tmp_path / "settings.json").exists()


@pytest.mark.parametrize("provider, dpop", [("okta-sim", "auto"), ("oidc-provider", "auto"), ("oidc-provider", "true")])
def test_bound_tokens_are_renewed_with_the_key_that_was_kept(new_org, tmp_path, provider, dpop):
    org, program = new_org(provider)
    # Okta says invalid_dpop_proof to a request without a proof, which switches DPoP on; oidc/server.mjs says it too.
    keywords = browser(org, tmp_path, OAuthClientId="0oaBoundNative", DPoP=dpop)
    assert program.read(**keywords) == org.user_ids()
    org.expire()
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 1, "refresh_token": 1}


def test_a_token_that_expires_in_the_middle_of_a_scan_loses_and_doubles_no_row(new_org, tmp_path):
    org, program = new_org("okta-sim", "--fault", "/api/v1/users#2=token-expired")
    keywords = browser(org, tmp_path, PageSize=20, MaxConcurrency=1)
    assert program.read("SELECT Id FROM Users", **keywords) == [user["id"] for user in org.sim.truth("Users")]
    assert org.grants() == {"authorization_code": 1, "refresh_token": 1}
    assert [r["status"] for r in org.sim.requests() if r["path"] == "/api/v1/users"] == [200, 401, 200, 200]


def test_revoked_tokens_open_the_browser_again_or_say_what_okta_says(new_org, tmp_path):
    org, program = new_org()
    keywords = browser(org, tmp_path)
    assert program.read(**keywords) == org.user_ids()
    org.post("/sim/tokens/revoke")
    state, text = program.fail(**{**keywords, "InitiateOAuth": "REFRESH"})
    assert state == "28000"
    assert "The refresh token is invalid or expired." in text and "okta-odbc login" in text, text
    assert program.read(**keywords) == org.user_ids()
    assert org.grants() == {"authorization_code": 2}
