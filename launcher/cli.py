"""What `./portal` understands."""

import argparse
import sys
from collections.abc import Callable
from functools import partial

from launcher.errors import LauncherError
from launcher.layout import TREE

HELP = """\
usage: ./portal [--port N] [--host ADDRESS]    set everything up and run the portal; Ctrl-C stops it
       ./portal test [ARGS]                    run the tests with pytest, on servers of their own
       ./portal manage COMMAND …               run a management command against the portal's database
       ./portal check [NAME …]                 judge the code, change nothing
       ./portal fix                            repair what a tool can repair
       ./portal bench [ARGS]                   measure the portal in a scratch database
       ./portal backup FILE                    write database, files and key into one file
       ./portal restore FILE --yes             replace database and files by those of a backup
       ./portal web | worker | beat            become one process, against real servers
       ./portal --help                         this text

Settings are environment variables or lines of a file .env; .env.example explains each.
"""


def main(arguments: list[str]) -> int:
    """Do what the arguments ask; returns the exit status."""
    from launcher.servers import load_env_file

    try:
        if arguments[:1] in (["--help"], ["-h"], ["help"]):
            sys.stdout.write(HELP)
            return 0
        load_env_file(TREE / ".env")
        return _dispatch(arguments)
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _dispatch(arguments: list[str]) -> int:
    from launcher import archive, checking, manage, run, testing

    commands: dict[str, Callable[[list[str]], int]] = {
        "test": testing.test,
        "bench": testing.bench,
        "manage": lambda rest: manage.manage(rest or ["help"]),
        "check": checking.check,
        "fix": lambda _rest: checking.fix(),
        "backup": archive.backup_command,
        "restore": archive.restore_command,
        **{name: partial(run.single, name) for name in ("web", "worker", "beat")},
    }
    if not arguments or arguments[0].startswith("-"):
        return run.run(_run_options(arguments))
    if arguments[0] in commands:
        return commands[arguments[0]](arguments[1:])
    message = f"./portal does not know {arguments[0]!r}. ./portal --help lists what it knows."
    raise LauncherError(message)


def _run_options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("./portal", usage="./portal [--port N] [--host ADDRESS]")
    parser.add_argument("--port", type=int)
    parser.add_argument("--host")
    return parser.parse_args(arguments)
