"""The example app of Dash, as a browser's requests find it."""

import collections
import datetime
import runpy
import urllib.parse

import pytest

import okta_urls


@pytest.fixture(scope="module")
def page(sim):
    """What the page is made of: the component of each id."""
    make = runpy.run_path(str(okta_urls.PACKAGE / "examples/dash_app.py"))["make"]
    client = make(okta_urls.okta(sim)).server.test_client()
    assert client.get("/").status_code == 200
    sim.reset()
    layout = client.get("/_dash-layout").get_json()
    found = {child["props"].get("id"): child["props"] for child in layout["props"]["children"]}
    return found, sim.requests()


def texts(row):
    return [cell["props"]["children"] for cell in row["props"]["children"]]


def test_users_by_status_are_the_orgs(sim, page):
    counts = collections.Counter(user["status"] for user in sim.truth("Users"))
    found, _ = page
    head, body = found["statuses"]["children"]
    assert texts(head["props"]["children"]) == ["Status", "People"]
    assert dict(map(texts, body["props"]["children"])) == counts
    (bars,) = found["users-by-status"]["figure"]["data"]
    assert dict(zip(bars["x"], bars["y"])) == counts


def test_sign_ins_by_day_are_the_logs(sim, page):
    found, requests = page
    (bars,) = found["sign-ins-by-day"]["figure"]["data"]
    (asked,) = [request for request in requests if request["path"] == "/api/v1/logs"]
    query = urllib.parse.parse_qs(asked["query"])
    assert query["filter"] == ['eventType eq "user.session.start"']
    since = datetime.datetime.fromisoformat(query["since"][0])
    assert abs(datetime.datetime.now(datetime.timezone.utc) - since - datetime.timedelta(days=30)) < datetime.timedelta(minutes=5)
    events = [
        datetime.datetime.fromisoformat(event["published"])
        for event in sim.truth("SystemLogs")
        if event["eventType"] == "user.session.start"
    ]
    days = collections.Counter(event.date().isoformat() for event in events if event >= since)
    assert dict(zip(bars["x"], bars["y"])) == days != {}
