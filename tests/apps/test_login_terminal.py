"""Logging in where no desktop is: the address goes to the program's terminal, and without one connecting fails at once."""

import os
import pty
import re
import select
import time

import pytest

import chromium
from okta_login import PASSWORD
from test_login_browser import browser

DEVICE = {"AuthScheme": "DeviceCode", "InitiateOAuth": "GETANDREFRESH", "OAuthClientId": "0oaNative"}
# Whoever waited for a person would wait for 300 s; a program of Python needs a second to be there.
AT_ONCE = 10


def keywords(org, folder, way):
    return browser(org, folder) if way == "browser" else {**DEVICE, "OAuthSettingsLocation": folder / "settings.json"}


def written(terminal, pattern, seconds=30):
    """What matches in the text that comes to the terminal."""
    text, deadline = "", time.monotonic() + seconds
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.1)[0]:
            text += os.read(terminal, 65536).decode()
            match = re.search(pattern, text)
            if match:
                return match.group(1), text
    raise TimeoutError(f"the terminal shows {text!r}")


@pytest.mark.parametrize("way, address", [
    ("browser", r"open this address in a browser on this machine:\s+(http\S+/oauth2/v1/authorize\?\S+)\s"),
    ("device", r"open (http\S+/activate\?user_code=\S+) on any device and confirm the code \S+ "),
])  # fmt: skip
def test_the_terminal_shows_the_address_and_the_program_goes_on(new_org, tmp_path, way, address):
    org, program = new_org("okta-sim", "--device-interval", 1)
    program.environment.pop("BROWSER")
    ours, theirs = pty.openpty()
    process = program.start(terminal=theirs, **keywords(org, tmp_path, way))
    try:
        url, text = written(ours, address)
        # Nothing but what the person needs.
        assert text.count("To sign in to Okta") == 1, text
        chromium.sign_in(url, org.person(), PASSWORD)
        assert program.end(process) == {"rows": org.user_ids()}
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)
    assert sum(org.grants().values()) == 1


@pytest.mark.parametrize("way", ["browser", "device"])
def test_neither_desktop_nor_terminal_fails_at_once_and_names_the_command(new_org, tmp_path, way):
    org, program = new_org()
    program.environment.pop("BROWSER")
    begun = time.monotonic()
    state, text = program.fail(**keywords(org, tmp_path, way))
    assert time.monotonic() - begun < AT_ONCE
    assert state == "28000" and "okta-odbc login" in text and "neither a desktop" in text, text
    assert org.grants() == {}
