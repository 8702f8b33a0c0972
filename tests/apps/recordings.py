"""Recorded answers of real orgs, served by path alone: one server per recorded host, and one run per version of its rows."""

import http.server
import json
import os
import pathlib
import re
import threading
import urllib.parse

import okta_org

FOLDER = pathlib.Path(os.environ.get("OKTA_RECORDINGS") or okta_org.CHECKOUT.parent / "shared/okta/recorded")

# What the specification's samples are served as; they were recorded nowhere.
SAMPLES = "samples"

# Table, its list, its single row: the templates that the recordings are filed under.
SOURCES = [
    ("Users", "/api/v1/users", "/api/v1/users/{id}"),
    ("Groups", "/api/v1/groups", "/api/v1/groups/{groupId}"),
    ("GroupMembers", "/api/v1/groups/{groupId}/users", None),
    ("Apps", "/api/v1/apps", "/api/v1/apps/{appId}"),
    ("ApplicationUsers", "/api/v1/apps/{appId}/users", "/api/v1/apps/{appId}/users/{userId}"),
    ("ApplicationGroups", "/api/v1/apps/{appId}/groups", "/api/v1/apps/{appId}/groups/{groupId}"),
    ("UserFactors", "/api/v1/users/{userId}/factors", "/api/v1/users/{userId}/factors/{factorId}"),
    ("UserGroups", "/api/v1/users/{id}/groups", None),
    ("SystemLogs", "/api/v1/logs", None),
    ("UserTypes", "/api/v1/meta/types/user", "/api/v1/meta/types/user/{typeId}"),
]
USER_SCHEMA = "/api/v1/meta/schemas/user/default"
GROUP_SCHEMA = "/api/v1/meta/schemas/group/default"
# Rows in an answer: small, so that next links are followed.
PAGE = 20


def records():
    """Every recorded GET that succeeded, and the specification's samples of logs as if recorded on a host of their own."""
    for file in sorted(FOLDER.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            record = json.loads(line)
            if record["method"] == "GET" and record["status"] == 200:
                yield record
    for sample in samples("/api/v1/logs"):
        yield {"host": SAMPLES, "path": "/api/v1/logs", "template": "/api/v1/logs", "body": sample}


def samples(path):
    for line in (FOLDER.parent / "spec_examples.jsonl").read_text().splitlines():
        sample = json.loads(line)
        if sample["method"] == "GET" and sample["template"] == path and sample["status"] == "200":
            yield sample["body"]


class Host:
    """What one org was seen to hold: versions of each row, by list path and row key."""

    def __init__(self, name):
        self.name = name
        self.rows = {}  # table -> list path -> row key -> versions
        self.schemas = []

    def add(self, table, path, row):
        key = row.get("id") or row.get("uuid")
        if not key:
            return
        versions = self.rows.setdefault(table, {}).setdefault(path, {}).setdefault(key, [])
        if row not in versions:
            versions.append(row)

    def runs(self):
        counts = [len(v) for paths in self.rows.values() for keys in paths.values() for v in keys.values()]
        return max(counts, default=0)

    def version(self, table, run):
        """List path -> row key -> the row, of those that have a version of that number."""
        paths = self.rows.get(table, {})
        served = {path: {k: v[run] for k, v in keys.items() if run < len(v)} for path, keys in paths.items()}
        return {path: keys for path, keys in served.items() if keys}

    def schema(self):
        """The recorded schema with the most attributes of the org's own: an attribute that it lacks has no column."""
        custom = lambda body: len(body.get("definitions", {}).get("custom", {}).get("properties", {}))
        return max(self.schemas, key=custom, default=None)


def hosts():
    """Recorded hosts by name."""
    found = {}
    lists = {template: table for table, template, _ in SOURCES}
    singles = {template: table for table, _, template in SOURCES if template}
    for record in records():
        host = found.setdefault(record["host"], Host(record["host"]))
        body = record["body"]
        path = urllib.parse.unquote(record["path"])
        template = record["template"]
        if path == USER_SCHEMA:
            host.schemas.append(body)
        elif template in lists:
            for row in body if isinstance(body, list) else [body]:
                host.add(lists[template], path, row)
        elif template in singles and isinstance(body, dict):
            host.add(singles[template], path.rsplit("/", 1)[0], body)
    return {name: host for name, host in found.items() if host.rows}


class Server:
    """One version of one host's rows on a port of its own."""

    def __init__(self, host, run):
        lists, singles = {}, {}
        for table, _, _ in SOURCES:
            for path, rows in host.version(table, run).items():
                lists[path] = list(rows.values())
                singles.update({f"{path}/{key}": row for key, row in rows.items()})
        if host.schema():
            singles[USER_SCHEMA] = host.schema()
        for sample in samples(GROUP_SCHEMA):
            singles[GROUP_SCHEMA] = sample

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                address = urllib.parse.urlsplit(self.path)
                path = urllib.parse.unquote(address.path)
                if path in lists:
                    at = int(urllib.parse.parse_qs(address.query).get("after", ["0"])[0])
                    rows = lists[path]
                    more = at + PAGE < len(rows)
                    link = f"<http://{self.headers['Host']}{address.path}?after={at + PAGE}>; rel=\"next\"" if more else None
                    self.answer(200, rows[at : at + PAGE], link)
                elif path in singles:
                    self.answer(200, singles[path])
                else:
                    self.answer(404, {"errorCode": "E0000007", "errorSummary": f"Not found: Resource not found: {path}"})

            def answer(self, status, body, link=None):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                if link:
                    self.send_header("Link", link)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        port = self.server.server_address[1]
        self.connection_string = f"Driver={{{okta_org.DRIVER}}};Domain=http://127.0.0.1:{port};APIToken=recorded"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def parent_key(template, path):
    """The key that a recorded list path names, or None for a list that has no parent."""
    pattern = re.sub(r"\{\w+\}", "([^/]+)", template)
    groups = re.fullmatch(pattern, path).groups()
    return groups[0] if groups else None
