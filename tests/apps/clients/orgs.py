"""The okta-sims of a run, and the private registration of the driver that a client sees."""

import json
import threading
import urllib.request

import okta_org
import statements


class Org(okta_org.Sim):
    """One of statements.ORGS."""

    def __init__(self, name):
        super().__init__(*statements.ORGS[name])
        self._known = {}
        self._lock = threading.Lock()

    def _once(self, what, ask):
        """Clients that run side by side wait for the first of them."""
        with self._lock:
            if what not in self._known:
                self._known[what] = ask()
            return self._known[what]

    def truth(self, table):
        return self._once(table, lambda: super(Org, self).truth(table))

    def resource(self, name):
        """The truth by okta-sim's own name of it."""
        return self._once(name, lambda: self.get(f"/sim/truth/{name}"))

    def logins(self):
        """Id → (login, created) of all users, without keeping the rest of 100,000 people."""

        def ask():
            with urllib.request.urlopen(self.url + "/sim/truth/users") as answer:
                users = map(json.loads, answer)
                return {user["id"]: (user["profile"]["login"], user["created"]) for user in users}

        return self._once("logins", ask)

    def schemas(self):
        """Those of all user types."""
        schemas = []
        for user_type in self._api("/api/v1/meta/types/user"):
            path = user_type["_links"]["schema"]["href"].split("/api/v1/")[1]
            schemas.append(self._api("/api/v1/" + path))
        return schemas

    def _api(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"SSWS {okta_org.TOKEN}"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def register(folder, library, log, orgs):
    """Writes odbcinst.ini and odbc.ini into folder. What a program must have in its environment to see them alone, and the
    connections to the orgs."""
    # Verbosity 3 has what is asked of the log: statements and requests with their times. calls.py counts the calls.
    logging = f"Logfile={log}\nVerbosity=3\nMaxLogFileSize=1 GB\n"
    (folder / "odbcinst.ini").write_text(f"[{okta_org.DRIVER}]\nDriver={library}\nThreading=0\n{logging}")
    sources = "".join(
        f"[okta_{name}]\nDriver={okta_org.DRIVER}\nDomain={org.url}\nAPIToken={okta_org.TOKEN}\n\n" for name, org in orgs.items()
    )
    (folder / "odbc.ini").write_text(sources)
    environment = {"ODBCSYSINI": str(folder), "ODBCINI": str(folder / "odbc.ini")}
    for variable, name in [("TOUR", "small"), ("TOUR_LARGE", "large"), ("TOUR_SLOW", "slow")]:
        connection = f"{variable}_CONNECTION" if name == "small" else variable
        environment[connection] = orgs[name].connection_string()
        environment[f"{variable}_DSN"] = f"okta_{name}"
    return environment
