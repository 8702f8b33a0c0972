"""The rows of clients.toml: which clients there are, what they need, how they are called, what they cannot do."""

import pathlib
import tomllib

FOLDER = pathlib.Path(__file__).resolve().parent
FILE = FOLDER.parent / "clients.toml"

# The parts of the tour, in their order; each is a test of the client. `more` is there where a client has more.
PARTS = [
    "version",
    "connect",
    "tables",
    "columns",
    "types",
    "okta",
    "parameters",
    "long",
    "many",
    "error",
    "cancel",
    "disconnect",
    "more",
]

# What a client may lack without a part being absent, and what it does instead.
ABILITIES = {
    "whole": "of a value longer than its column is declared, an error or a warning instead of the value",
    "warning": "of a value that was cut, no warning, though the driver gives one",
    "stops": "of a statement that it ends early, the end of the cursor instead of SQLCancel",
    "soon": "three to six seconds until a statement stops",
    "cast": "a column of one of the types only by a cast in its statement",
    "unicode": "of characters beyond Latin-1, the low byte of each UTF-16 unit",
}

KEYS = {
    "name", "title", "apt", "pip", "pip_build", "npm", "environment", "build", "tour", "seconds", "cannot", "differs",
}


class Client:
    """One row."""

    def __init__(self, row):
        unknown = set(row) - KEYS
        if unknown:
            raise ValueError(f"{FILE.name}: {row.get('name')}: unknown keys {sorted(unknown)}")
        self.name = row["name"]
        self.title = row["title"]
        self.apt = row.get("apt", [])
        self.pip = row.get("pip", [])
        # What building the packages of `pip` from source needs first; the client has an environment of its own then.
        self.pip_build = row.get("pip_build", [])
        self.npm = row.get("npm", [])
        self.environment = row.get("environment", {})
        self.build = row.get("build", [])
        self.tour = row["tour"]
        self.seconds = row.get("seconds", 300)
        # Part, or one of ABILITIES, and why.
        self.cannot = row.get("cannot", {})
        self.differs = row.get("differs", [])
        wrong = [part for part in self.cannot if part not in PARTS and part not in ABILITIES]
        wrong += [each["part"] for each in self.differs if each["part"] not in PARTS]
        if wrong:
            raise ValueError(f"{FILE.name}: {self.name}: no such parts {wrong}")

    def parts(self):
        """What it is tested for."""
        return [part for part in PARTS if part not in self.cannot and (part != "more" or self.more_file().exists())]

    def more_file(self):
        """Names and expected values of what it is asked beyond the tour."""
        return FOLDER / "tours" / f"{self.name}.more.tsv"

    def own_answers(self, part):
        """Values that the client gives in its own way: (row, column) and answer."""
        return {(each["row"], each["column"]): each.get("answer") for each in self.differs if each["part"] == part}


def clients(names=()):
    """Those of the file, or the named ones of it."""
    rows = [Client(row) for row in tomllib.loads(FILE.read_text())["client"]]
    known = [client.name for client in rows]
    if len(set(known)) != len(known):
        raise ValueError(f"{FILE.name}: a name stands twice")
    missing = [name for name in names if name not in known]
    if missing:
        raise ValueError(f"no such clients: {', '.join(missing)}; there are {', '.join(known)}")
    return [client for client in rows if not names or client.name in names]
