"""The page of the development sign-in: people by role and bank, one button each; text is always escaped, no script."""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby

from dev.people import ROLE_TITLES, Person

MOST_PER_GROUP = 40  # people of one role that are shown at once; the search finds the rest
_SOUGHT = "Name, bank or subject"

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 44rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.note { color: #666; } @media (prefers-color-scheme: dark) { p.note { color: #aaa; } }
form.search { display: flex; gap: .5rem; margin: 1.5rem 0; }
input[type=search] { flex: 1; font: inherit; padding: .5rem .75rem; }
button { font: inherit; padding: .5rem .9rem; cursor: pointer; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: .35rem; }
li button { width: 100%; display: flex; justify-content: space-between; gap: 1rem; text-align: left; }
li small { opacity: .75; }
"""


def sign_in_page(people: Iterable[Person], return_path: str, search: str) -> str:
    """The page; `people` come in the order of roles and banks, and `search` narrows them by name, bank or subject."""
    by_role = groupby((person for person in people if _matches(person, search)), lambda person: person.role)
    groups = "".join(_group(role, list(members), return_path) for role, members in by_role)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Development sign-in</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>Development sign-in</h1>
<p class="note">Choose a person; there is no password. This page exists on a development host only.</p>
<form class="search" role="search" method="get" action="/dev/login">
<input type="hidden" name="return" value="{escape(return_path)}">
<input type="search" name="search" value="{escape(search)}" placeholder="{_SOUGHT}" aria-label="{_SOUGHT}" autofocus>
<button>Search</button>
</form>
{groups or "<p>Nobody matches. Is there any data yet?</p>"}
</main>
</body>
</html>
"""


def _matches(person: Person, search: str) -> bool:
    text = f"{person.name} {person.bank} {person.subject}".casefold()
    return all(word in text for word in search.casefold().split())


def _group(role: str, members: Sequence[Person], return_path: str) -> str:
    entries = "\n".join(_entry(person, return_path) for person in members[:MOST_PER_GROUP])
    hidden = len(members) - MOST_PER_GROUP
    more = f'<p class="note">and {hidden:,} more: search for them</p>' if hidden > 0 else ""
    return f"<section><h2>{escape(ROLE_TITLES.get(role, role))}</h2>\n<ul>\n{entries}\n</ul>{more}</section>\n"


def _entry(person: Person, return_path: str) -> str:
    return (
        '<li><form method="post" action="/dev/token">'
        f'<input type="hidden" name="return" value="{escape(return_path)}">'
        f'<button name="subject" value="{escape(person.subject)}">'
        f"<span>{escape(person.name)}</span><small>{escape(person.bank or _unlimited(person.role))}</small>"
        "</button></form></li>"
    )


def _unlimited(role: str) -> str:
    return "all banks" if role == "admin" else ""
