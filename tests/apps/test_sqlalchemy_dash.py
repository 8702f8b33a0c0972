"""The example app of Dash, as a browser's requests find it and as headless Chromium shows it."""

import collections
import datetime
import html.parser
import os
import re
import runpy
import subprocess
import tempfile
import threading
import urllib.parse

import matplotlib.image
import pytest
from werkzeug.serving import make_server

import okta_org
import okta_urls

# For people to look at: one picture for each form of URL.
PICTURES = okta_org.CHECKOUT / "target/dash"


def app(url):
    return runpy.run_path(str(okta_urls.PACKAGE / "examples/dash_app.py"))["make"](url)


@pytest.fixture(scope="module")
def page(sim):
    """What the page is made of: the component of each id."""
    client = app(okta_urls.okta(sim)).server.test_client()
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


def sign_ins(sim, since):
    """Day → sign-ins since then."""
    events = [
        datetime.datetime.fromisoformat(event["published"])
        for event in sim.truth("SystemLogs")
        if event["eventType"] == "user.session.start"
    ]
    return collections.Counter(event.date().isoformat() for event in events if event >= since)


def test_sign_ins_by_day_are_the_logs(sim, page):
    found, requests = page
    (bars,) = found["sign-ins-by-day"]["figure"]["data"]
    (asked,) = [request for request in requests if request["path"] == "/api/v1/logs"]
    query = urllib.parse.parse_qs(asked["query"])
    assert query["filter"] == ['eventType eq "user.session.start"']
    since = datetime.datetime.fromisoformat(query["since"][0])
    assert abs(datetime.datetime.now(datetime.timezone.utc) - since - datetime.timedelta(days=30)) < datetime.timedelta(minutes=5)
    assert dict(zip(bars["x"], bars["y"])) == sign_ins(sim, since) != {}


# Nothing of a profile of the user's own, and nothing sent anywhere but to the page.
BROWSER = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1000,1400", "--hide-scrollbars", "--virtual-time-budget=20000", "--dump-dom",
]  # fmt: skip


class Shown(html.parser.HTMLParser):
    """The cells of the table, and what each chart (an element with an id) draws: its texts, the heights of its bars, and
    what all bars cover in pixels. Beside it the picture of the page."""

    def __init__(self, dom, picture):
        super().__init__()
        self.picture, self.covered = picture, 0
        self.cells, self.texts, self.bars = [], collections.defaultdict(list), collections.defaultdict(list)
        self._inside, self._cell = None, False
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("id") in ("statuses", "users-by-status", "sign-ins-by-day"):
            self._inside = attributes["id"]
        self._cell = tag in ("td", "th")
        # Plotly draws a bar as `M left,bottom V top H right V bottom Z`.
        outline = re.fullmatch(r"M([\d.]+),([\d.]+)V([\d.]+)H([\d.]+)V[\d.]+Z", attributes.get("d", ""))
        if tag == "path" and outline and self._inside:
            left, bottom, top, right = map(float, outline.groups())
            self.bars[self._inside].append(bottom - top)
            self.covered += (right - left) * (bottom - top)

    def handle_data(self, data):
        if self._cell and self._inside == "statuses":
            self.cells.append(data)
        elif self._inside:
            self.texts[self._inside].append(data)


@pytest.fixture(scope="module", params=list(okta_urls.FORMS))
def shown(request, sim):
    server = make_server("127.0.0.1", 0, app(okta_urls.FORMS[request.param](sim)).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    picture = PICTURES / f"{request.param}.png"
    picture.parent.mkdir(parents=True, exist_ok=True)
    # An earlier run's would be taken for this one's.
    picture.unlink(missing_ok=True)
    try:
        with tempfile.TemporaryDirectory() as profile:
            browser = os.environ.get("OKTA_CHROMIUM", "chromium")
            command = [browser, *BROWSER, f"--screenshot={picture}", f"--user-data-dir={profile}"]
            command.append(f"http://127.0.0.1:{server.server_port}/")
            done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert done.returncode == 0, done.stderr
    return Shown(done.stdout, picture)


def heights(numbers, bars):
    """The numbers that bars of these heights show, the highest of which is known."""
    return [round(bar * max(numbers) / max(bars)) for bar in bars]


def test_chromium_shows_the_table(sim, shown):
    counts = collections.Counter(user["status"] for user in sim.truth("Users"))
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    assert shown.cells == ["Status", "People", *(str(value) for row in rows for value in row)]


def test_chromium_draws_the_statuses(sim, shown):
    counts = collections.Counter(user["status"] for user in sim.truth("Users"))
    assert {"Users by status", *counts} <= set(shown.texts["users-by-status"])
    wanted = sorted(counts.values(), reverse=True)
    assert heights(wanted, shown.bars["users-by-status"]) == wanted


def test_chromium_draws_the_sign_ins(sim, shown):
    assert "Sign-ins of the last 30 days" in shown.texts["sign-ins-by-day"]
    since = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=30)
    wanted = [number for _, number in sorted(sign_ins(sim, since).items())]
    assert heights(wanted, shown.bars["sign-ins-by-day"]) == wanted


def test_chromiums_picture_has_the_bars(shown):
    pixels = matplotlib.image.imread(shown.picture)[:, :, :3]
    assert pixels.shape == (1400, 1000, 3)
    # #1f77b4, Plotly's first colour for a figure without a template.
    drawn = (abs(pixels - [0x1F / 255, 0x77 / 255, 0xB4 / 255]) < 0.01).all(axis=2).sum()
    assert abs(drawn / shown.covered - 1) < 0.05
