"""Wrong forms that the text of a compiled statement shows: words that SQL Server does not know, or knows otherwise."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_PARAMETERS = 2_000  # SQL Server takes 2,100, and the driver needs some itself
_QUOTED = re.compile(r"N?'(?:[^']|'')*'|\[[^\]]*\]|\"[^\"]*\"")
_CALLED = re.compile(r"(?<![.\w])([a-z_]\w*)\s*\(", re.IGNORECASE)
_KNOWN = re.compile(
    "abs|avg|ceiling|cast|charindex|coalesce|concat|convert|count|count_big|cume_dist|dateadd|datediff_big"
    "|datefromparts|datepart|db_name|dense_rank|eomonth|first_value|floor|iif|isjson|isnull|json_query|json_value|lag"
    "|last_value|lead|left|len|lower|ltrim|max|min|month|ntile|nullif|openjson|percent_rank|power|rank"
    "|replace|right|round|row_number|rtrim|sign|sqrt|string_agg|stuff|substring|sum|sysutcdatetime|trim|try_cast"
    "|try_convert|upper|year"
    "|char|nchar|nvarchar|varchar|numeric|decimal|datetime2|time|float"  # types that have a length
    "|in|and|or|not|on|as|values|exists|over|when|then|else|top|where|select|from|by|with|set"
)


@dataclass(frozen=True)
class Word:
    """A word, or several, that no statement may hold."""

    name: str
    says: str
    pattern: str


WORDS = (
    Word("concatenation", "|| is not Azure SQL's of every level: +", r"\|\|"),
    Word("boolean literal", "there is no true and no false: 1 and 0", r"\b(?:true|false)\b"),
    Word("limit", "LIMIT is unknown: TOP, or OFFSET and FETCH", r"\blimit\b"),
    Word("is a number", "IS takes NULL alone", r"\bis\s+(?:not\s+)?\d"),
    Word("old time", "DATETIME rounds to 3 ms, SMALLDATETIME to a minute: Instant()", r"\b(?:small)?datetime\b"),
    Word("row version", "TIMESTAMP is a version of a row here: Instant()", r"\btimestamp\b"),
    Word("offset", "DATETIMEOFFSET cannot be fetched by the driver: Instant()", r"\bdatetimeoffset\b"),
    Word("local clock", "the server's local time, rounded: utc_now()", r"\bcurrent_timestamp\b|\bget(?:utc)?date\b"),
    Word("narrow text", "VARCHAR loses most scripts: Unicode, UnicodeText", r"(?<!n)\b(?:varchar|text)\b"),
    Word("old text", "NTEXT cannot be compared: the dialect needs deprecate_large_types", r"\bntext\b"),
    Word("weekday", "the number of a weekday is a setting of the session: Python", r"\b(?:weekday|dw)\b"),
    Word("nulls order", "NULLS FIRST and NULLS LAST are unknown", r"\bnulls\s+(?:first|last)\b"),
    Word("other words", "PostgreSQL's or SQLite's", r"\b(?:ilike|lateral|filter|returning|for\s+update|merge)\b"),
)


def wrong_words(sql: str) -> list[str]:
    """One line per wrong form, and per function that is not among those we know to be T-SQL."""
    bare = _QUOTED.sub("''", sql)
    found = [f"{word.name}: {word.says}" for word in WORDS if re.search(word.pattern, bare, re.IGNORECASE)]
    return found + [f"unknown function: {name}() is none that we know to be T-SQL" for name in _unknown(bare)]


def _unknown(bare: str) -> Iterator[str]:
    called = {name.lower() for name in _CALLED.findall(bare)}
    return (name for name in sorted(called) if not _KNOWN.fullmatch(name))
