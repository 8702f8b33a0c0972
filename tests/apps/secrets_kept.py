"""The search for secrets in all that the suite's driver wrote: a log of every connection at Verbosity=5, and each message."""

import base64
import json
import pathlib
import re
import subprocess
import tempfile
import urllib.parse

# What a secret of OAuth looks like: tokens and proofs that are JWTs, private keys as PEM and as JWK, in a log's quotes too.
# The first line of a PEM file alone is what an error may ask for.
SHAPES = {
    "a JWT": r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+",
    "a private key": r'PRIVATE KEY-----(\s|\\+[rn]|%0[AD])*[A-Za-z0-9+/]{16}|\\*"d\\*"\s*:\s*\\*"',
}

# What every diagnostic of the driver begins with, and every message of the command.
OURS = re.compile(r"\[okta-odbc\]|^okta-odbc: ", re.MULTILINE)

# Keywords whose values let somebody in.
_TABLE = (pathlib.Path(__file__).resolve().parents[2] / "src/connection/keywords.rs").read_text()
KEYWORDS = {name.lower() for name in re.findall(r'keyword\(\s*"(\w+)"(?:(?!keyword\().)*?\)\s*\.secret\(\)', _TABLE, re.DOTALL)}
assert "apitoken" in KEYWORDS and "proxypassword" in KEYWORDS, KEYWORDS

# Parameters and members of OAuth that hold a secret, as okta-sim's oauth/secrets.rs has them.
NAMES = {
    "access_token", "client_assertion", "client_secret", "code", "code_verifier", "device_code", "id_token", "id_token_hint",
    "password", "refresh_token", "state", "token",
}  # fmt: skip

# Shorter ones are parts of ordinary words.
SHORTEST = 8
# Of a long secret this much is searched for: random letters so many are nowhere by chance, and a part of it is bad enough.
PART = 20

_secrets = {}
_messages = set()


def register(secret, what):
    """From now on `secret` is searched for. Returns it."""
    # Of a key in PEM each line tells a part; of a JWT only the signature is its own.
    for line in secret.splitlines():
        part = line.rsplit(".", 1)[1] if line.startswith("eyJ") and "." in line else line.strip()
        if len(part) >= SHORTEST and "-----" not in part:
            _secrets[part] = what
    return secret


def register_keywords(keywords):
    """The values of keywords that are secret."""
    for name, value in ((name, str(value)) for name, value in keywords.items() if name.lower() in KEYWORDS):
        if name.lower() == "oauthjwtcert" and not ("-----BEGIN" in value or value.startswith("{")):
            continue  # a path
        if value.startswith("{"):
            # A JWK, in the braces of a connection string; its first member is none of the secret ones.
            register(json.loads(value.replace("}}", "}"))["d"], name)
        elif "://" in value:
            # The address that a code came in.
            parameters = urllib.parse.parse_qs(urllib.parse.urlsplit(value).query)
            for parameter in NAMES & parameters.keys():
                register(parameters[parameter][0], parameter)
        else:
            register(value, name)


def register_exchange(headers, query, body, answer_headers, content):
    """What a request to an authorization server and its answer hold."""
    location = urllib.parse.urlsplit(answer_headers.get("location") or "")
    for text in (query, body.decode(errors="replace"), location.query):
        for name, value in urllib.parse.parse_qsl(text):
            if name in NAMES:
                register(value, name)
    scheme, _, value = (headers.get("authorization") or "").partition(" ")
    register(value, f"Authorization: {scheme}")
    if scheme == "Basic":
        secret = base64.b64decode(value).decode().partition(":")[2]
        register(urllib.parse.unquote_plus(secret), "client_secret")
    register(headers.get("dpop") or "", "a DPoP proof")
    try:
        members = json.loads(content)
    except ValueError:
        return
    for name, value in members.items() if isinstance(members, dict) else ():
        if name in NAMES and isinstance(value, str):
            register(value, name)


def note(message):
    """Keeps what a test was told, if the driver said it."""
    if isinstance(message, bytes):
        message = message.decode(errors="replace")
    if isinstance(message, str) and OURS.search(message):
        _messages.add(message)


def watch():
    """Notes every error that a test expects, and what the programs that it runs say."""
    import pytest

    expected = pytest.RaisesExc.__exit__
    communicate = subprocess.Popen.communicate

    def expect(self, kind, error, trace):
        if error is not None:
            note(str(error))
        return expected(self, kind, error, trace)

    def communicate_and_note(self, *arguments, **options):
        told = communicate(self, *arguments, **options)
        for text in told:
            note(text)
        return told

    pytest.RaisesExc.__exit__ = expect
    # subprocess.run ends in it too.
    subprocess.Popen.communicate = communicate_and_note


def spellings(secret):
    """The secret as it is, percent-encoded, escaped as JSON does, and in base64 wherever a text that holds it may begin."""
    quoted = urllib.parse.quote(secret, safe="")
    found = {secret, quoted, re.sub("%..", lambda code: code.group().lower(), quoted), urllib.parse.quote_plus(secret)}
    found |= {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    for before in range(3):
        # Letters that the neighbours of the secret's first and last bytes decide are left out.
        whole = base64.b64encode(bytes(before) + secret.encode()).decode().rstrip("=")
        inner = whole[(0, 2, 3)[before] : len(whole) - (1 if (before + len(secret.encode())) % 3 else 0)]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return {spelling for spelling in found if len(spelling) >= SHORTEST}


def patterns():
    """Every spelling that is searched for, with what it is."""
    return {spelling: what for secret, what in _secrets.items() for spelling in spellings(secret[:PART])}


def found(files):
    """(place, what) of each secret in these files. grep takes thousands of words and hundreds of megabytes in seconds."""
    words = patterns()
    with tempfile.NamedTemporaryFile("w", suffix=".words") as list_of_words:
        list_of_words.write("".join(f"{word}\n" for word in words))
        list_of_words.flush()
        searches = [(["-F", "-f", list_of_words.name], words.get)]
        searches += [(["-P", shape], lambda _, what=what: what) for what, shape in SHAPES.items()]
        for options, name in searches:
            command = ["grep", "-a", "-H", "-n", "-o", *options, "--", *map(str, files)]
            done = subprocess.run(command, capture_output=True, text=True, errors="replace", env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"})
            if done.returncode > 1:
                raise RuntimeError(f"grep failed: {done.stderr}")
            for line in done.stdout.splitlines():
                file, number, match = line.split(":", 2)
                yield f"{file}:{number}", name(match)


def event(place):
    """What the driver calls the line of a log."""
    file, _, number = place.rpartition(":")
    with open(file, errors="replace") as lines:
        line = next((line for count, line in enumerate(lines, 1) if count == int(number)), "")
    return f"the event {line.split()[4:5]} of {file}"


def leaks(*folders):
    """Places that hold a secret, and how many lines, messages and secrets there were."""
    logs = [file for folder in folders for file in sorted(pathlib.Path(folder).rglob("*.log*")) if file.is_file()]
    with tempfile.NamedTemporaryFile("w", suffix=".messages") as told:
        messages = sorted(_messages)
        told.write("".join(message.replace("\n", " ") + "\n" for message in messages))
        told.flush()
        places = []
        for place, what in found([*logs, told.name]):
            if place.startswith(told.name):
                message = messages[int(place.rpartition(":")[2]) - 1]
                places.append(f"a message holds {what}: {OURS.sub('', message)[:40]!r}")
            else:
                places.append(f"{place}: {what} in {event(place)}")
    lines = sum(file.read_bytes().count(b"\n") for file in logs)
    return places, lines, len(messages), len(_secrets)
