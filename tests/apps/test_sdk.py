"""Okta's official Python SDK reads every page of okta-sim's lists; the rows are the org's truth."""

import asyncio
import json
import os
import re
import subprocess
import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest

os.environ["OKTA_TESTING_TESTINGDISABLEHTTPSCHECK"] = "true"

from okta.client import Client  # noqa: E402  (the SDK reads the variable when it is imported)

SIZES = ["--users", "450", "--groups", "25", "--apps", "23", "--log-events", "2300"]


@pytest.fixture(scope="module")
def org():
    command = os.environ.get("OKTA_SIM")
    assert command, "OKTA_SIM must name the okta-sim binary"
    process = subprocess.Popen([command, *SIZES], stdout=subprocess.PIPE, text=True)
    try:
        ready = process.stdout.readline().split()
        assert ready[:1] == ["ready"], ready
        yield ready[1]
    finally:
        process.kill()
        process.wait()


def truth(org, resource):
    with urllib.request.urlopen(f"{org}/sim/truth/{resource}") as answer:
        return [json.loads(line) for line in answer]


async def pages(call, **parameters):
    """Every row of a list, following the next link as the SDK hands it out; and the number of pages."""
    rows, count = [], 0
    while True:
        page, answer, error = await call(**parameters)
        assert error is None, error
        rows += page
        count += 1
        link = re.search(r'<([^>]*)>; rel="next"', (answer.headers or {}).get("Link", ""))
        if link is None:
            return rows, count
        parameters["after"] = parse_qs(urlsplit(link.group(1)).query)["after"][0]
        parameters.pop("since", None)


def read(org, name, **parameters):
    async def run():
        async with Client({"orgUrl": org, "token": "sim-token"}) as client:
            return await pages(getattr(client, name), **parameters)

    return asyncio.run(run())


def plain(value):
    return getattr(value, "value", value)


def test_users(org):
    expected = truth(org, "users")
    rows, count = read(org, "list_users", search="status pr", limit=200)
    assert count == 3
    assert [row.id for row in rows] == [row["id"] for row in expected]
    assert [plain(row.status) for row in rows] == [row["status"] for row in expected]
    for row, wanted in zip(rows, expected):
        got = row.profile.to_dict()
        assert {name: got.get(name) for name in wanted["profile"]} == wanted["profile"]


def test_plain_users_without_deprovisioned(org):
    expected = [row["id"] for row in truth(org, "users") if row["status"] != "DEPROVISIONED"]
    rows, _ = read(org, "list_users", limit=50)
    assert [row.id for row in rows] == expected


def test_groups(org):
    expected = truth(org, "groups")
    rows, count = read(org, "list_groups", limit=10)
    assert count == 3
    assert [(row.id, plain(row.type)) for row in rows] == [(row["id"], row["type"]) for row in expected]


def test_members_of_every_group(org):
    expected = truth(org, "groupMembers")
    assert expected
    for group in truth(org, "groups"):
        rows, _ = read(org, "list_group_users", group_id=group["id"], limit=100)
        assert [row.id for row in rows] == [row["id"] for row in expected if row["groupId"] == group["id"]]


def test_apps(org):
    expected = truth(org, "apps")
    rows, count = read(org, "list_applications", limit=10)
    assert count == 3
    assert [(row.id, row.label, plain(row.status)) for row in rows] == [
        (row["id"], row["label"], row["status"]) for row in expected
    ]


def test_logs(org):
    expected = truth(org, "logs")
    rows, count = read(
        org, "list_log_events", since=expected[0]["published"], until="2099-01-01T00:00:00.000Z", limit=1000
    )
    assert count == 3
    assert [(row.uuid, row.event_type) for row in rows] == [(row["uuid"], row["eventType"]) for row in expected]
