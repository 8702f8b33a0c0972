#!/usr/bin/env python3
"""Checks recorded requests against Okta's OpenAPI: Prism validates them, and their parameter names are looked up.

usage: prism_check.py REQUESTS.jsonl     (lines with method, path, query, as GET /sim/requests gives them)

OKTA_SPEC names the OpenAPI file (default ../shared/okta/management-prism.json beside the workspace), PRISM the Prism
command (default: npx with @stoplight/prism-cli 5.14.2). Zero requests are a failure.
"""

import http.client
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qsl, unquote

ROOT = Path(__file__).resolve().parents[2]
SPEC = Path(os.environ.get("OKTA_SPEC", ROOT / "../shared/okta/management-prism.json"))
PRISM = shlex.split(os.environ.get("PRISM", "npx --yes @stoplight/prism-cli@5.14.2"))
START_SECONDS = 300


class Specification:
    """The paths and query parameters of an OpenAPI file."""

    def __init__(self, path):
        self.document = json.loads(path.read_text())
        self.paths = []
        for template, item in self.document["paths"].items():
            pattern = re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(template))
            self.paths.append((template, re.compile(pattern + r"\Z"), item))
        # A template without variables beats one with.
        self.paths.sort(key=lambda entry: entry[0].count("{"))

    def operation(self, method, path):
        for template, pattern, item in self.paths:
            if pattern.match(path) and method.lower() in item:
                return template, item
        return None, None

    def query_names(self, method, item):
        names = set()
        for parameter in item.get("parameters", []) + item[method.lower()].get("parameters", []):
            while "$ref" in parameter:
                node = self.document
                for step in parameter["$ref"].lstrip("#/").split("/"):
                    node = node[step.replace("~1", "/").replace("~0", "~")]
                parameter = node
            if parameter["in"] == "query":
                names.add(parameter["name"])
        return names


def shapes(lines, specification):
    """One request for each method, template, set of parameters and of the values that are not free text."""
    distinct = {}
    for line in filter(str.strip, lines):
        request = json.loads(line)
        template, _ = specification.operation(request["method"], unquote(request["path"]))
        parameters = parse_qsl(request["query"], keep_blank_values=True)
        free = {"after", "search", "filter", "q", "since", "until", "fields"}
        shape = tuple(sorted((name, "" if name in free else value) for name, value in parameters))
        distinct.setdefault((request["method"], template or request["path"], shape), request)
    return list(distinct.values())


def start_prism(log):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [*PRISM, "mock", "--errors", "-h", "127.0.0.1", "-p", str(port), str(SPEC)]
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    log.seek(0)
    sys.exit(f"Prism did not start:\n{log.read()[-2000:]}")


def problem(request, specification, port):
    """What is wrong with a request, or None."""
    template, item = specification.operation(request["method"], unquote(request["path"]))
    if template is None:
        return "no such path or method in the specification"
    allowed = specification.query_names(request["method"], item)
    names = {name for name, _ in parse_qsl(request["query"], keep_blank_values=True)}
    # Okta's next links carry these where the specification knows no paging (/users/{id}/groups).
    unknown = names - allowed - ({"after", "limit"} if "after" in names else set())
    if unknown:
        return f"{template} has no parameter {', '.join(sorted(unknown))}"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    target = request["path"] + ("?" + request["query"] if request["query"] else "")
    headers = {"Authorization": "SSWS sim-token", "Accept": "application/json"}
    connection.request(request["method"], target, headers=headers)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    violations = answer.headers.get("sl-violations")
    about_request = [v for v in json.loads(violations) if v["location"][0] == "request"] if violations else []
    if about_request:
        return json.dumps(about_request)
    # With --errors Prism answers 422 for an invalid request, 404 and 405 for an unknown one; a mock answer that the
    # examples of the specification do not allow is Prism's 500 and says nothing about the request.
    if answer.status in (400, 404, 405, 422):
        return f"Prism answers {answer.status}: {body[:500]}"
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    specification = Specification(SPEC)
    requests = shapes(Path(sys.argv[1]).read_text().splitlines(), specification)
    if not requests:
        print("no requests to check")
        print("0 passed, 1 failed")
        return 1
    failed = 0
    with tempfile.TemporaryFile("w+") as log:
        process, port = start_prism(log)
        try:
            for request in requests:
                wrong = problem(request, specification, port)
                if wrong:
                    failed += 1
                    print(f"{request['method']} {request['path']}?{request['query']}\n  {wrong}")
        finally:
            # npx starts Prism as a child: the whole group that was started here ends.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
    print(f"{len(requests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
