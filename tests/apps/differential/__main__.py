"""The differential test by hand: `python tests/apps/differential/__main__.py --seed 7 --count 5000 --shrink`."""

import argparse
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import okta_org  # noqa: E402  (found by the line above)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--only", type=int, action="append", help="question NUMBER alone; may be given again")
    parser.add_argument("--shrink", action="store_true", help="look for the smallest statement of each difference")
    parser.add_argument("--most", type=int, default=20, help="differences shown")
    parser.add_argument("--without", metavar="REGEX", help="leave out statements that match")
    parser.add_argument("--verbose", action="store_true", help="every statement as it is asked")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="okta-odbc-differential-") as folder:
        okta_org.register(pathlib.Path(folder))
        from differential import run

        sim = run.sim()
        try:
            return 1 if asked(run, sim, options) else 0
        finally:
            sim.close()


def asked(run, sim, options):
    def progress(number, outcome):
        print(f"-- {number} {outcome.rows} rows: {outcome.statement}", outcome.parameters, flush=True)
        print(f"   {outcome.duck}", flush=True)

    running = run.Run(sim)
    numbers = options.only or range(options.count)
    report = running.questions(
        options.seed, numbers, progress=progress if options.verbose else None, without=options.without
    )
    print(report.summary())
    for reason, count in report.skipped.most_common(options.most):
        print(f"left out {count}: {reason}")
    for name, count in report.tolerated.most_common():
        print(f"as listed {count}: {name}")
    shapes = set()
    for number, query, outcome in report.differences:
        if len(shapes) >= options.most:
            break
        if options.shrink:
            query, outcome = running.smallest(query, outcome)
        shape = (run.shrink.shape(query), run.failure(outcome))
        if shape not in shapes:
            shapes.add(shape)
            print(f"question {number}:\n{run.told(outcome)}", flush=True)
    running.close()
    return report.differences


if __name__ == "__main__":
    sys.exit(main())
