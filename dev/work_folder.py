"""The folder that holds everything of a development host: locks it, fills in the environment, migrates the tables.

Its content: reporting.db (tables), blobs (files and photos), timers, sign-in-key.pem. Deleting it starts afresh.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from dev.azurite import AzuriteServer
from dev.environment import development_defaults, needs_blob_store, set_defaults
from dev.host.errors import HostError

if TYPE_CHECKING:
    from shared.settings import Settings


@contextmanager
def work_folder(folder: Path, port: int, modules: Sequence[str] = ()) -> Iterator["Settings"]:
    """The folder, ready for work: the blob emulator runs and every table is there as long as the block does.

    `modules` are imported while the emulator starts.

    Raises:
        HostError: where another process works in the folder, or the environment is a production's.
        AzuriteError: where the emulator does not start.
        SettingsError: where the environment holds wrong settings.

    """
    state = folder.resolve()
    with _locked(state):
        set_defaults(os.environ, development_defaults(state, port))
        if os.environ["APP_ENV"] != "development":
            raise HostError("APP_ENV must be `development` (or unset) for the development host.")
        emulator = _emulator(state / "blobs", modules) if needs_blob_store(os.environ) else nullcontext()
        with emulator:
            yield _migrated()


@contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Two emulators over the same files would ruin them."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HostError(f"Another development host works in {state}; choose another with --state.") from error
        yield


@contextmanager
def _emulator(blobs: Path, modules: Sequence[str]) -> Iterator[None]:
    azurite = AzuriteServer(blobs)
    try:
        with ThreadPoolExecutor(1) as threads:  # its start takes as long as ours
            started = threads.submit(azurite.start)
            for module in modules:
                import_module(module)
        started.result()
        os.environ["BLOB_CONNECTION_STRING"] = azurite.connection_string
        yield
    finally:
        azurite.stop()


def _migrated() -> "Settings":
    from ops.migrate import migrate
    from shared.settings import Settings

    settings = Settings.load()
    migrate(settings, with_business_tables=True)
    return settings
