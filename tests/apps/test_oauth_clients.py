"""okta-sim's authorization server as clients find it that nobody here wrote: Okta's Python SDK, and Authlib."""

import asyncio
import json
import os
import urllib.parse
import urllib.request

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

os.environ["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"
# Authlib refuses http unless it is told that this is a test.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

from okta.client import Client  # noqa: E402  (the SDK reads the variable when it is imported)

CALLBACK = "http://localhost:33333"
SCOPES = ["okta.users.read", "okta.groups.read"]
KEY = RSAKey.generate_key(2048, {"kid": "sdk"})
CURVES = {"ES256": ECKey.generate_key("P-256", {"kid": "p256"}), "ES384": ECKey.generate_key("P-384", {"kid": "p384"})}


def service(client_id, **more):
    keys = [key.as_dict(private=False) for key in (KEY, *CURVES.values())]
    return {"client_id": client_id, "jwks": {"keys": keys}, "scopes": SCOPES, **more}


CLIENTS = [
    service("0oaService"),
    service("0oaBound", dpop_bound_access_tokens=True),
    service("0oaNarrow", scopes=["okta.users.read"]),
    {"client_id": "0oaNative", "redirect_uris": [CALLBACK], "scopes": SCOPES, "rotation": "ROTATE", "leeway": 0},
    {"client_id": "0oaBasic", "client_secret": "s-1", "redirect_uris": [CALLBACK], "scopes": SCOPES,
     "token_endpoint_auth_method": "client_secret_basic"},
    {"client_id": "0oaPost", "client_secret": "s-1", "redirect_uris": [CALLBACK], "scopes": SCOPES,
     "token_endpoint_auth_method": "client_secret_post"},
]  # fmt: skip


@pytest.fixture
def server(new_sim, tmp_path):
    file = tmp_path / "clients.json"
    file.write_text(json.dumps(CLIENTS))
    return new_sim("--users", 450, "--groups", 25, "--oauth-clients", file, "--sign-in", "automatic")


def sdk(server, client_id, bound, call, **parameters):
    """What a call of Okta's SDK gives: rows, error."""
    config = {
        "orgUrl": server.url,
        "authorizationMode": "PrivateKey",
        "clientId": client_id,
        "scopes": SCOPES,
        "privateKey": KEY.as_pem(private=True).decode(),
        "kid": "sdk",
        "dpopEnabled": bound,
    }

    async def run():
        async with Client(config) as client:
            rows, _, error = await getattr(client, call)(**parameters)
            return rows, error

    return asyncio.run(run())


@pytest.mark.parametrize("client_id, bound", [("0oaService", False), ("0oaBound", True)])
def test_oktas_sdk_reads_users_with_private_key_jwt_and_dpop(server, client_id, bound):
    rows, error = sdk(server, client_id, bound, "list_users", search="status pr", limit=200)
    assert error is None
    assert [row.id for row in rows] == [user["id"] for user in server.truth("Users")[:200]]
    (counts,) = server.get("/sim/tokens")
    assert counts["byGrant"] == {"client_credentials": 1}
    # The token request's, and that of the list.
    assert counts["proofs"] == (2 if bound else 0)
    assert counts["refused"] == ({"use_dpop_nonce": 1} if bound else {})


def test_oktas_sdk_is_told_that_a_bound_app_needs_proofs(server):
    rows, error = sdk(server, "0oaBound", False, "list_users")
    assert rows is None
    assert "The DPoP proof JWT header is missing." in str(error)


def test_oktas_sdk_without_the_scope_is_refused(server):
    # An empty body is no error to this SDK (okta-sdk-golang issue 145 tells the same of Go's).
    rows, _ = sdk(server, "0oaNarrow", False, "list_groups")
    assert not rows
    assert [(request["path"], request["status"]) for request in server.requests()] == [
        ("/oauth2/v1/token", 200),
        ("/api/v1/groups", 403),
    ]


def session(server, client_id, **more):
    method = more["token_endpoint_auth_method"]
    return OAuth2Session(
        client_id, redirect_uri=CALLBACK, code_challenge_method="S256", revocation_endpoint_auth_method=method, **more
    )


class Stay(urllib.request.HTTPRedirectHandler):
    """Nobody listens at the callback: its address is what counts."""

    def redirect_request(self, *arguments):
        return None


def callback(url):
    try:
        urllib.request.build_opener(Stay).open(url)
    except urllib.error.HTTPError as answer:
        assert answer.code == 302, answer.read()
        return answer.headers["location"]
    raise AssertionError("no redirect")


METADATA = "/.well-known/openid-configuration"


def signed_in(server, client_id, scope, **more):
    """A session with the tokens of a person who has signed in, and the tokens."""
    metadata = json.load(urllib.request.urlopen(server.url + METADATA))
    client = session(server, client_id, scope=scope, **more)
    verifier = "v" * 50
    url, state = client.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier, nonce="n-1")
    answer = callback(url)
    # Authlib compares the state with its own.
    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=answer, code_verifier=verifier, state=state
    )
    return client, token, metadata


@pytest.mark.parametrize(
    "client_id, more",
    [
        ("0oaNative", {"token_endpoint_auth_method": "none"}),
        ("0oaBasic", {"client_secret": "s-1", "token_endpoint_auth_method": "client_secret_basic"}),
        ("0oaPost", {"client_secret": "s-1", "token_endpoint_auth_method": "client_secret_post"}),
    ],
)
def test_authlib_signs_in_reads_refreshes_and_revokes(server, client_id, more):
    scope = "openid profile offline_access okta.users.read"
    client, token, metadata = signed_in(server, client_id, scope, **more)
    assert token["token_type"] == "Bearer" and token["scope"] == scope
    users = client.get(f"{server.url}/api/v1/users?limit=5")
    assert users.status_code == 200 and len(users.json()) == 5
    first = token["refresh_token"]
    renewed = client.refresh_token(metadata["token_endpoint"], refresh_token=first)
    assert (renewed["refresh_token"] == first) == (client_id != "0oaNative")
    assert client.get(f"{server.url}/api/v1/users?limit=5").status_code == 200
    assert client.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()["active"]
    assert client.revoke_token(metadata["revocation_endpoint"], token=renewed["refresh_token"]).status_code == 200
    assert not client.introspect_token(metadata["introspection_endpoint"], token=renewed["access_token"]).json()["active"]
    with pytest.raises(OAuthError, match="The refresh token is invalid or expired."):
        client.refresh_token(metadata["token_endpoint"], refresh_token=renewed["refresh_token"])
    assert client.get(f"{server.url}/api/v1/users?limit=5", withhold_token=False).status_code == 401


def test_joserfc_verifies_the_id_token_by_the_published_keys(server):
    _, token, metadata = signed_in(server, "0oaNative", "openid profile email", token_endpoint_auth_method="none")
    keys = KeySet.import_key_set(json.load(urllib.request.urlopen(metadata["jwks_uri"])))
    for name in ("id_token", "access_token"):
        decoded = jwt.decode(token[name], keys, algorithms=["RS256"])
        assert decoded.claims["iss"] == metadata["issuer"]
    claims = jwt.decode(token["id_token"], keys, algorithms=["RS256"]).claims
    assert (claims["aud"], claims["nonce"]) == ("0oaNative", "n-1")
    login = claims["preferred_username"]
    assert claims["sub"] in {user["id"] for user in server.truth("Users") if user["profile"]["login"] == login}


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", *CURVES])
def test_authlib_proves_a_service_app_by_every_algorithm(server, algorithm):
    key = CURVES.get(algorithm, KEY)
    client = OAuth2Session("0oaService", key, token_endpoint_auth_method="private_key_jwt", scope="okta.users.read")
    endpoint = f"{server.url}/oauth2/v1/token"
    client.register_client_auth_method(PrivateKeyJWT(endpoint, headers={"kid": key.kid}, alg=algorithm))
    token = client.fetch_token(endpoint, grant_type="client_credentials")
    assert token["expires_in"] == 3600
    assert client.get(f"{server.url}/api/v1/users?limit=1").status_code == 200
    denied = client.get(f"{server.url}/api/v1/groups")
    assert (denied.status_code, denied.content) == (403, b"")
    assert 'scope="okta.groups.read", error="insufficient_scope"' in denied.headers["www-authenticate"]
