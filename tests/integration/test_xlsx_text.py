"""Hostile text in XLSX files: it comes back as it was, never as a formula, an error or broken XML (I3)."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.document import CUT_MARK, MAX_TEXT, Column, Kind, Link, Note, Table, clean_text
from tests.integration.xlsx_files import as_excel, document, parts, rendered, rows, sheet, table, workbook

HOSTILE = [
    "=1+1",
    '=cmd|"/c calc"!A1',
    "+91 98",
    "-5",
    "@SUM(A1)",
    "\t=1",
    "#N/A",
    "#REF!",
    "TRUE",
    "1E5",
    "007",
    "12345678901234567",
    "2026-03-10",
    "_x000D_",
    "_x005F_x000D_",
    "_x0041_x0042_",
    "_X000D_",
    "<b>&amp;</b>]]>",
    "&#10;",
    "'quoted'\"",
    " leading and trailing ",
    "\n",
    "two\r\nlines\rthree\n\n",
    "tab\tbed",
    "😀👩‍👩‍👧",
    "עברית العربية \u202e reversed",
    "नमस्ते 你好",
    "%s %d %% {0}",
    "\u2028\u0085\xa0",
    "x" * MAX_TEXT,
    "😀" * (MAX_TEXT // 2),
    "x" * 40_000,
    "\x00\x01\x0b\ufffe",
    "\ud800 alone",
]
_COLUMNS = [
    Column("plain", "Plain"),
    Column("few", "Few", few_values=True),
    Column("long", "Long", long_text=True),
    Column("link", "Link", Kind.LINK),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: f"{len(text)} {text[:20]!a}")
@pytest.mark.parametrize("read_only", [False, True])
def test_hostile_text_comes_back(text: str, read_only: bool) -> None:  # noqa: FBT001 # pytest gives it
    """In every kind of text column the text is a typed string cell that reads as the cleaned text."""
    content, _ = rendered(document(table(_COLUMNS, [(text, text, text, Link(text, "https://e.com"))])))
    assert [as_excel(found) for found in rows(content, read_only=read_only)[1]] == [clean_text(text)] * 4
    if not read_only:
        types = {cell.data_type for cell in sheet(content)[2] if cell.value is not None}
        assert types <= {"s"}


@settings(max_examples=150)
@given(st.lists(st.tuples(st.text(st.characters()), st.text(st.characters())), min_size=1, max_size=4))
@example([("a&b", ""), ("", "_x0020_"), ("<", "\n")])
def test_any_text_comes_back(pairs: list[tuple[str, str]]) -> None:
    """Whatever the text, its neighbours and the rows around it, each cell reads as its own cleaned text."""
    columns = [Column("a", "A"), Column("b", "B", few_values=True)]
    found = rows(rendered(document(table(columns, pairs)))[0])[1:]
    assert [tuple(map(as_excel, row)) for row in found] == [tuple(map(clean_text, pair)) for pair in pairs]


def test_no_part_holds_a_formula() -> None:
    """No cell of the file is a formula or an error, whatever stands in headings, names, notes and texts."""
    columns = [Column("a", "=1+1"), Column("b", "#N/A & <b>")]
    made = document(table(columns, [("=1", "#N/A")], "=SUM(A1)"), notes=(Note("=1", "@x"),))
    content, _ = rendered(made)
    xml = parts(content)["xl/worksheets/sheet1.xml"]
    assert b"<f>" not in xml
    assert b't="e"' not in xml
    assert rows(content, "=SUM(A1)") == [("=1+1", "#N/A & <b>"), ("=1", "#N/A")]


def test_long_texts_are_cut() -> None:
    """Texts over the cell's limit are cut and end in the mark, an emoji counting as two."""
    cells = [("x" * 40_000,), ("short" + CUT_MARK,), ("😀" * 20_000,), (None,)]
    content, _ = rendered(document(table([Column("a", "A", long_text=True)], cells)))
    assert [str(row[0]).endswith(CUT_MARK) for row in rows(content)[1:]] == [True, True, True, False]


def test_closing_tables_are_cleaned_too() -> None:
    """Export Info, which comes after the last row, holds names from the database: those are cleaned as well."""
    info = Table.eager("Export Info", [Column("item", "Item"), Column("value", "Value")], [("By", "\x00Ann\ud800")])
    content, _ = rendered(document(table([Column("a", "A\x00")], [("x",)]), closing=lambda _facts: (info,)))
    assert rows(content, "Export Info")[1] == ("By", "Ann\N{REPLACEMENT CHARACTER}")


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["[a]:*?/\\b"], ["ab"]),
        (["'quoted'"], ["quoted"]),
        (["History", "history"], ["History (2)", "history (3)"]),
        (["Calls", "CALLS", "calls"], ["Calls", "CALLS (2)", "calls (3)"]),
        (["x" * 40, "x" * 40], ["x" * 31, "x" * 27 + " (2)"]),
        (["😀" * 20], ["😀" * 15]),
        (["", "?", " ' "], ["Sheet", "Sheet (2)", "Sheet (3)"]),
        (["a\nb\tc\x00d", "नमस्ते & <x>"], ["a b cd", "नमस्ते & <x>"]),
        (["x" * 30 + "'z"], ["x" * 30]),
        (["Straße", "STRASSE"], ["Straße", "STRASSE (2)"]),
    ],
)
def test_sheet_names_are_legal(names: list[str], expected: list[str]) -> None:
    """Names lose what Excel forbids, are at most 31 UTF-16 units long and differ whatever their case."""
    content, facts = rendered(document(*(table([Column("a", "A")], [(name,)], name) for name in names)))
    assert workbook(content).sheetnames == expected
    assert list(facts.rows) == expected
