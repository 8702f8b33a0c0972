"""Makes the wheel out of a built driver: `python build_wheel.py LIBRARY FOLDER`, with hatchling installed.

The release builds its library for an old glibc, and calls this with it; the tag follows from the library.
"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

PACKAGE = pathlib.Path(__file__).resolve().parent


def build(library, folder):
    """The path of the wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        # Line tables of a test build are a fifth of it; a release is stripped already.
        stripped = pathlib.Path(scratch) / "libokta_odbc.so"
        if shutil.which("strip"):
            subprocess.run(["strip", "--strip-debug", "-o", stripped, library], check=True)
        else:
            shutil.copy(library, stripped)
        made = pathlib.Path(scratch) / "wheel"
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", made]
        environment = {**os.environ, "OKTA_ODBC_LIBRARY": str(stripped)}
        # Standard output is for the wheel's path.
        subprocess.run(command, cwd=PACKAGE, check=True, env=environment, stdout=sys.stderr)
        (wheel,) = made.glob("*.whl")
        return pathlib.Path(shutil.move(wheel, folder / wheel.name))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    print(build(pathlib.Path(sys.argv[1]).resolve(strict=True), pathlib.Path(sys.argv[2]).resolve()))
