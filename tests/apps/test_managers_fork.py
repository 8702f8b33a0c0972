"""Processes that fork with a connection open: nothing hangs, and the answers are right on both sides."""

import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.error
import urllib.request

import fork_program
import okta_login
import okta_org
import pytest

USERS = 450


@pytest.fixture(scope="module")
def org():
    started = okta_org.Sim("--users", USERS, "--groups", 4)
    yield started
    started.close()


def run(scenario, *arguments, environment=None):
    command = [sys.executable, fork_program.__file__, scenario, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200)
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


def test_a_fork_while_another_thread_uses_the_driver_for_the_first_time(sim):
    """It found a OnceLock half filled, and the child waited for the thread that was to fill it."""
    delays = [milliseconds / 1000 for milliseconds in range(0, 60, 3)]
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        told = list(threads.map(lambda delay: run("first_use", sim.connection_string(), str(delay)), delays))
    count = len(sim.truth("Users"))
    assert told == [{"child": [count, 0], "parent": [count]}] * len(delays)


def test_transaction_and_error(told):
    assert told == {"parent": ["42S22", USERS], "child": [["42S22", USERS], 0]}


def test_asynchronous_call(new_sim):
    slow = new_sim("--users", 30, "--latency-ms", 400)
    told = run("asynchronous_call", slow.connection_string())
    child, ended = told["child"]
    # SQL_STILL_EXECUTING, in both.
    assert (told["begun"], told["parent"], ended) == (2, [0, 0, "30"], 0)
    assert (child["code"], child["state"], child["again"]) == (-1, "HY000", [0, 0, "30"])
    assert "parent process" in child["message"]


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_multiprocessing_pool(method, org):
    assert run("multiprocessing_pool", org.connection_string(), method) == {"workers": [USERS] * 6, "parent": USERS}


def test_futures_over_the_inherited(told):
    assert told == {"workers": [USERS] * 6, "parent": USERS}


@pytest.mark.parametrize("dispose", ["dispose", "forgotten"])
def test_sqlalchemy_engine(dispose, org):
    assert run("sqlalchemy_engine", org.connection_string(), dispose) == {"workers": [USERS] * 9, "parent": USERS}


# A web server ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["sync", "gthread"])
def served(request, org, tmp_path):
    """The address of gunicorn with the application loaded before its three workers fork."""
    address = f"127.0.0.1:{okta_login.free_port()}"
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", "3", "--worker-class", request.param]
    command += ["--threads", "4", "--bind", address, "--timeout", "30", "--graceful-timeout", "5", "wsgi_program:application"]
    environment = dict(os.environ, APP_CONNECTION=org.connection_string())
    output = (tmp_path / "gunicorn.log").open("w")
    folder = pathlib.Path(__file__).parent
    server = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)
    url = f"http://{address}"
    for _ in range(200):
        try:
            urllib.request.urlopen(url, timeout=30).close()
            break
        except urllib.error.URLError:
            assert server.poll() is None, (tmp_path / "gunicorn.log").read_text()
            time.sleep(0.1)
    yield url, server
    server.terminate()
    # It ends by itself: its workers do not hang in their connections' end.
    assert server.wait(timeout=30) == 0
    log = (tmp_path / "gunicorn.log").read_text()
    assert "WORKER TIMEOUT" not in log and "Traceback" not in log, log


def test_gunicorn_preload(served, org):
    url, server = served

    def ask(path):
        with urllib.request.urlopen(url + path, timeout=60) as answer:
            return answer.read().decode()

    with concurrent.futures.ThreadPoolExecutor(12) as threads:
        told = [json.loads(text) for text in threads.map(ask, ["/"] * 60)]
        streams = list(threads.map(ask, ["/stream"] * 12))
    assert {(answer["count"], answer["start"], answer["master"]) for answer in told} == {(USERS, USERS, server.pid)}
    workers = {answer["pid"] for answer in told}
    assert len(workers) > 1 and server.pid not in workers
    assert [sorted(stream.split()) for stream in streams] == [every_id(org)] * 12


# A login --------------------------------------------------------------------------------------------------------------------


def service(tmp_path):
    key = tmp_path / "service.pem"
    key.write_bytes(okta_login.KEY.as_pem(private=True))
    return {"AuthScheme": "OAuthJWT", "OAuthClientId": "0oaService", "OAuthJWTCert": key, "OAuthJWTPublicKeyId": "rsa-1"}


def test_a_login_is_inherited(new_org, tmp_path):
    """Of a service app: the children get tokens of their own, also when the parent's are spent."""
    org, program = new_org()
    string = program.connection_string(**service(tmp_path))
    told = run("open_connection", string)
    assert told == {"parent": 60, "child": [[60, 60], 0], "after": 60}
    told = run("spent_login", string, org.sim.url)
    assert told == {"child": [60, 0], "grandchild": [60, 0], "parent": 60}
    assert run("while_others_ask", string) == {"children": [[[60] * 3, 0]] * 8, "counts": [60], "parent": 60}


def test_a_persons_login_is_inherited(new_org, tmp_path):
    """Refresh tokens rotate: parent and child renew in turn through the settings file, and neither is logged out."""
    org, program = new_org()
    keywords = {"AuthScheme": "OAuth", "InitiateOAuth": "GETANDREFRESH", "OAuthClientId": "0oaNative"}
    keywords |= {"OAuthSettingsLocation": tmp_path / "settings.json", "CallbackURL": org.callback}
    assert program.read(**keywords) == org.user_ids()
    program.environment.pop("BROWSER")
    string = program.connection_string(**keywords)
    told = run("spent_login", string, org.sim.url, environment=program.environment)
    assert org.grants() == {"authorization_code": 1, "refresh_token": 2}
    assert told == {"child": [60, 0], "grandchild": [60, 0], "parent": 60}
