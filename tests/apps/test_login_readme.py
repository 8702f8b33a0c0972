"""The SQLAlchemy program of docs/connect.md with the ORM of the README, signed in by a real browser."""

import pathlib
import subprocess
import sys

import okta_org
from test_login_device import login
from test_sqlalchemy_readme import MAIN_PROGRAMS, people, programs

(ENGINE,) = programs(okta_org.CHECKOUT / "docs/connect.md")


def run(program, org, settings, more=""):
    """The guide's engine and the README's ORM, which asks twice, in a process of its own."""
    engine = ENGINE.replace("example.okta.com", org.url).replace("/etc/okta/settings.json", f"{settings}{more}")
    assert org.url in engine and str(settings) in engine
    # Importing okta_urls does what installing the wheel does.
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", "import okta_urls\n" + engine + MAIN_PROGRAMS[3]],
        env=program.environment | {"PYTHONPATH": str(pathlib.Path(__file__).parent)},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


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
    # The app of this test is registered with another port than the guide's, which the file does not keep.
    again = run(program, org, settings, f"&CallbackURL={org.callback}")
    assert sorted(again.stdout.splitlines()) == sorted(people(org.sim) * 2), again.stderr
    program.saw(more_than=seen)
    assert org.grants() == {"authorization_code": 2}
