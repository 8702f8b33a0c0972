"""The search for secrets in all that the suite's driver wrote: a log of every connection at Verbosity=5, and each message."""

import pathlib
import re
import subprocess

import pytest

import okta_login
import okta_org

# What a secret of OAuth looks like: tokens and proofs that are JWTs, private keys.
SHAPES = {"a JWT": re.compile(r"\beyJ[\w-]{10,}\.[\w-]+"), "a private key": re.compile(r"PRIVATE KEY-----|\"d\"\s*:\s*\"")}

# What every diagnostic of the driver begins with, and every message of the command.
OURS = re.compile(r"\[okta-odbc\]|^okta-odbc: ", re.MULTILINE)

_secrets = {
    okta_org.TOKEN: "the API token of okta-sim",
    okta_login.SECRET: "OAuthClientSecret",
    okta_login.PASSWORD: "the password of okta-sim's people",
}
_messages = set()


def register(secret, what):
    """From now on `secret` is searched for. Returns it."""
    _secrets[secret] = what
    return secret


def note(message):
    """Keeps what a test was told, if the driver said it."""
    if isinstance(message, bytes):
        message = message.decode(errors="replace")
    if isinstance(message, str) and OURS.search(message):
        _messages.add(message)


def watch():
    """Notes every error that a test expects, and what the programs that it runs say."""
    expected = pytest.RaisesExc.__exit__
    run = subprocess.run

    def expect(self, kind, error, trace):
        if error is not None:
            note(str(error))
        return expected(self, kind, error, trace)

    def run_and_note(*arguments, **options):
        done = run(*arguments, **options)
        note(done.stdout)
        note(done.stderr)
        return done

    pytest.RaisesExc.__exit__ = expect
    subprocess.run = run_and_note


def found(text):
    """What of all that is secret stands in `text`."""
    names = [what for secret, what in _secrets.items() if secret in text]
    return names + [what for what, shape in SHAPES.items() if shape.search(text)]


def leaks(folder):
    """Places that hold a secret, and how many lines and messages were looked at."""
    places, lines = [], 0
    for file in sorted(pathlib.Path(folder).glob("*.log*")):
        for number, line in enumerate(file.open(errors="replace"), 1):
            lines += 1
            places += [f"{file.name}:{number}: {what} in the event {line.split()[4:5]}" for what in found(line)]
    for message in _messages:
        places += [f"a message holds {what}: {OURS.sub('', message)[:40]!r}" for what in found(message)]
    return places, lines, len(_messages)
