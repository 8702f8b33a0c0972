"""Processes that fork with a connection open: nothing hangs, and the answers are right on both sides."""

import json
import subprocess
import sys

import fork_program
import okta_org
import pytest

USERS = 450


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", USERS, "--groups", 4)
    yield started
    started.close()


def run(scenario, *arguments):
    done = subprocess.run(
        [sys.executable, fork_program.__file__, scenario, *arguments], capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, (done.returncode, done.stderr)
    return json.loads(done.stdout)


@pytest.fixture
def told(org, request):
    """What the program of a test's own name says."""
    return run(request.node.name.removeprefix("test_"), org.connection_string())


def every_id(org):
    return sorted(user["id"] for user in org.truth("Users"))


def of_status(org, status):
    return sum(user["status"] == status for user in org.truth("Users"))


def test_open_connection(told):
    assert told == {"parent": USERS, "child": [[USERS, USERS], 0], "after": USERS}


def test_open_cursor(told, org):
    child, ended = told["child"]
    assert ended == 0
    state, message = child["dead"]
    assert state == "HY000" and "parent process" in message
    assert child["again"] is not None
    assert (child["same"], child["other"]) == (USERS, USERS)
    assert told["parent"] == every_id(org) and told["after"] == USERS


def test_prepared_statement(told, org):
    counts = [of_status(org, "ACTIVE"), of_status(org, "STAGED")]
    assert told == {"parent": counts, "child": [counts, 0]}


def test_grandchild(told):
    assert told == {"parent": USERS, "child": [[USERS, [USERS, 0], USERS], 0]}


def test_never_used_before(told):
    assert told == {"child": [USERS, 0], "parent": USERS}


def test_child_exits_without_disconnecting(told, org):
    assert told == {"idle": ["asked nothing", 0], "busy": [USERS, 0], "parent": every_id(org), "after": USERS}


def test_child_closes_what_it_inherited(told, org):
    assert told == {"child": [USERS, 0], "parent": every_id(org), "after": USERS}


def test_parent_leaves_first(told):
    assert told == {"child": [[USERS, USERS], 0], "parent": USERS}


def test_while_others_ask(told):
    assert told == {"children": [[[USERS] * 3, 0]] * 8, "counts": [USERS], "parent": USERS}


def test_transaction_and_error(told):
    assert told == {"parent": ["42S22", USERS], "child": [["42S22", USERS], 0]}


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing_pool(method, org):
    assert run("multiprocessing_pool", org.connection_string(), method) == {"workers": [USERS] * 6, "parent": USERS}


def test_futures_over_the_inherited(told):
    assert told == {"workers": [USERS] * 6, "parent": USERS}


@pytest.mark.parametrize("dispose", ["dispose", "forgotten"])
def test_sqlalchemy_engine(dispose, org):
    assert run("sqlalchemy_engine", org.connection_string(), dispose) == {"workers": [USERS] * 9, "parent": USERS}
