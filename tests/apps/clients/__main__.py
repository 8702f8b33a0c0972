"""The client matrix: `python tests/apps/clients [--packages | --install | --docs] [CLIENT …]`, as `cargo xtask clients` runs it."""

import concurrent.futures
import os
import pathlib
import sys
import time

# Where okta_org is, beside the tests that use it too.
sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[1]))

import compat  # noqa: E402
import install  # noqa: E402
import matrix  # noqa: E402
import orgs  # noqa: E402
import run  # noqa: E402

# One client for each core.
AT_ONCE = 2


def main(arguments):
    packages_only, install_only = "--packages" in arguments, "--install" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")]
    start = time.monotonic()
    everything = matrix.clients()
    chosen = matrix.clients(names)
    folder = pathlib.Path(os.environ["OKTA_CLIENTS_FOLDER"])
    if "--docs" in arguments:
        missing = [client.name for client in everything if not (folder / f"{client.name}.json").exists()]
        stale = f"no results of {', '.join(missing)}" if missing else compat.update(folder, everything)
        print(f"   docs/compat.md: {stale or 'as generated'}")
        return 1 if stale else 0
    install.packages(chosen)
    if packages_only:
        return 0
    python = install.python(everything)
    npm = {client.name: install.npm(client) for client in chosen}
    print(f"   installed ({time.monotonic() - start:.1f} s)", flush=True)
    if install_only:
        return 0

    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        if not names:
            old.unlink()
    shared = {"small": orgs.Org("small"), "large": orgs.Org("large")}
    results = {}
    try:
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            running = {pool.submit(run.run, client, shared, python[client.name], npm[client.name], folder): client for client in chosen}
            for done in concurrent.futures.as_completed(running):
                result = done.result()
                results[result.client.name] = result
                run.show(result)
    finally:
        for org in shared.values():
            org.close()

    passed = sum(result.passed() for result in results.values())
    failed = sum(result.failed() for result in results.values())
    if not names:
        stale = compat.update(folder, everything)
        print(f"   docs/compat.md: {stale or 'as generated'}")
        passed, failed = (passed + 1, failed) if not stale else (passed, failed + 1)
    print(f"   {time.monotonic() - start:.0f} s in all")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (ValueError, RuntimeError) as error:
        # What was asked for is not there, or could not be installed.
        sys.exit(str(error))
