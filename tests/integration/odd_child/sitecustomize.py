"""Python imports this when it starts, where its folder is on the path: a render child then has odd formats and reports.

It is never imported by a test.
"""

from pathlib import Path

import shared.rendering
import shared.reports

for package in (shared.rendering, shared.reports):
    package.__path__.append(str(Path(__file__).parent / package.__name__.rpartition(".")[2]))
