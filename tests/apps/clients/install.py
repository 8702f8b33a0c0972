"""Installs what clients.toml lists: Debian's packages, one Python environment, a folder of npm packages for each client."""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

CACHE = pathlib.Path.home() / ".cache" / "okta-odbc"


def _run(command, **more):
    """Quiet until it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", **more)
    if done.returncode:
        raise RuntimeError(f"{done.stdout}\n{' '.join(map(str, command))} failed")


def packages(clients):
    """Debian's. Another process may be installing: apt waits for its lock."""
    wanted = sorted({package for client in clients for package in client.apt})
    asked = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted]
    shown = subprocess.run(asked, capture_output=True, text=True).stdout if wanted else ""
    there = {line.split()[0] for line in shown.splitlines() if line.endswith(" installed")}
    missing = [package for package in wanted if package not in there]
    if not missing:
        return
    if os.geteuid() != 0:
        raise RuntimeError(f"Missing: {' '.join(missing)}. Run `sudo apt-get install -y {' '.join(missing)}`, then this again.")
    print(f"   installing {' '.join(missing)} (apt-get)", flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    apt = ["apt-get", "-o", "DPkg::Lock::Timeout=900"]
    _run([*apt, "update"], env=environment)
    _run([*apt, "install", "-y", "--no-install-recommends", *missing], env=environment)


def _made_once(kind, content, make):
    """The folder of that content; `make` fills it the first time."""
    digest = hashlib.sha256("\n".join([*content, sys.version]).encode()).hexdigest()[:16]
    folder = CACHE / f"clients-{kind}-{digest}"
    complete = folder / "complete"
    if not complete.exists():
        print(f"   making {folder.name} ({' '.join(content)})", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        make(folder)
        complete.touch()
    return folder


def python(clients):
    """By client, the interpreter of an environment with its pins: one for all clients, but for those that are built from source.
    The content of the common one is the whole list's, whichever clients run."""
    common = sorted({pin for client in clients if not client.pip_build for pin in client.pip})
    found = {}
    for client in clients:
        built = client.pip_build
        pins = built + client.pip + _settings(client) if built else common
        kind = f"python-{client.name}" if built else "python"

        def make(folder):
            _run([sys.executable, "-m", "venv", "--clear", folder])
            pip = [folder / "bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
            if built:
                _run([*pip, *built])
                environment = dict(os.environ, **client.environment)
                _run([*pip, "--no-build-isolation", "--no-deps", *client.pip], env=environment)
            else:
                _run([*pip, *common])

        found[client.name] = _made_once(kind, pins, make) / "bin/python"
    return found


def npm(client):
    """The folder that holds node_modules, None for a client that needs none."""
    if not client.npm:
        return None

    def make(folder):
        (folder / "package.json").write_text('{"private": true}\n')
        environment = dict(os.environ, **client.environment)
        _run(["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", *client.npm], cwd=folder, env=environment)

    return _made_once(f"npm-{client.name}", sorted(client.npm) + _settings(client), make)


def _settings(client):
    """The client's environment counts where something is built in it."""
    return [f"{key}={value}" for key, value in sorted(client.environment.items())]
