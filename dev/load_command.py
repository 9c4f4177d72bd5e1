"""The commands that fill the tables of a development host that does not run: `sample-data` and `import-calls`."""

from argparse import ArgumentParser, Namespace
from contextlib import closing
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from dev.work_folder import work_folder

_NO_PORT = 1  # nothing listens; the settings want an address


@dataclass(frozen=True)
class LoadCommand:
    """A command over a module that has `configure(parser)`, a load function and `describe(counts)`.

    The load function takes the services and, by name, every argument that `configure` declares.
    """

    module: str
    load: str

    def configure(self, parser: ArgumentParser) -> None:
        """Declares the module's arguments, and the folder of the development host."""
        import_module(self.module).configure(parser)
        parser.add_argument("--state", type=Path, default=Path(".dev"), help="folder of all data (default: .dev)")

    def run(self, arguments: Namespace) -> int:
        """The command: loads, and says what it did."""
        module, given = import_module(self.module), vars(arguments)
        with work_folder(given.pop("state"), _NO_PORT) as settings:
            from shared.wiring import connect

            with closing(connect(settings)) as services:
                print(module.describe(getattr(module, self.load)(services, **given)))
        return 0
