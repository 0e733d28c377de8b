"""Text of strangers as a cell of a table that a spreadsheet opens."""

import unicodedata

from grader.text import harmless

STARTS = ("=", "+", "-", "@")  # of what one spreadsheet or another takes for a formula
LONGEST = 2000


def cell(text: str) -> str:
    """One line of printable text that no spreadsheet takes for a formula: those get an apostrophe before them."""
    shown = harmless(text, LONGEST)  # tabs and line ends are written out
    plain = unicodedata.normalize("NFKC", shown).lstrip()  # full-width signs count as the plain ones
    return f"'{shown}" if plain.startswith(STARTS) else shown
