"""The rules both blob stores share, against any text at all."""

import re
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from shared.adapters.blob_rules import content_disposition
from shared.ports import is_blob_name

ANY_TEXT = st.text(st.characters(codec=None, exclude_categories=()), max_size=300)


@given(ANY_TEXT)
def test_any_file_name_makes_one_clean_header(file_name: str) -> None:
    """Whatever a file is called, its header is one line of plain ASCII in the form of RFC 6266, with a short name."""
    header = content_disposition(file_name)
    parts = re.fullmatch(r"attachment; filename=\"([\w .()+,=@-]+)\"; filename\*=UTF-8''([\w.~%-]+)", header, re.ASCII)
    assert parts is not None
    assert 0 < len(unquote(parts[2])) <= 150
    assert not set("/\\\r\n\x00") & set(unquote(parts[2]))


@given(ANY_TEXT)
def test_accepted_blob_names_stay_in_their_container(name: str) -> None:
    """A name that is accepted has no empty, dotted or foreign part; all else is refused."""
    if is_blob_name(name):
        assert name.isascii()
        assert all(part and part.strip(" .") == part for part in name.split("/"))
        assert ".." not in name
