"""`./portal backup` and `./portal restore`: database, files and key in one sealed file."""

import argparse
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
import time
import tomllib
from pathlib import Path
from typing import IO, Any

from launcher import manage, virtualenv
from launcher.database_tools import Database
from launcher.errors import LauncherError
from launcher.layout import PYTHON, TREE, Layout, give, installation, is_given, say, write_private
from launcher.servers import foreground

FORMAT = 1
SEAL = b"\nPMO-BACKUP-SHA256:"
SEAL_LENGTH = len(SEAL) + 64 + 1
FORGET = "from django.core.cache import cache; cache.clear()"
CHUNK = 1024 * 1024


def backup_command(arguments: list[str]) -> int:
    """`./portal backup FILE`."""
    parser = argparse.ArgumentParser("./portal backup")
    parser.add_argument("file", type=Path)
    return backup(_prepared(), parser.parse_args(arguments).file.absolute())


def restore_command(arguments: list[str]) -> int:
    """`./portal restore FILE --yes`."""
    parser = argparse.ArgumentParser("./portal restore")
    parser.add_argument("file", type=Path)
    parser.add_argument("--yes", action="store_true", help="really replace what is there")
    options = parser.parse_args(arguments)
    return restore(_prepared(), options.file.absolute(), confirmed=options.yes)


def _prepared() -> Layout:
    virtualenv.ensure("runtime")
    layout = installation()
    layout.make()
    return layout


def backup(layout: Layout, file: Path) -> int:
    """Write a backup. It appears under its name only when it is complete and on the disk."""
    if file.exists():
        message = f"{file} exists already. Choose another name."
        raise LauncherError(message)
    began = time.monotonic()
    with manage.available(layout), tempfile.TemporaryDirectory(prefix=".backup-", dir=_folder_of(file)) as place:
        environment = manage.environment_of(layout)
        database = Database.of(environment["DATABASE_URL"])
        dump = Path(place) / "database.dump"
        database.dump(dump)
        meta = {
            "format": FORMAT,
            "version": release(),
            "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "server": database.major,
            "migrations": database.migrations(),
            "has_key": not is_given("SECRET_KEY"),
        }
        draft = Path(place) / "backup"
        _write(draft, meta, dump, layout, environment)
        draft.replace(file)
    say(f"{file} holds database, files and key ({file.stat().st_size / 1e6:.1f} MB, {time.monotonic() - began:.1f} s)")
    say("it is as secret as the portal itself: keep it where only administrators can read it")
    return 0


def _folder_of(file: Path) -> Path:
    if not file.parent.is_dir():
        message = f"The folder {file.parent} does not exist. Make it first."
        raise LauncherError(message)
    return file.parent


def release() -> str:
    """The version of this tree."""
    with (TREE / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def media_folder(layout: Layout, environment: dict[str, str]) -> Path:
    """Where uploaded files lie."""
    return Path(environment.get("PMO_MEDIA_DIR") or layout.state / "media")


def _write(draft: Path, meta: dict[str, Any], dump: Path, layout: Layout, environment: dict[str, str]) -> None:
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            _add(tar, "meta.json", json.dumps(meta, indent=1).encode())
            if meta["has_key"]:
                _add(tar, "secret-key", environment["SECRET_KEY"].encode())
            tar.add(dump, "database.dump")
            if media_folder(layout, environment).is_dir():
                tar.add(media_folder(layout, environment), "media")
        file.flush()
    digest = _digest(draft, draft.stat().st_size)
    with draft.open("ab") as file:
        file.write(SEAL + digest.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = len(content), 0o600, int(time.time())
    tar.addfile(member, io.BytesIO(content))


def _digest(path: Path, length: int) -> str:
    digest, left = hashlib.sha256(), length
    with path.open("rb") as file:
        while left > 0 and (chunk := file.read(min(CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def verify(file: Path) -> None:
    """Refuse a file of which a single bit differs from what `backup` has written."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            opened.seek(max(0, size - SEAL_LENGTH))
            seal = opened.read()
    except OSError as error:
        message = f"{file} cannot be read: {error.strerror}."
        raise LauncherError(message) from error
    if not seal.startswith(SEAL) or not seal.endswith(b"\n") or len(seal) != SEAL_LENGTH:
        message = f"{file} is not a complete backup of the portal."
        raise LauncherError(message)
    if _digest(file, size - SEAL_LENGTH).encode() != seal[len(SEAL) : -1]:
        message = f"{file} is damaged: its content does not match its seal. Nothing has been changed."
        raise LauncherError(message)


def restore(layout: Layout, file: Path, *, confirmed: bool) -> int:
    """Replace database and files by those of a backup. Until the last step the old ones stay as they are."""
    verify(file)
    with tarfile.open(file) as tar:
        meta = json.load(_member(tar, "meta.json"))
        _refuse_newer(meta)
        say(f"backup of release {meta['version']}, made at {meta['made_at']}")
        if not confirmed:
            message = "This would replace the whole portal. Nothing has been changed. To do it: add --yes"
            raise LauncherError(message)
        with manage.available(layout):
            _restore_all(layout, tar, meta)
    say("the portal is as it was at the time of the backup")
    return 0


def _refuse_newer(meta: dict[str, Any]) -> None:
    if meta["format"] > FORMAT:
        message = f"This backup was made by a newer release ({meta['version']}). Restore it with that one."
        raise LauncherError(message)
    ours = {path.parent.parent.name for path in TREE.glob("*/migrations/__init__.py")}
    unknown = [
        f"{app}.{name}"
        for app, name in meta["migrations"]
        if app in ours and not (TREE / app / "migrations" / f"{name}.py").exists()
    ]
    if unknown:
        message = (
            f"This backup has migrations that this release does not know ({', '.join(unknown[:3])})."
            f" Restore it with release {meta['version']} or newer."
        )
        raise LauncherError(message)


def _member(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(name)
    assert found is not None  # noqa: S101  the seal was right, so `backup` has written it
    return found


def _restore_all(layout: Layout, tar: tarfile.TarFile, meta: dict[str, Any]) -> None:
    environment = {**manage.environment_of(layout), "PMO_STATEMENT_TIMEOUT": "0"}
    database = Database.of(environment["DATABASE_URL"])
    if database.major < meta["server"]:
        message = f"This backup is of PostgreSQL {meta['server']}; the server is {database.major}. Use a newer server."
        raise LauncherError(message)
    media = media_folder(layout, environment)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=layout.state) as place:
        dump = Path(place) / "database.dump"
        with dump.open("wb") as file:
            shutil.copyfileobj(_member(tar, "database.dump"), file)
        fresh = _extract_media(tar, media)
        say("restoring the database")
        database.replace_by(dump)
    _swap(fresh, media)
    give(media, layout.account)
    if meta["has_key"] and not is_given("SECRET_KEY"):
        key = _member(tar, "secret-key").read().decode()
        write_private(layout.state / "secret-key", key + "\n", layout.account)
    (layout.state / "demo-made").touch()  # what is restored is the organisation; no demo is added to it
    _finish(environment)


def _finish(environment: dict[str, str]) -> None:
    say("bringing the database to this release")
    for arguments in (["migrate", "--no-input", "--verbosity", "0"], ["shell", "-v0", "--no-imports", "-c", FORGET]):
        if foreground([str(PYTHON), "manage.py", *arguments], environment) != 0:
            message = f"The data is restored, but manage.py {arguments[0]} failed. Run: ./portal manage migrate"
            raise LauncherError(message)


def _extract_media(tar: tarfile.TarFile, media: Path) -> Path:
    """Unpack the files beside the old ones. Only plain files below media/ are taken."""
    fresh = media.with_name(f"{media.name}.restored")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for member in tar.getmembers():
        parts = Path(member.name).parts
        if parts[0] != "media" or not member.isfile() or ".." in parts:
            continue
        target = fresh.joinpath(*parts[1:])
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(_member(tar, member.name), file)
        target.chmod(0o640)
    return fresh


def _swap(fresh: Path, media: Path) -> None:
    old = media.with_name(f"{media.name}.before-restore")
    shutil.rmtree(old, ignore_errors=True)
    if media.exists():
        media.rename(old)
    fresh.rename(media)
    shutil.rmtree(old, ignore_errors=True)
