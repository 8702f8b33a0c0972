"""The SQLAlchemy program of the README, signed in by a real browser; docs/connect.md has its engine too."""

import pathlib
import subprocess
import sys

import okta_org
from test_login_device import login
from test_sqlalchemy_readme import ORM, SIGNED_IN, people, programs

(OF_THE_GUIDE,) = programs(okta_org.CHECKOUT / "docs/connect.md")


def run(program, org, settings):
    """The README's engine and ORM, which asks twice, in a process of its own; nothing but the org and the file changes."""
    engine = SIGNED_IN.replace("example.okta.com", org.url).replace("/etc/okta/settings.json", str(settings))
    assert org.url in engine and str(settings) in engine
    # Importing okta_urls does what installing the wheel does.
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import okta_urls\n" + engine + ORM],
        env=program.environment | {"PYTHONPATH": str(pathlib.Path(__file__).parent)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_the_guide_has_the_same_engine():
    assert OF_THE_GUIDE == SIGNED_IN


def test_the_program_needs_no_more_than_one_sign_in(new_org, tmp_path):
    org, program = new_org()
    settings = tmp_path / "okta.json"
    before = run(program, org, settings)
    assert before.returncode != 0 and "OAuthClientId" in before.stderr, before.stderr

    done = login(program, org, settings)
    assert done.returncode == 0, done.stdout + done.stderr
    for _ in range(2):
        after = run(program, org, settings)
        assert (after.returncode, after.stderr) == (0, "")
        assert sorted(after.stdout.splitlines()) == sorted(people(org.sim) * 2)
    assert org.grants() == {"authorization_code": 1}

    # An admin has cleared all sessions: the program asks for the person again.
    org.post("/sim/tokens/revoke")
    seen = len(program.saw())
    again = run(program, org, settings)
    assert sorted(again.stdout.splitlines()) == sorted(people(org.sim) * 2), again.stderr
    program.saw(more_than=seen)
    assert org.grants() == {"authorization_code": 2}
