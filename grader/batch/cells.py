"""The code of a notebook's cells as Python: what only IPython understands becomes comments, line by line."""

import re

from grader.batch.source import parsed

TIMED = ("%%time", "%%timeit", "%%capture")
MAGIC = re.compile(r"\s*(?:[%!?]|[^\s'\"#=][^'\"#=]*=\s*[%!])")
TOKEN = re.compile(
    r"(?P<comment>#.*)|(?P<long>\"\"\"|''')|(?P<short>\"(?:\\.|[^\"\\])*(?:\"|\\?$)|'(?:\\.|[^'\\])*(?:'|\\?$))"
    r"|(?P<opens>[(\[{])|(?P<closes>[)\]}])"
)
LONG_END = {mark: re.compile(rf"(?:\\.|[^\\])*?{mark}") for mark in ('"""', "'''")}


class _Reading:
    """How far a piece of Python has been read: whether a statement is open at the end of a line, and why."""

    def __init__(self) -> None:
        self.depth, self.quote, self.continued = 0, "", False

    @property
    def open(self) -> bool:
        return bool(self.depth or self.quote or self.continued)

    def read(self, line: str) -> bool:
        """Reads on; whether the line ends with code, not with a comment or a string."""
        place, last = 0, -1
        while place < len(line):
            if self.quote:
                if not (end := LONG_END[self.quote].match(line, place)):
                    return False
                place, self.quote = end.end(), ""
                last = place
            elif found := TOKEN.search(line, place):
                place = found.end()
                self._token(found)
                last = place if found.lastgroup in ("comment", "short", "long") else last
            else:
                break
        self.continued = not self.quote and last < len(line) and line.endswith("\\")
        return not self.quote and last < len(line)

    def _token(self, found: re.Match[str]) -> None:
        if found.lastgroup == "long":
            self.quote = found[0]
        elif found.lastgroup == "opens":
            self.depth += 1
        elif found.lastgroup == "closes":
            self.depth = max(0, self.depth - 1)


def python(source: str) -> str:
    """A cell's source without magics, shell lines and questions for help; every line stays where it is."""
    lines = re.split(r"\r\n|\r|\n", source)
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if lines[first].split()[0] not in TIMED:
            return f"# left out: {lines[first]}"
        lines[first] = f"# {lines[first]}"
    text = "\n".join(lines)
    return text if parsed(text) is not None else "\n".join(_without_magics(lines))


def _without_magics(lines: list[str]) -> list[str]:
    reading, kept, goes_on = _Reading(), [], False
    for line in lines:
        if goes_on or (not reading.open and MAGIC.match(line)):
            kept.append(f"# {line}" if goes_on else _comment(line))
            goes_on = line.endswith("\\")
            continue
        fresh = not reading.open
        ends_with_code = reading.read(line)
        asks = fresh and ends_with_code and not reading.open and line.rstrip().endswith("?")
        kept.append(_comment(line) if asks else line)
    return kept


def _comment(line: str) -> str:
    """The line as a comment; an indented one leaves `pass` behind, as it may be all that a block has."""
    text = line.lstrip()
    indent = line[: len(line) - len(text)]
    return f"{indent}pass  # {text}" if indent else f"# {text}"
