"""Pivots: every count lands in one cell, and the edges are the sums."""

from hypothesis import given
from hypothesis import strategies as st

from shared.reports._pivot import Member, members, pivot, words

STATES = ("pending", "in_progress")
values = st.one_of(st.none(), st.sampled_from(["pending", "in_progress", "odd", ""]))


def test_codes_read_as_words() -> None:
    """A code becomes what a heading says."""
    assert (words("in_progress"), words("urgent")) == ("In Progress", "Urgent")


def test_known_values_come_first_then_unknown_then_none() -> None:
    """Known values always stand there, in their order; others only where they were found."""
    assert [member.label for member in members(STATES, ["zebra", None, "ape", "pending"], "(none)")] == [
        *("Pending", "In Progress", "Ape", "Zebra", "(none)"),
    ]
    assert [member.key for member in members(STATES, [], "(none)")] == ["pending", "inProgress"]


@given(st.dictionaries(st.tuples(values, values), st.integers(min_value=1), min_size=1))
def test_the_edges_are_the_sums(counts: dict[tuple[str | None, str | None], int]) -> None:
    """Whatever the counts, inner cells, both edges and the corner hold the same total."""
    down = members(STATES, (row for row, _ in counts), "(none)")
    across = members(STATES, (column for _, column in counts), "(none)")
    table = pivot("Pivot", "Corner", (down, across), counts)
    *body, total = [list(row) for row in table.rows()]
    inner = [[cell for cell in row[1:] if isinstance(cell, int)] for row in body]
    assert [sum(row[:-1]) for row in inner] == [row[-1] for row in inner]
    assert [sum(column) for column in zip(*inner, strict=True)] == total[1:]
    assert total[-1] == sum(counts.values())


def test_nothing_to_count_makes_no_row() -> None:
    """A pivot over nothing has headings only, so that the file says why."""
    table = pivot("Pivot", "Corner", ([Member("a", "a", "A")], []), {})
    assert ([column.label for column in table.columns], list(table.rows())) == (["Corner", "Total"], [])
