"""Cases by students: which cases of an exercise somebody doesn't pass, and who, as a strip of colours each."""

from collections.abc import Sequence
from typing import NamedTuple

from grader.publish.charts import Colour, strip
from grader.publish.markup import Html, el, join, unseen, wide
from grader.publish.overview import FAILED, MISSING, NONE, PASSED, RAISED, STOPPED, Counted, Tally
from grader.publish.told import percent

# By code. Apart in hue and in lightness, and visible on light and on dark paper.
PALETTE: dict[int, tuple[Colour, str]] = {
    NONE: ((0, 0, 0), "not in this attempt"),
    PASSED: ((143, 196, 183), "passed"),
    FAILED: ((205, 79, 32), "another answer"),
    RAISED: ((230, 168, 40), "raised an exception"),
    STOPPED: ((128, 78, 180), "stopped: out of time, or its process ended"),
    MISSING: ((139, 145, 152), "not written, or not asked"),
}
COLOURS = [colour for colour, _ in PALETTE.values()]
NAMED = 3  # names of cases that are written out
HARDEST = 3


class Line(NamedTuple):
    """Cases of one part that meet the same fate with every student."""

    part: str
    cases: tuple[str, ...]
    codes: bytes

    @property
    def wrong(self) -> int:
        return len(self.codes) - self.codes.count(PASSED) - self.codes.count(NONE)

    def label(self, most: int) -> str:
        """At most so many names of cases, and how many there are beside them."""
        more = len(self.cases) - most
        return "; ".join(self.cases[:most]) + (f"; and {more} more" if more > 0 else "")


def lines(tally: Tally, those: Sequence[Counted]) -> list[Line]:
    """Cases that not everybody passed, part by part; codes: one for each of `those`."""
    columns = [one.kept.cases.ljust(len(tally.cases), bytes([NONE])) for one in those]
    found: dict[tuple[str, bytes], list[str]] = {}
    for (part, case), place in tally.cases.items():
        codes = bytes(column[place] for column in columns)
        found.setdefault((part, codes), []).append(case)
    grouped = [Line(part, tuple(cases), codes) for (part, codes), cases in found.items()]
    order = list(dict.fromkeys(part for part, _ in tally.cases))
    return sorted((line for line in grouped if line.wrong), key=lambda line: order.index(line.part))


def hardest_part(tally: Tally, those: Sequence[Counted]) -> tuple[str, float] | None:
    """The part that the fewest got right, with the share that did; None if everybody got all right."""
    parts: dict[str, list[int]] = {}
    for (part, _), place in tally.cases.items():
        parts.setdefault(part, []).append(place)
    rights = {part: _right(places, those) for part, places in parts.items()}
    rights = {part: right for part, right in rights.items() if right < 1}
    return min(rights.items(), key=lambda item: item[1]) if rights else None


def _right(places: list[int], those: Sequence[Counted]) -> float:
    """Not every attempt has every case: one that can't be run may have fewer."""
    fates = [{one.kept.cases[place] for place in places if place < len(one.kept.cases)} - {NONE} for one in those]
    asked = [fate for fate in fates if fate]
    return sum(fate == {PASSED} for fate in asked) / len(asked) if asked else 1.0


def legend() -> Html:
    """What the colours say."""
    swatches = [el("li", _swatch(colour), what) for code, (colour, what) in PALETTE.items() if code != NONE]
    return el("ul", *swatches, class_="legend")


def _swatch(colour: Colour) -> Html:
    square = el("rect", width="100%", height="100%", fill="#{:02x}{:02x}{:02x}".format(*colour))
    return el("svg", square, class_="swatch", aria_hidden="true", focusable="false")


def heat_map(tally: Tally, those: Sequence[Counted]) -> Html:
    """The map for one exercise, as a table whose rows are cases; in each strip the best students come first."""
    shown = lines(tally, those)
    number, count = tally.entry.number, len(those)
    if not shown:
        return el("p", "Everybody passed every case." if tally.cases and count else "There is nothing to show yet.")
    top = sorted(shown, key=lambda line: -line.wrong)[:HARDEST]
    told = "; ".join(f"{line.part}: {line.label(1)} ({percent(line.wrong / count)} don't pass)" for line in top)
    bodies = [_group(part, [line for line in shown if line.part == part], count) for part in _parts(shown)]
    head = [el("th", what, scope="col") for what in ("Case", "Not passed")]
    head.append(el("th", "Students, best first", scope="col"))
    caption = el("caption", f"Exercise {number}: cases that at least one of {count} students doesn't pass")
    table = el("table", caption, el("thead", el("tr", *head)), *bodies, class_="heat")
    return join(el("p", f"Hardest: {told}."), wide(table, f"Cases of exercise {number}"))


def _parts(shown: Sequence[Line]) -> list[str]:
    return list(dict.fromkeys(line.part for line in shown))


def _group(part: str, those: Sequence[Line], count: int) -> Html:
    head = el("tr", el("th", part, scope="rowgroup", colspan=3), class_="group")
    return el("tbody", head, *(_row(line, count) for line in those))


def _row(line: Line, count: int) -> Html:
    told = {code: line.codes.count(code) for code in PALETTE}
    alt = ", ".join(f"{number} {PALETTE[code][1]}" for code, number in told.items() if number)
    share = join(str(line.wrong), unseen(f" of {count} students"), el("small", f" {percent(line.wrong / count)}"))
    picture = el("td", strip(line.codes, COLOURS, alt))
    return el("tr", el("th", line.label(NAMED), scope="row"), el("td", share, class_="number"), picture)
