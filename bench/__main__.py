"""`./portal bench`: builds portfolios of several sizes in a scratch database and prints how fast their pages are.

python -m bench [--sizes 100,1000,10000] [--runs 60] [--only pages|report|scan|import]
"""

from __future__ import annotations

import argparse
import os
import sys


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./portal bench")
    parser.add_argument("--sizes", default="100,1000,10000", help="numbers of projects, smallest first")
    parser.add_argument("--runs", type=int, default=60, help="rounds per page")
    parser.add_argument("--only", choices=["pages", "report", "scan", "import"], help="only this part")
    chosen = parser.parse_args(arguments)
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
    os.environ.setdefault("PMO_STATIC_COLLECTED", "0")

    import django

    django.setup()
    from bench import run

    return run.run([int(size) for size in chosen.sizes.split(",")], chosen.runs, chosen.only)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
