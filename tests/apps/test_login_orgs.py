"""The two orgs that logging in is tested at, with clients that are not the driver: what fails here is no fault of the driver's."""

import asyncio
import http.server
import os
import threading
import urllib.parse

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

os.environ["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from okta.client import Client  # noqa: E402  (the SDK reads the variable when it is imported)

import chromium  # noqa: E402
from okta_login import KEY, PASSWORD, SECRET  # noqa: E402

PROVIDERS = ["okta-sim", "oidc-provider"]
VERIFIER = "v" * 50


class Callback(http.server.BaseHTTPRequestHandler):
    """Keeps the address that the browser came back with."""

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        if "favicon" not in self.path:
            self.server.came.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<p>Signed in.</p>")


@pytest.fixture
def came_back(new_org, request):
    """The org, and what came to the callback that its apps are registered with."""
    org, _ = new_org(request.param)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", urllib.parse.urlsplit(org.callback).port), Callback)
    server.came = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield org, server.came
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("came_back", PROVIDERS, indirect=True)
@pytest.mark.parametrize("app", ["0oaNative", "0oaWeb"])
def test_chromium_signs_in_and_authlib_reads_and_renews(came_back, app):
    org, came = came_back
    more = {"client_secret": SECRET} if app == "0oaWeb" else {"token_endpoint_auth_method": "none"}
    scope = "openid offline_access okta.users.read"
    client = OAuth2Session(app, redirect_uri=org.callback, code_challenge_method="S256", scope=scope, **more)
    url, state = client.create_authorization_url(f"{org.url}/oauth2/v1/authorize", code_verifier=VERIFIER)
    pages = chromium.sign_in(url, org.person(), PASSWORD)
    assert pages[-1]["text"] == "Signed in."
    token = client.fetch_token(
        f"{org.url}/oauth2/v1/token", authorization_response=org.callback + came[0], code_verifier=VERIFIER, state=state
    )
    assert len(client.get(f"{org.url}/api/v1/users?limit=7").json()) == 7
    org.expire()
    denied = client.get(f"{org.url}/api/v1/users?limit=7")
    assert (denied.status_code, denied.content) == (401, b"")
    assert 'error="invalid_token"' in denied.headers["www-authenticate"]
    renewed = client.refresh_token(f"{org.url}/oauth2/v1/token", refresh_token=token["refresh_token"])
    assert len(client.get(f"{org.url}/api/v1/users?limit=7").json()) == 7
    assert org.grants() == {"authorization_code": 1, "refresh_token": 1}
    if app == "0oaNative":
        assert renewed["refresh_token"] != token["refresh_token"]
        # Without leeway a second use ends them all, at either server.
        for used in (token["refresh_token"], renewed["refresh_token"]):
            with pytest.raises(OAuthError, match="invalid_grant"):
                client.refresh_token(f"{org.url}/oauth2/v1/token", refresh_token=used)


@pytest.mark.parametrize("came_back", PROVIDERS, indirect=True)
def test_chromium_denies_and_the_app_is_told(came_back):
    org, came = came_back
    client = OAuth2Session("0oaNative", redirect_uri=org.callback, code_challenge_method="S256", scope="openid okta.users.read")
    url, state = client.create_authorization_url(f"{org.url}/oauth2/v1/authorize", code_verifier=VERIFIER)
    chromium.sign_in(url, org.person(), PASSWORD, "deny")
    answer = urllib.parse.parse_qs(urllib.parse.urlsplit(came[0]).query)
    assert (answer["error"], answer["state"]) == (["access_denied"], [state])


def test_chromium_shows_what_cannot_be_sent_back(new_org):
    org, _ = new_org()
    query = urllib.parse.urlencode({"client_id": "0oaNative", "redirect_uri": "http://localhost:1", "response_type": "code"})
    (page,) = chromium.sign_in(f"{org.url}/oauth2/v1/authorize?{query}", org.person(), PASSWORD)
    assert "must be a Login redirect URI in the client app settings" in page["text"]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_oktas_sdk_reads_with_proofs(new_org, provider):
    org, _ = new_org(provider)
    config = {
        "orgUrl": org.url,
        "authorizationMode": "PrivateKey",
        "clientId": "0oaBound",
        "scopes": ["okta.users.read"],
        "privateKey": KEY.as_pem(private=True).decode(),
        "kid": "rsa-1",
        "dpopEnabled": True,
    }

    async def run():
        async with Client(config) as client:
            return await client.list_users(search="status pr", limit=200)

    rows, _, error = asyncio.run(run())
    assert error is None
    assert sorted(row.id for row in rows) == org.user_ids()
    assert org.grants() == {"client_credentials": 1}
    assert len(org.front.proofs) == 1 if org.front else org.tokens()["proofs"] == 2
