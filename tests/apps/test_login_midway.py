"""Tokens that end while a child table is read by several requests at once: renewed, or told in Okta's words."""

import json

from okta_login import READ
from test_login_browser import browser

# As READ, but stops after the first rows until the tokens have ended.
MIDWAY = """
import json, sys, urllib.request, pyodbc
pyodbc.pooling = False
options = json.loads(sys.argv[3])
connection = pyodbc.connect(sys.argv[1], autocommit=True)
cursor = connection.execute(sys.argv[2])
rows = cursor.fetchmany(3)
urllib.request.urlopen(urllib.request.Request(options["then"], method="POST")).close()
try:
    answer = {"rows": [list(row) for row in rows + cursor.fetchall()]}
except pyodbc.Error as error:
    answer = {"state": error.args[0], "error": error.args[1]}
print(json.dumps(answer))
"""

MEMBERS = "SELECT GroupId, UserId FROM GroupMembers"


def scan(new_org, folder, then):
    """What a program tells of GroupMembers, read four requests at a time by a bound token, when `then` comes in the middle."""
    org, program = new_org("okta-sim", "--latency-ms", 30)
    keywords = browser(org, folder, OAuthClientId="0oaBoundNative", PageSize=3, MaxConcurrency=4)
    # Signed in before: in the middle nobody must be asked.
    assert program.end(program.start("SELECT Id FROM Groups", script=READ, **keywords))["rows"]
    org.sim.reset()
    keywords["InitiateOAuth"] = "REFRESH"
    answer = program.end(program.start(MEMBERS, {"then": org.url + then}, script=MIDWAY, **keywords))
    asked = [r["status"] for r in org.sim.requests() if r["path"].endswith("/users")]
    return org, answer, asked


def test_a_bound_token_that_expires_under_four_requests_loses_and_doubles_no_row(new_org, tmp_path):
    org, answer, asked = scan(new_org, tmp_path, "/sim/tokens/expire")
    truth = sorted([member["groupId"], member["id"]] for member in org.sim.truth("GroupMembers"))
    assert sorted(answer["rows"]) == truth
    assert set(asked) == {200, 401} and asked.index(401) > 0 and asked[-1] == 200, asked
    # Whoever was refused waits for the one that renews.
    assert org.grants() == {"authorization_code": 1, "refresh_token": 1}
    assert org.tokens()["reuses"] == 0


def test_revoked_in_the_middle_the_fetch_ends_with_oktas_words(new_org, tmp_path):
    org, answer, asked = scan(new_org, tmp_path, "/sim/tokens/revoke")
    assert answer.get("state") == "28000", json.dumps(answer)[:300]
    for told in ("The refresh token is invalid or expired.", "okta-odbc login"):
        assert told in answer["error"], answer
    assert asked[0] == 200 and 401 in asked, asked
    assert org.grants() == {"authorization_code": 1}
