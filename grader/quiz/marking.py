"""Whether a response to an item is right. Total: a response of the wrong form is simply not right."""

import math
import re
import unicodedata
from typing import NamedTuple

from grader.questions.model import Cloze, Item, Multiple, Numeric, Option, Ordering, Output, Pairing, Single
from grader.quiz.serving import right_choices

Response = int | str | list[int] | list[str]  # indices are counted as on the page


class Mark(NamedTuple):
    """`missed`: options that were chosen though wrong, or left out though right."""

    right: bool
    missed: tuple[Option, ...] = ()

    @property
    def misconceptions(self) -> tuple[str, ...]:
        return tuple(option.misconception for option in self.missed if option.misconception)


def mark(item: Item, response: Response) -> Mark:
    """Marks a response, all or nothing."""
    match item:
        case Single() | Multiple():
            chosen = response if isinstance(response, list) else [response]
            return _options(item.options, set(chosen))
        case Ordering() | Pairing():
            return Mark(response == right_choices(item))
        case Numeric():
            given = number(response, item.unit) if isinstance(response, str) else None
            return Mark(given is not None and _near(given, item))
        case Cloze():
            return Mark(_filled(item, response))
        case Output():
            return Mark(isinstance(response, str) and _rows(response) == _rows(item.output))


def _options(options: tuple[Option, ...], chosen: set[int | str]) -> Mark:
    missed = tuple(option for at, option in enumerate(options) if option.right != (at in chosen))
    return Mark(not missed and chosen <= {*range(len(options))}, missed)


def _near(given: float, item: Numeric) -> bool:
    """Within the tolerance, which rounding of the decimal numbers themselves may not decide."""
    return abs(given - item.value) <= item.tolerance + 1e-12 * abs(item.value)


def number(text: str, unit: str = "") -> float | None:
    """The finite number in a text such as `0.5`, `1/2`, `1e-3`, `−2`, `1,024` or `3 GB`; None if there is none.

    The unit may stand behind it or not; another word may not.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\u2212", "-")
    if unit and plain.casefold().endswith(unit.casefold()):
        plain = plain[: -len(unit)].strip()
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    try:
        top, slash, bottom = plain.partition("/")
        value = float(top) / float(bottom) if slash else float(plain)
    except (ValueError, ZeroDivisionError):
        return None
    return value if math.isfinite(value) else None


def _filled(item: Cloze, response: Response) -> bool:
    if not isinstance(response, list) or len(response) != len(item.blanks):
        return False
    pairs = zip(response, item.blanks, strict=True)
    return all(_word(str(given)) in map(_word, accepted) for given, accepted in pairs)


def _word(text: str) -> str:
    """A word as it is compared: case, spaces, and the signs of code and formulas don't count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().strip(" `$").split())


def _rows(text: str) -> list[str]:
    return [row.rstrip() for row in text.splitlines() if row.strip()]
