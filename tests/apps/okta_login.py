"""What tests of logging in share: apps with keys, orgs to sign in to, a person at a browser, a program that connects."""

import collections
import fcntl
import json
import os
import pathlib
import socket
import subprocess
import sys
import termios
import time
import urllib.request

from joserfc.jwk import ECKey, RSAKey

import okta_front
import okta_org
import secrets_kept

PASSWORD = secrets_kept.register("sim-password", "the password of okta-sim's people")
SECRET = secrets_kept.register("client-secret-of-the-tests", "OAuthClientSecret")
SCOPES = [f"okta.{resource}.read" for resource in ("apps", "groups", "logs", "schemas", "userTypes", "users")]
KEY = RSAKey.generate_key(2048, {"kid": "rsa-1"})
CURVE = ECKey.generate_key("P-256", {"kid": "ec-1"})
for _key in (KEY, CURVE):
    secrets_kept.register(_key.as_dict(private=True)["d"], "a private key")
    secrets_kept.register(_key.as_pem(private=True).decode(), "a private key")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def service(client_id, key, **more):
    return {"client_id": client_id, "jwks": {"keys": [key.as_dict(private=False)]}, "scopes": SCOPES, **more}


def clients(callback):
    """The file of `--oauth-clients`; oidc/server.mjs takes it too."""
    person = {"redirect_uris": [callback], "scopes": SCOPES}
    return [
        {"client_id": "0oaNative", **person, "rotation": "ROTATE", "leeway": 0},
        {"client_id": "0oaWeb", "client_secret": SECRET, **person},
        {"client_id": "0oaBoundNative", **person, "rotation": "ROTATE", "leeway": 0, "dpop_bound_access_tokens": True},
        service("0oaService", KEY),
        service("0oaCurve", CURVE),
        service("0oaBound", KEY, dpop_bound_access_tokens=True),
    ]


class Org:
    """One address to log in to, and what is known of it. `front` is None where okta-sim does it all."""

    def __init__(self, folder, new_sim, provider="okta-sim", *options, apps=None, **more):
        self.callback = f"http://localhost:{free_port()}"
        file = folder / "clients.json"
        file.write_text(json.dumps((apps or clients)(self.callback)))
        self.sim = new_sim("--users", 60, "--groups", 8, "--apps", 5, "--oauth-clients", file, *options)
        self.front = okta_front.Front(self.sim, file, **more) if provider == "oidc-provider" else None
        self.url = self.front.url if self.front else self.sim.url

    def tokens(self):
        (counts,) = self.sim.get("/sim/tokens")
        return counts

    def grants(self):
        """How often each grant type gave tokens."""
        return dict(collections.Counter(self.front.grants)) if self.front else self.tokens()["byGrant"]

    def expire(self):
        """Every access token that was given out is good no more."""
        if self.front:
            self.front.expire()
        else:
            self.post("/sim/tokens/expire")

    def post(self, path):
        urllib.request.urlopen(urllib.request.Request(self.sim.url + path, method="POST")).close()

    def user_ids(self):
        return sorted(user["id"] for user in self.sim.truth("Users"))

    def person(self):
        """The login of somebody who may sign in."""
        return next(user for user in self.sim.truth("Users") if user["status"] == "ACTIVE")["profile"]["login"]

    def close(self):
        if self.front:
            self.front.close()


# The program under test: connects as told and prints the first column, or SQLSTATE and text of the error.
READ = """
import json, sys, pyodbc
pyodbc.pooling = False
options = json.loads(sys.argv[3])
try:
    connection = pyodbc.connect(sys.argv[1], autocommit=True, **options)
    answer = {"rows": [row[0] for row in connection.execute(sys.argv[2])]}
except pyodbc.Error as error:
    answer = {"state": error.args[0], "error": error.args[1]}
print(json.dumps(answer))
"""

USERS = "SELECT Id FROM Users ORDER BY Id"


class Program:
    """Runs programs in an environment of their own: a home without settings, the browser of `chromium.py`."""

    def __init__(self, folder, org):
        self.folder, self.org = folder, org
        self.pages_file = folder / "pages.jsonl"
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("OKTA_CLIENT_")}
        self.environment |= {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "BROWSER": f"{sys.executable} {pathlib.Path(__file__).with_name('chromium.py')}",
            "LOGIN_NAME": org.person(),
            "LOGIN_PASSWORD": PASSWORD,
            "LOGIN_LOG": str(self.pages_file),
        }
        for name in ("DISPLAY", "WAYLAND_DISPLAY"):
            self.environment.pop(name, None)

    def connection_string(self, **keywords):
        secrets_kept.register_keywords(keywords)
        given = "".join(f";{name}={{{value}}}" for name, value in keywords.items())
        return f"Driver={{{okta_org.DRIVER}}};Domain={self.org.url}{given}"

    def start(self, query=USERS, options=None, terminal=None, script=READ, **keywords):
        """Without a terminal, whatever the suite has; with one, a descriptor of it, that is the controlling one (tty(4))."""
        command = [sys.executable, "-c", script, self.connection_string(**keywords), query, json.dumps(options or {})]
        take = None if terminal is None else lambda: fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=take,
        )  # fmt: skip

    @staticmethod
    def end(process, seconds=120):
        try:
            out, err = process.communicate(timeout=seconds)
        finally:
            process.kill()
        # The driver lives in other people's programs: it prints nothing.
        assert (err, out.count("\n")) == ("", 1), (out, err)
        answer = json.loads(out)
        secrets_kept.note(answer.get("error"))
        return answer

    def read(self, query=USERS, options=None, **keywords):
        """The rows of the query's first column."""
        answer = self.end(self.start(query, options, **keywords))
        assert "rows" in answer, answer
        return answer["rows"]

    def fail(self, options=None, **keywords):
        """SQLSTATE and text of the error that connecting ends with."""
        answer = self.end(self.start(USERS, options, **keywords))
        assert "error" in answer, answer
        return answer["state"], answer["error"]

    def command(self, *arguments, **more):
        """`okta-odbc` with these arguments."""
        program = os.environ.get("OKTA_ODBC_LAUNCHER")
        assert program, "OKTA_ODBC_LAUNCHER must name the command okta-odbc; `cargo xtask test` sets it"
        return subprocess.run(
            [program, *arguments], env=self.environment, capture_output=True, text=True, timeout=120, start_new_session=True, **more
        )

    def pages(self):
        """What the person saw so far, a page an entry."""
        if not self.pages_file.exists():
            return []
        return [json.loads(line) for line in self.pages_file.read_text().splitlines()]

    def saw(self, more_than=0):
        """The same once the browser has closed: the program may be done before it."""
        deadline = time.monotonic() + 20
        while len(self.pages()) <= more_than and time.monotonic() < deadline:
            time.sleep(0.05)
        pages = self.pages()
        assert len(pages) > more_than, "the browser showed nothing"
        return pages
