"""What people are called, in whatever way a platform, a file or they themselves write it."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """A text without what writing it makes of it: case, kinds of letters, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words(text: str) -> list[str]:
    return WORD.findall(plain(text))


def spellings(text: str) -> frozenset[str]:
    """Ways to write a name, of which two that may be the same have one in common; empty for an empty text.

    `Kim, Minsu` is `Minsu Kim`, `Kim_Minsu` and Canvas's `kimminsu`. Texts with digits are written in one way, so that
    `1-2` isn't `12`.
    """
    whole, those = plain(text), words(text)
    if not those or any(character.isdigit() for character in whole):
        return frozenset(filter(None, [whole]))
    orders = (those, those[1:] + those[:1], those[-1:] + those[:-1], sorted(those))
    return frozenset({whole, *("".join(order) for order in orders)})
