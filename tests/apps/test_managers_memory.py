"""The driver touches no byte beyond what it was told: each family of calls in a process of its own, behind walls."""

import json
import subprocess
import sys

import guard_program
import okta_org
import pytest

# How many calls a family makes at the least: less would be a program that did nothing.
CALLS = {"get_data": 800, "bound_columns": 1400, "bookmarks": 20, "extended_fetch": 5, "info": 500, "attributes": 80}
CALLS |= {"descriptors": 1000, "diagnostics": 100, "others": 200, "parameters": 150, "statements": 15}


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", 12)
    yield started
    started.close()


@pytest.mark.parametrize("encoding", ["UTF-16", "UTF-32"])
@pytest.mark.parametrize("family", guard_program.FAMILIES)
def test_nothing_is_touched_beyond_a_buffers_end(family, encoding, org):
    """Of the manager's characters too, be they of two bytes or of four."""
    string = org.connection_string(DriverManagerEncoding=encoding)
    command = [sys.executable, guard_program.__file__, family, string]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, (done.returncode, done.stderr[-1500:])
    assert json.loads(done.stdout) >= CALLS[family]


def test_a_wall_is_a_wall():
    """What a byte too many would do to such a program."""
    touched = "import c_abi, ctypes; wall = c_abi.Walled(5); ctypes.memset(wall.address, 1, {})"
    for count, ends in ((5, 0), (6, -11)):
        done = subprocess.run([sys.executable, "-c", touched.format(count)], cwd=guard_program.__file__.rpartition("/")[0])
        assert done.returncode == ends
