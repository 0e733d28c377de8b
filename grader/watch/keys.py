"""Keys from the bytes that a terminal sends: letters in either layout of a Korean keyboard, and some others by name."""

import codecs
import re

NAMES = {
    "\r": "enter", "\n": "enter", " ": "space", "\x1b": "escape", "\x04": "end of input", "\x0c": "redraw",
    "\x1b[A": "up", "\x1b[B": "down", "\x1bOA": "up", "\x1bOB": "down", "\x1b[5~": "page up", "\x1b[6~": "page down",
    "\x1b[H": "home", "\x1b[F": "end", "\x1bOH": "home", "\x1bOF": "end", "\x1b[1~": "home", "\x1b[4~": "end",
}  # fmt: skip
JAMO = dict(zip("ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡ", "qwertyuiopasdfghjklzxcvbnm", strict=True))
PASTE = re.compile(r"\x1b\[200~.*?(?:\x1b\[201~|\Z)", re.DOTALL)
KEY = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^\x1b\[O])|\x1b?[^\x1b]|\x1b", re.DOTALL)
UNFINISHED = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?\Z|\x1b\[200~(?:(?!\x1b\[201~).)*\Z", re.DOTALL)


class Keys:
    """Cuts what a terminal sends into keys. What is pasted, and any other sequence, is no key."""

    def __init__(self) -> None:
        self._text = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> list[str]:
        """The keys that are complete by now: a character in lower case, or one of the names above."""
        text = self._rest + self._text.decode(data)
        unfinished = UNFINISHED.search(text)
        self._rest = text[unfinished.start() :] if unfinished else ""
        return self._cut(text[: unfinished.start()] if unfinished else text)

    def quiet(self) -> list[str]:
        """To be called when nothing has come for a moment: what looked like the beginning of a sequence was a key."""
        rest = self._rest
        if not rest or rest.startswith("\x1b[200~"):
            return []
        self._rest = ""
        return self._cut(rest)

    def _cut(self, text: str) -> list[str]:
        found = (key_of(piece) for piece in KEY.findall(PASTE.sub("", text)))
        return [key for key in found if key]


def key_of(piece: str) -> str:
    """The name of a key; nothing for sequences that name none, and signs that aren't printable."""
    if piece in NAMES:
        return NAMES[piece]
    return JAMO.get(piece, piece.lower()) if len(piece) == 1 and piece.isprintable() else ""
