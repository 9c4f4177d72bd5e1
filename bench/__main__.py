"""`python -m bench [--all] [NAME …]`: runs the benchmarks named, or all of them; measures nothing itself."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

import bench


def names() -> list[str]:
    """The benchmarks there are: `app_start.py` is `app-start`."""
    return sorted(
        module.name.replace("_", "-") for module in iter_modules(bench.__path__) if not module.name.startswith("_")
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs benchmarks one after another; 0 when every claim holds, 1 otherwise, 2 for wrong arguments."""
    parser = ArgumentParser(prog="python -m bench", description="Measures what the documents claim.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which ones (default: all): {', '.join(names())}")
    parser.add_argument("--all", action="store_true", help="measure also what a benchmark leaves out for its time")
    given = parser.parse_args(arguments)
    chosen: list[str] = given.names
    if unknown := sorted(set(chosen) - set(names())):
        parser.error(f"there is no benchmark {', '.join(unknown)}")
    verdicts = [_holds(name, everything=given.all) for name in chosen or names()]  # all are measured, whichever fails
    return 0 if all(verdicts) else 1


def _holds(name: str, *, everything: bool) -> bool:
    module = import_module(f"bench.{name.replace('-', '_')}")
    run = getattr(module, "run_all", module.run) if everything else module.run
    return bool(run())


if __name__ == "__main__":
    sys.exit(main())
