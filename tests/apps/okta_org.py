"""A running okta-sim, a private registration of the driver, and the catalog's table files as the tests read them."""

import json
import os
import pathlib
import ssl
import subprocess
import tomllib
import urllib.error
import urllib.request

import secrets_kept

CHECKOUT = pathlib.Path(__file__).resolve().parents[2]
DRIVER = "Okta ODBC Driver"
TOKEN = secrets_kept.register("sim-token", "the API token of okta-sim")

# Table, and what okta-sim calls its rows under /sim/truth.
TRUTH = {
    "Users": "users",
    "Groups": "groups",
    "GroupMembers": "groupMembers",
    "Apps": "apps",
    "ApplicationUsers": "appUsers",
    "ApplicationGroups": "appGroups",
    "UserFactors": "userFactors",
    "UserGroups": "userGroups",
    "SystemLogs": "logs",
    "UserTypes": "userTypes",
}


def register(folder, log=None):
    """Writes odbcinst.ini and odbc.ini into folder and makes this process and its children use them alone. Every connection
    writes to `log`, however it is made: the driver's section holds for all."""
    library = os.environ.get("OKTA_ODBC_DRIVER")
    if not library:
        raise RuntimeError("OKTA_ODBC_DRIVER must name libokta_odbc.so; `cargo xtask test` sets it")
    logging = f"Logfile={log}\nVerbosity=5\nMaxLogFileSize=1 GB\n" if log else ""
    (folder / "odbcinst.ini").write_text(f"[{DRIVER}]\nDriver={library}\nThreading=0\n{logging}")
    (folder / "odbc.ini").write_text("")
    os.environ["ODBCSYSINI"] = str(folder)
    os.environ["ODBCINI"] = str(folder / "odbc.ini")
    os.environ.pop("ODBCINSTINI", None)


def register_iodbc(folder, sources, log=None):
    """The same two files as iODBC reads them, with data sources by name. Its variables name the files themselves."""
    library = os.environ["OKTA_ODBC_DRIVER"]
    logging = f"Logfile={log}\nVerbosity=5\nMaxLogFileSize=1 GB\n" if log else ""
    drivers = f"[ODBC Drivers]\n{DRIVER}=Installed\n\n[{DRIVER}]\nDriver={library}\n{logging}"
    (folder / "odbcinst.ini").write_text(drivers)
    listed = "".join(f"{name}={DRIVER}\n" for name in sources)
    sections = "".join(
        f"\n[{name}]\nDriver={DRIVER}\n" + "".join(f"{key}={value}\n" for key, value in keys.items())
        for name, keys in sources.items()
    )
    (folder / "odbc.ini").write_text(f"[ODBC Data Sources]\n{listed}{sections}")


class Sim:
    """okta-sim as a child process, at an address that no other had in this process: the driver keeps an org's schemas."""

    _urls = set()

    def __init__(self, *options, port=0):
        program = os.environ.get("OKTA_SIM")
        if not program:
            raise RuntimeError("OKTA_SIM must name okta-sim; `cargo xtask test` sets it")
        command = [program, "--listen", f"127.0.0.1:{port}", *map(str, options)]
        self._start(command)
        while not port and self.url in Sim._urls:
            self.close()
            self._start(command)
        Sim._urls.add(self.url)

    def _start(self, command):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.close()
            raise RuntimeError(f"okta-sim said {line!r}")
        self.url = line.split()[1]

    def connection_string(self, **keywords):
        secrets_kept.register_keywords(keywords)
        given = "".join(f";{name}={value}" for name, value in keywords.items())
        return f"Driver={{{DRIVER}}};Domain={self.url};APIToken={TOKEN}{given}"

    def get(self, path):
        # Over TLS it has a certificate that its test has made.
        unverified = ssl._create_unverified_context() if self.url.startswith("https") else None
        with urllib.request.urlopen(self.url + path, context=unverified) as answer:
            return [json.loads(line) for line in answer.read().decode().splitlines() if line]

    def truth(self, table):
        return self.get(f"/sim/truth/{TRUTH[table]}")

    def requests(self):
        """What was asked so far, the connection's own schema request left out."""
        return [r for r in self.get("/sim/requests") if "/meta/schemas/" not in r["path"]]

    def reset(self):
        request = urllib.request.Request(self.url + "/sim/reset", method="POST")
        urllib.request.urlopen(request).close()

    def close(self):
        try:
            for known in self.get("/sim/secrets"):
                secrets_kept.register(known["secret"], known["name"])
        except (AttributeError, urllib.error.URLError, OSError):
            # It never was ready, or a test has ended it; one that only does not answer would hide what it gave out.
            if getattr(self, "url", None) and self.process.poll() is None:
                raise
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def tables():
    """The catalog's table files by table name."""
    files = sorted((CHECKOUT / "src/catalog/tables").glob("*.toml"))
    found = [tomllib.loads(file.read_text()) for file in files]
    return {table["name"]: table for table in found}
