"""One settings file, several programs at once: each refresh token is used once, and none is lost."""

import collections
import json
import subprocess
import sys

from okta_login import USERS
from test_login_browser import browser

REFRESHES = 1000
PROCESSES = 2

# Connects again and again until the org has seen so many refreshes; before each time every access token of it expires.
LOOP = """
import json, sys, urllib.request, pyodbc
pyodbc.pooling = False
string, tokens, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.stdin.readline()
while json.load(urllib.request.urlopen(tokens))["refreshUses"] < wanted:
    urllib.request.urlopen(urllib.request.Request(tokens + "/expire", method="POST")).close()
    while True:
        try:
            connection = pyodbc.connect(string, autocommit=True)
            assert connection.execute("SELECT COUNT(*) FROM Groups").fetchval() == 8
            connection.close()
            break
        except pyodbc.Error as error:
            # The other process has expired the new token too, before its first use: a second 401 in a row is final.
            assert "The token has expired." in str(error), error
print("done")
"""


def test_two_processes_refresh_one_file_a_thousand_times_and_lose_no_token(new_org, tmp_path):
    org, program = new_org()
    keywords = {**browser(org, tmp_path), "InitiateOAuth": "GETANDREFRESH"}
    assert program.read(USERS, **keywords) == org.user_ids()
    program.environment.pop("BROWSER")
    keywords["InitiateOAuth"] = "REFRESH"
    log = tmp_path / "refreshes.log"
    string = program.connection_string(**keywords, Logfile=log, Verbosity=2)
    command = [sys.executable, "-c", LOOP, string, f"{org.url}/sim/tokens", str(REFRESHES)]
    processes = [
        subprocess.Popen(
            command, env=program.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        for _ in range(PROCESSES)
    ]
    try:
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.flush()
        for process in processes:
            out, _ = process.communicate(timeout=600)
            assert out == "done\n", out
    finally:
        for process in processes:
            process.kill()
    counts = org.tokens()
    # Without leeway a token that came twice would have ended the family, and with it every later connection.
    assert (counts["reuses"], counts["familiesLive"], counts["refreshUsesInLeeway"]) == (0, 1, 0)
    assert counts["refused"] == {}
    assert counts["refreshUses"] >= REFRESHES
    # Who did them: the second word of a line is the process.
    lines = [line.split() for line in log.read_text().splitlines() if " token grant=refresh_token " in line]
    shares = collections.Counter(int(line[1]) for line in lines)
    assert set(shares) == {process.pid for process in processes}, shares
    assert sum(shares.values()) == counts["refreshUses"], shares
    # The lock goes to whoever comes first, which may be the same one many times over.
    assert min(shares.values()) >= 10, shares
    assert counts["refreshTokensIssued"] == counts["refreshUses"] + 1
    kept = json.loads((tmp_path / "settings.json").read_text())
    assert kept["version"] >= 1
