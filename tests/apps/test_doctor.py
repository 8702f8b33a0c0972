"""okta-odbc doctor: what it finds of a healthy org, and what it says of each thing that is not."""

import pytest

import okta_org
import secrets_kept
from test_launcher import run


def doctor(url, **keywords):
    given = "".join(f";{name}={value}" for name, value in ({"APIToken": okta_org.TOKEN} | keywords).items())
    done = run("doctor", "--connect", f"Domain={url}{given}")
    lines = [line.split(None, 1) for line in done.stdout.splitlines()]
    found = {standing: [text for word, text in lines if word == standing] for standing in ("ok", "PROBLEM")}
    assert sum(map(len, found.values())) == len(lines), done.stdout
    assert okta_org.TOKEN not in done.stdout + done.stderr
    return done, found


def one(texts, beginning):
    (text,) = [" ".join(text.split()) for text in texts if text.startswith(beginning)]
    return text


def test_a_healthy_org_has_no_problem(new_sim):
    org = new_sim("--users", 5, "--rate-limit", "/api/v1/groups=50")
    done, found = doctor(org.url)
    assert (done.returncode, done.stderr, found["PROBLEM"]) == (0, "", []), done.stdout
    assert org.url.split("//")[1] in one(found["ok"], "connection")
    # The API token belongs to the first user.
    assert org.truth("Users")[0]["profile"]["login"] in one(found["ok"], "who")
    for table in okta_org.tables().values():
        assert table["scope"] in one(found["ok"], table["name"] + " ")
    assert "GET /api/v1/groups: 49 of 50 left" in one(found["ok"], "rate limit        GET /api/v1/groups:")
    assert one(found["ok"], "clock").endswith("s apart from Okta's")


def test_one_row_is_asked_of_each_list_and_nothing_of_children(new_sim):
    org = new_sim("--users", 5)
    doctor(org.url)
    asked = {request["path"]: request["query"] for request in org.requests()}
    lists = [table["list"] for table in okta_org.tables().values() if "parent" not in table]
    paths = {list["path"] for list in lists} | {"/api/v1/users/me", "/.well-known/okta-organization"}
    assert set(asked) == paths
    assert len(org.requests()) == len(paths)
    for list in lists:
        if "page_size" in list:
            assert "limit=1" in asked[list["path"]].split("&"), asked


def test_each_problem_is_told_with_what_to_do_and_ends_with_1(new_sim):
    org = new_sim("--users", 5)
    for keywords, topic, advice in [
        ({"APIToken": secrets_kept.register("wrong-token-of-the-doctor", "a wrong token")}, "connection", "APIToken"),
        ({"PageSzie": 1}, "keywords", "PageSize"),
        ({"Logfile": "/nonexistent/okta.log"}, "keywords", "Logfile"),
    ]:
        done, found = doctor(org.url, **keywords)
        assert done.returncode == 1 and "1 of these need" in done.stderr, done.stdout
        assert advice in one(found["PROBLEM"], topic)


def test_nobody_there_ends_it_at_once(new_sim):
    org = new_sim()
    org.close()
    done, found = doctor(org.url)
    assert done.returncode == 1 and "cannot be reached" in one(found["PROBLEM"], "address")
    assert not [text for text in found["ok"] if text.startswith("connection")]


@pytest.mark.parametrize(("offset", "said"), [(-600, "ahead of"), (600, "behind")])
def test_a_clock_that_is_off_is_a_problem(new_sim, offset, said):
    done, found = doctor(new_sim("--users", 5, "--clock-offset", offset).url)
    text = one(found["PROBLEM"], "clock")
    assert done.returncode == 1 and said in text and 595 <= int(text.split(" s ")[0].split()[-1]) <= 605


def test_a_table_that_may_not_be_read_is_a_problem_and_its_children_are_not_tried(new_sim):
    done, found = doctor(new_sim("--users", 5, "--fault", "/api/v1/groups=403").url)
    assert done.returncode == 1 and "admin role" in one(found["PROBLEM"], "Groups ")
    assert "not tried" in one(found["ok"], "GroupMembers ")


def test_arguments():
    assert run("doctor").returncode == 1
    assert run("doctor", "--dsn", "no-such-source").returncode == 1


@pytest.mark.parametrize("keywords", [{"ProxyServer": "http://user:{}@proxy.example.com", "ProxyExceptions": "*"}])
def test_a_proxy_is_named_without_its_password(new_sim, keywords):
    secret = secrets_kept.register("password-of-the-proxy", "ProxyPassword")
    keywords["ProxyServer"] = keywords["ProxyServer"].format(secret)
    done, found = doctor(new_sim("--users", 5).url, **keywords)
    assert one(found["ok"], "proxy") == "proxy http://proxy.example.com:80 (ProxyServer)"
    assert secret not in done.stdout + done.stderr
