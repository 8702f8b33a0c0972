"""An org of two servers: oidc-provider signs people in, okta-sim holds the rows, and this front makes them one address."""

import base64
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import subprocess
import threading
import time
import urllib.parse

import jwt

import okta_org
import secrets_kept

SERVER = pathlib.Path(__file__).with_name("oidc") / "server.mjs"


class OidcProvider:
    """oidc-provider as a child process."""

    def __init__(self, issuer, clients, lifetime):
        packages = os.environ.get("OKTA_OIDC")
        if not packages:
            raise RuntimeError("OKTA_OIDC must name the folder of oidc-provider; `cargo xtask test` sets it")
        command = ["node", str(SERVER), packages, issuer, str(clients), str(lifetime)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.close()
            raise RuntimeError(f"oidc-provider said {line!r}")
        self.address = urllib.parse.urlsplit(line.split()[1]).netloc

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def unpadded(digest):
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else None
        org = self.server.org
        if self.path.startswith("/api/"):
            fault = org.refused(self.command, self.path.split("?")[0], self.headers)
            if fault:
                status, challenge = fault
                return self.reply(status, [("WWW-Authenticate", challenge)], b"")
            headers = {name: value for name, value in self.headers.items() if name.lower() not in ("authorization", "dpop")}
            headers["Authorization"] = f"SSWS {okta_org.TOKEN}"
            return self.pass_on(org.sim.url.removeprefix("http://"), headers, body)
        if self.path.startswith("/sim/"):
            return self.pass_on(org.sim.url.removeprefix("http://"), dict(self.headers), body)
        return self.pass_on(org.provider.address, dict(self.headers), body)

    do_GET = do_POST = answer

    def pass_on(self, address, headers, body):
        # The Host header goes along: both servers make their addresses of it.
        connection = http.client.HTTPConnection(address, timeout=60)
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if address == self.server.org.provider.address:
            query = urllib.parse.urlsplit(self.path).query
            secrets_kept.register_exchange(self.headers, query, body or b"", answer.headers, content)
        if self.path == "/oauth2/v1/token":
            self.server.org.note(body, answer.status, content)
        self.reply(answer.status, answer.getheaders(), content)

    def reply(self, status, headers, content):
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class Front:
    """Checks the access token of every call: given out here, not expired, and proved where it is bound (RFC 9449 §7)."""

    def __init__(self, sim, clients, lifetime=3600):
        self.sim = sim
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.org = self
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.provider = OidcProvider(self.url, clients, lifetime)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        # Access token → its type; grant types that were answered 200; ids of proofs; errors of the token endpoint.
        self.tokens, self.grants, self.proofs, self.errors = {}, [], set(), []
        self.lock = threading.Lock()

    def note(self, body, status, content):
        with self.lock:
            answer = json.loads(content)
            if status == 200:
                self.tokens[answer["access_token"]] = answer["token_type"]
                self.grants.append(urllib.parse.parse_qs(body.decode())["grant_type"][0])
            else:
                self.errors.append(answer["error"])

    def expire(self):
        """No access token given out so far is good any more."""
        with self.lock:
            self.tokens.clear()

    def refused(self, method, path, headers):
        scheme, _, token = headers.get("authorization", "").partition(" ")
        with self.lock:
            kind = self.tokens.get(token)
            if kind is None or kind.lower() != scheme.lower():
                return 401, f'{kind or "Bearer"} error="invalid_token", error_description="The access token is invalid."'
            fault = self.proof_fault(method, path, headers.get("dpop"), token) if kind == "DPoP" else None
        return fault and (400, f'DPoP error="invalid_dpop_proof", error_description="{fault}"')

    def proof_fault(self, method, path, proof, token):
        if not proof:
            return "no proof"
        header = jwt.get_unverified_header(proof)
        key = jwt.PyJWK(header["jwk"], header["alg"])
        claims = jwt.decode(proof, key, algorithms=["RS256", "ES256"], options={"verify_iat": False})
        wanted = {"htm": method, "htu": self.url + path, "ath": unpadded(hashlib.sha256(token.encode()).digest())}
        wrong = [name for name, value in wanted.items() if claims.get(name) != value]
        if header["typ"] != "dpop+jwt" or "d" in header["jwk"]:
            wrong.append("header")
        if abs(time.time() - claims["iat"]) > 300:
            wrong.append("iat")
        if claims["jti"] in self.proofs:
            wrong.append("jti")
        self.proofs.add(claims["jti"])
        return ", ".join(wrong)

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.provider.close()
