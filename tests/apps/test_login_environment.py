"""Okta's environment variables and ~/.okta/okta.yaml log a program in, read by the driver as they lie on a machine."""

import json
import subprocess
import sys

import pytest

import okta_org
import secrets_kept
from okta_login import KEY, READ, SCOPES, USERS


@pytest.fixture
def machine(new_org, tmp_path):
    """An org, a key's file, and what runs a program with variables and an okta.yaml of the test's own."""
    org, program = new_org()
    return Machine(org, program, tmp_path)


class Machine:
    def __init__(self, org, program, folder):
        self.org, self.program, self.folder = org, program, folder
        self.key = folder / "service.pem"
        self.key.write_bytes(KEY.as_pem(private=True))

    def yaml(self, **client):
        file = self.folder / ".okta" / "okta.yaml"
        file.parent.mkdir(exist_ok=True)
        file.write_text("okta:\n  client:\n" + "".join(f"    {name}: {value}\n" for name, value in client.items()))

    def app(self, **more):
        """A service app as okta.yaml has it."""
        keys = {"authorizationMode": "PrivateKey", "clientId": "0oaService", "privateKey": self.key, "kid": "rsa-1"}
        return {"orgUrl": self.org.url, **keys, **more}

    def run(self, keywords="", **variables):
        """What pyodbc gets with a connection string of these keywords."""
        environment = self.program.environment | {f"OKTA_CLIENT_{name}": str(value) for name, value in variables.items()}
        command = [sys.executable, "-c", READ, f"Driver={{{okta_org.DRIVER}}};{keywords}", USERS, "{}"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
        assert done.stderr == ""
        return json.loads(done.stdout)

    def reads(self, keywords="", **variables):
        answer = self.run(keywords, **variables)
        assert answer.get("rows") == self.org.user_ids(), answer

    def fails(self, keywords="", **variables):
        answer = self.run(keywords, **variables)
        assert "error" in answer, answer
        return answer["state"], answer["error"]

    def granted(self):
        return self.org.grants() == {"client_credentials": 1}


def variables(machine):
    return {
        "ORGURL": machine.org.url,
        "CLIENTID": "0oaService",
        "PRIVATEKEY": machine.key,
        "KID": "rsa-1",
        "SCOPES": "okta.users.read okta.schemas.read",
    }


def test_an_org_and_a_token_in_variables_need_no_keyword(machine):
    machine.reads(ORGURL=machine.org.url, TOKEN=okta_org.TOKEN)
    assert machine.org.grants() == {}


@pytest.mark.parametrize("form", ["file", "text", "one line"])
def test_an_app_in_variables_needs_no_keyword(machine, form):
    given = variables(machine)
    text = KEY.as_pem(private=True).decode()
    given["PRIVATEKEY"] = {"file": machine.key, "text": text, "one line": text.replace("\n", "\\n")}[form]
    machine.reads(**given)
    assert machine.granted()
    # The scopes are those of the variable: groups are none of them.
    machine.program.environment |= {f"OKTA_CLIENT_{name}": str(value) for name, value in given.items()}
    answer = machine.program.end(machine.program.start("SELECT Id FROM Groups"))
    assert "okta.groups.read" in answer["error"], answer


def test_okta_yaml_needs_no_keyword(machine):
    machine.yaml(**machine.app(scopes=f"[{', '.join(SCOPES)}]"))
    machine.reads()
    assert machine.granted()


def test_a_token_of_okta_yaml(machine):
    machine.yaml(orgUrl=machine.org.url, token=okta_org.TOKEN)
    machine.reads()
    machine.reads(f"Domain={machine.org.url}")


def test_a_variable_beats_the_key_of_okta_yaml_and_leaves_the_others(machine):
    machine.yaml(**machine.app(clientId="0oaNobody"))
    state, error = machine.fails()
    assert state == "28000" and machine.org.grants() == {}, error
    machine.reads(CLIENTID="0oaService")
    assert machine.granted()


def test_a_token_in_a_variable_is_not_mixed_with_the_app_of_okta_yaml(machine):
    machine.yaml(**machine.app())
    machine.reads(TOKEN=okta_org.TOKEN)
    assert machine.org.grants() == {}


def test_the_string_beats_both(machine):
    machine.yaml(**machine.app(clientId="0oaNobody"))
    wrong = secrets_kept.register("wrong-token-of-a-variable", "OKTA_CLIENT_TOKEN")
    machine.reads(f"APIToken={okta_org.TOKEN}", TOKEN=wrong)
    machine.reads(f"Domain={machine.org.url};APIToken={okta_org.TOKEN}", ORGURL="https://other.example.com", TOKEN=wrong)


def test_the_secrets_of_another_org_go_nowhere(machine, new_sim):
    theirs = new_sim("--users", 5)
    # The variables', for the string's org.
    state, error = machine.fails(f"Domain={theirs.url}", ORGURL=machine.org.url, TOKEN=okta_org.TOKEN)
    assert state == "28000" and "APIToken is missing" in error
    # The file's, for the string's org and for the variables'.
    machine.yaml(orgUrl=machine.org.url, token=okta_org.TOKEN)
    for keywords, variables in [(f"Domain={theirs.url}", {}), ("", {"ORGURL": theirs.url})]:
        state, error = machine.fails(keywords, **variables)
        assert state == "28000" and "APIToken is missing" in error
    # A token without an org is nobody's.
    state, error = machine.fails(f"Domain={theirs.url}", TOKEN=okta_org.TOKEN)
    assert state == "28000" and "APIToken is missing" in error
    assert theirs.get("/sim/requests") == []


def test_a_key_in_a_variable_that_is_cut_is_not_shown(machine):
    lines = KEY.as_pem(private=True).decode().split()
    key = secrets_kept.register("".join(line for line in lines if len(line) == 64)[:800], "OKTA_CLIENT_PRIVATEKEY")
    state, error = machine.fails(**variables(machine) | {"PRIVATEKEY": key})
    assert state == "28000" and "OAuthJWTCert" in error and key[:20] not in error


def test_dpop_in_a_variable(machine):
    machine.reads(**variables(machine) | {"CLIENTID": "0oaBound", "DPOPENABLED": "true"})
    assert machine.org.tokens()["proofs"] > 1
