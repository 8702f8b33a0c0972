"""Runs one client: its own okta-sim that answers slowly, its own registration, its time limit; and judges what it wrote."""

import json
import os
import shutil
import subprocess
import sys
import time

import calls
import judge
import matrix
import orgs as org_list
import statements


class Result:
    """What a client's run gave; written to target/clients/<client>.json."""

    def __init__(self, client):
        self.client = client
        self.version = self.manager = None
        self.seconds = 0.0
        # Part → what is wrong with it.
        self.parts = {part: ["it did not run"] for part in client.parts()}
        self.calls = {}
        # What it printed, where that is of interest.
        self.output = ""

    def passed(self):
        return sum(not wrong for wrong in self.parts.values())

    def failed(self):
        return sum(bool(wrong) for wrong in self.parts.values())

    def write(self, folder):
        content = {
            "client": self.client.name,
            "title": self.client.title,
            "version": self.version,
            "manager": self.manager,
            "seconds": round(self.seconds, 1),
            "parts": self.parts,
            "cannot": self.client.cannot,
            "differs": self.client.differs,
            "calls": self.calls,
        }
        (folder / f"{self.client.name}.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def run(client, shared, python, npm, folder):
    """`shared` are the orgs that all clients read; `folder` is target/clients."""
    result = Result(client)
    work = folder / "work" / client.name
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    slow = org_list.Org("slow")
    try:
        orgs = {**shared, "slow": slow}
        counter = calls.Counter(os.environ["OKTA_ODBC_DRIVER"], work)
        log = work / "driver.log"
        (work / "statements.tsv").write_text(statements.tsv(), encoding="utf-8")
        places = {
            "{python}": str(python),
            "{tours}": str(matrix.FOLDER / "tours"),
            "{folder}": str(work),
            "{npm}": str(npm),
            "{soffice-python}": "/usr/bin/python3",
            "{target}": os.path.dirname(os.environ["OKTA_ODBC_DRIVER"]),
        }

        def fill(text):
            for name, value in places.items():
                text = text.replace(name, value)
            return text

        environment = {name: value for name, value in os.environ.items() if name != "ODBCINSTINI"}
        environment.update(org_list.register(work, counter.library, log, orgs))
        environment["TOUR_STATEMENTS"] = str(work / "statements.tsv")
        environment["TOUR_ANSWERS"] = str(work / "answers.jsonl")
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        environment.update({name: fill(value) for name, value in client.environment.items()})
        start = time.monotonic()
        problem = None
        with open(work / "output", "wb") as output:
            for command in [*client.build, client.tour]:
                problem = problem or _command([fill(word) for word in command], work, environment, output, client.seconds)
        result.seconds = time.monotonic() - start
        answers = judge.Answers(work / "answers.jsonl")
        result.version, result.manager = answers.one("version", "client"), answers.one("version", "manager")
        result.parts = judge.judge(client, answers, orgs, log)
        result.calls = counter.read()
        if missing := judge.cancels(client, result.calls):
            result.parts["cancel"] += missing
        if problem:
            # The end was no clean one.
            result.parts["disconnect"] = result.parts.get("disconnect", []) + [problem]
        if result.failed():
            result.output = (work / "output").read_text(errors="replace")[-4000:]
        else:
            shutil.rmtree(work, ignore_errors=True)
    except Exception as error:  # noqa: BLE001 - the others go on; this one has failed
        result.parts["disconnect"] = [f"the runner: {type(error).__name__}: {error}"]
    finally:
        slow.close()
    result.write(folder)
    return result


def _command(command, folder, environment, output, seconds):
    """None, or in words why it did not end well."""
    try:
        started = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]}: {error}"
    try:
        code = started.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        code = f"none after {seconds} s"
    if code != 0:
        # Whatever it started has its group.
        try:
            os.killpg(started.pid, 9)
        except ProcessLookupError:
            pass
        started.wait()
    return None if code == 0 else f"{os.path.basename(command[0])} ended with {code}"


def show(result):
    """One line, and below it what is wrong."""
    parts = " ".join(part if not wrong else part.upper() + "!" for part, wrong in result.parts.items())
    print(f"   {result.client.name:12} {result.seconds:6.1f} s  {result.passed()} of {len(result.parts)}  {parts}")
    for part, wrong in result.parts.items():
        for line in wrong[:6]:
            print(f"      {part}: {line}")
        if len(wrong) > 6:
            print(f"      {part}: … {len(wrong) - 6} more")
    if result.output:
        print("      it printed:")
        for line in result.output.splitlines()[-25:]:
            print(f"      | {line}")
    sys.stdout.flush()
