"""Which exercise a file is for: by its name, else by what it defines.

Names that say an exercise, in any case, with `_`, `-`, `.` or spaces between words:

    ex17_a_topic   17_a_topic   a_topic                                the stem, anywhere in the name
    ex17   q12-1   exercise 17   문제 17   17번                          a word and a number, anywhere in the name
    17   12-1   12_1                                                    the number alone

`ex17-1` is 17-1 if the kit has it, or what Canvas makes of a second `ex17`: then what it defines decides. A number that
the kit hasn't is none of its exercises, whatever the file defines.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import NamedTuple

from grader import face
from grader.batch.source import defined, mentioned
from grader.kit import Entry

WORD = "exercise|question|problem|ex|q|연습문제|연습|문제|문항"
NUMBER = r"0*(\d{1,4})(?:([-_.])0*([1-9]\d?)(?![a-z0-9]))?(?!\d)"
MARK = re.compile(rf"(?<![^\W_])(?:(?:{WORD})[ _.#-]*{NUMBER}|{NUMBER}번)", re.I)
ALONE = re.compile(NUMBER, re.I)
AT_END = re.compile(rf"[ _-]{NUMBER}$", re.I)
COPY = re.compile(r"(?: *\(\d{1,3}\)|[ _-]*(?:copy|복사본|사본)(?: *\d{1,3})?)$", re.I)
TOKEN = re.compile(r"[^\W_]+")
TOKENS = 24  # that are looked at
LONGEST = 255  # characters of a name; more has no file system


class Named(NamedTuple):
    """What a name says.

    choices: exercises that it may mean. before: what stands before them. missing: a number that the kit hasn't.
    first: the first choice is meant, unless what the file defines says otherwise.
    """

    choices: tuple[Entry, ...] = ()
    before: str = ""
    missing: str = ""
    first: bool = False


class Fit(NamedTuple):
    """An exercise that a source may be for. names: what it defines of it; share: of all that the exercise asks for."""

    share: float
    entry: Entry
    names: frozenset[str]


class Placing:
    """The exercises of a kit, by everything that people call them."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.by_number = {entry.number: entry for entry in entries}
        self.by_name: dict[str, Entry] = {}
        for entry in entries:
            main, sub = entry.order
            page = f"{main}_{sub}_{entry.slug}" if sub else f"{main}_{entry.slug}"
            self.by_name |= {page: entry, f"ex{page}": entry}
        for slug, same in _grouped(entries, lambda entry: entry.slug).items():
            if len(same) == 1 and "_" in slug:
                self.by_name.setdefault(slug, same[0])

    @cached_property
    def names(self) -> dict[str, frozenset[str]]:
        """What each exercise's stub defines, by number."""
        return {entry.number: frozenset(face.read(entry.stub).names) for entry in self.entries}

    @cached_property
    def homes(self) -> dict[str, list[Entry]]:
        """Exercises by the names that they define."""
        homes: dict[str, list[Entry]] = {}
        for entry in self.entries:
            for name in self.names[entry.number]:
                homes.setdefault(name, []).append(entry)
        return homes

    def named(self, stem: str, flat: bool = False, renamed: bool = False) -> Named:
        """What the name of a file without its end says.

        flat: a student's name may come first, as in `kim_17`, or be all of it. renamed: the platform adds `-1` to some.
        """
        if len(stem) > LONGEST:
            return Named()
        text = unicodedata.normalize("NFC", stem).strip()
        while (short := COPY.sub("", text)) and short != text:
            text = short
        if found := self._by_words(text):
            return found
        marks = list(MARK.finditer(text))
        if not marks and (alone := ALONE.fullmatch(text) or (flat and AT_END.search(text))):
            marks = [alone]
        read = [self._number(mark, renamed) for mark in (marks[-1:] if flat else marks)]
        if len({named.choices for named in read if named.choices}) > 1:
            return Named(tuple(dict.fromkeys(choice for named in read for choice in named.choices)))
        said = next((named for named in read if named.choices), read[0] if read else Named())
        return said._replace(before=text[: marks[-1].start() if marks else None].strip(" _-."))

    def _by_words(self, text: str) -> Named | None:
        """A stem, or the part of it that names the exercise, as consecutive words."""
        tokens = list(TOKEN.finditer(text))[-TOKENS:]
        words = [re.sub(r"^(ex)?0+(?=\d)", r"\1", token[0].lower()) for token in tokens]
        for length in range(len(words), 1, -1):
            for start in range(len(words) - length + 1):
                if entry := self.by_name.get("_".join(words[start : start + length])):
                    return Named((entry,), text[: tokens[start].start()].strip(" _-."))
        return None

    def _number(self, mark: re.Match[str], renamed: bool) -> Named:
        main, between, sub = [*(group for group in mark.groups() if group is not None), None, None][:3]
        number = f"{int(main or 0)}"
        whole, part = self.by_number.get(number), self.by_number.get(f"{number}-{sub}")
        if sub is None:
            parts = tuple(entry for entry in self.entries if f"{entry.order[0]}" == number)
            return Named((whole,) if whole else parts, missing="" if parts else number)
        if whole and between == "-" and (part or renamed):
            return Named((part, whole) if part else (whole,), first=not renamed)
        return Named((part,)) if part else Named(missing=f"{number}-{sub}")

    def fits(self, source: bytes) -> list[Fit]:
        """Exercises of which a source defines at least half of the names, the best first.

        Left out are those that only share names with one that fits better.
        """
        if not self._shared(mentioned(source)):
            return []
        shared = self._shared(defined(source) or frozenset())
        found = [Fit(len(names) / len(self.names[key]), self.by_number[key], names) for key, names in shared.items()]
        kept = [one for one in found if not any(one.names < other.names and one.share < other.share for other in found)]
        return sorted(kept, key=lambda one: (-one.share, one.entry.order))

    def each(self, source: bytes) -> list[list[Entry]]:
        """Every exercise that a source is for, with those that it may be for instead, by the same names."""
        groups: dict[frozenset[str], list[Fit]] = {}
        for fit in self.fits(source):
            same = groups.setdefault(fit.names, [])
            if not same or fit.share == same[0].share:
                same.append(fit)
        return [[fit.entry for fit in same] for same in groups.values()]

    def _shared(self, names: frozenset[str]) -> dict[str, frozenset[str]]:
        """By number, those of some names that an exercise has, where they are at least half of its own."""
        near = {entry.number for name in names for entry in self.homes.get(name, ())}
        shared = {number: names & self.names[number] for number in near}
        return {number: some for number, some in shared.items() if 2 * len(some) >= len(self.names[number])}

    def place(self, named: Named, source: bytes) -> tuple[Entry | None, str]:
        """The exercise of a file, or None and why it isn't clear."""
        if len(named.choices) == 1:
            return named.choices[0], ""
        fitting = [fit for fit in self.fits(source) if not named.choices or fit.entry in named.choices]
        best = [fit.entry for fit in fitting if fit.share == fitting[0].share]
        if named.missing:
            hint = f"it looks like {_either(best)}: " if best else ""
            return None, f"names exercise {named.missing}, which the kit hasn't; {hint}name it after one that is there"
        if len(best) == 1 or (named.first and not best):
            return (*best, *named.choices)[0], ""
        if named.choices or best:
            return None, unclear(named.choices or best)
        return None, "names no exercise, and defines at least half of no exercise; put the number of one into its name"


def unclear(choices: Sequence[Entry]) -> str:
    """Why nothing is graded that may be for one exercise or another."""
    return f"may be for exercise {_either(choices)}; name it after one of them"


def _either(choices: Sequence[Entry]) -> str:
    return " or ".join(entry.number for entry in choices)


def _grouped(entries: Sequence[Entry], key: Callable[[Entry], str]) -> dict[str, list[Entry]]:
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key(entry), []).append(entry)
    return groups
