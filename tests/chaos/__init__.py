"""Chaos: the product's own processes, killed and cut off, and what must still be true afterwards."""

import pytest

pytest.register_assert_rewrite("tests.chaos.holds", "tests.chaos.processes", "tests.chaos.stage")
