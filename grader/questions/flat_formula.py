"""Rewrites TeX so that it takes one line: a/b for fractions, ^(...) and _(...) for scripts without small letters."""

import re
from collections.abc import Callable

COMMAND = r"\\[A-Za-z]+"
TOKEN = re.compile(rf"{COMMAND}|\\.|\s+|.", re.DOTALL)
ATOM = re.compile(
    rf"{COMMAND}|[^\W\d_]|[0-9.]+|\\(?:mathbf|mathrm|hat) *(?:\{{\\?[A-Za-z]+\}}|{COMMAND}|[A-Za-z])|ꔁ\([^()]*\)"
)
# Letters that stand in for signs which TeX would draw large, or act upon.
STAND_INS = {"^": "ꔀ", "√": "ꔁ", "∑": "ꔂ", "∏": "ꔃ", "∫": "ꔄ"}
LARGE = {r"\sum": STAND_INS["∑"], r"\prod": STAND_INS["∏"], r"\int": STAND_INS["∫"]}
FACTOR = re.compile(r"[^\W_]\s*$|[)}\]]\s*$")
SCRIPTS = {"^", "_"}
FRACTIONS = {r"\frac", r"\tfrac", r"\dfrac"}
SMALL = {r"\top": "T", r"\intercal": "T"}


def flatten(tex: str, shrinks: Callable[[str], bool]) -> str:
    """The TeX of a formula on one line, to be drawn and then restored.

    `shrinks` tells whether there are small characters for a script such as `_{ij}`.
    """
    return _Flat(tex, shrinks).until("")


def restore(art: str) -> str:
    """Put the signs back for which letters stood in."""
    for sign, letter in STAND_INS.items():
        art = art.replace(letter, sign)
    return art


class _Flat:
    def __init__(self, tex: str, shrinks: Callable[[str], bool]) -> None:
        self.rest = TOKEN.findall(tex)[::-1]
        self.shrinks = shrinks

    def until(self, closing: str) -> str:
        """Everything up to a closing brace, or to the end."""
        flat, last = "", ""
        while self.rest and (token := self.rest.pop()) != closing:
            piece = self.piece(token)
            # Two scripts of one base would be stacked: give the second one an empty base of its own.
            if token in SCRIPTS and last in SCRIPTS:
                piece = "{}" + piece
            elif token in FRACTIONS and (FACTOR.search(flat) or self.juxtaposed()):
                piece = f"({piece})"
            flat, last = flat + piece, token
        return flat

    def juxtaposed(self) -> bool:
        """Whether something that reads as a factor comes next."""
        while self.rest and self.rest[-1].isspace():
            self.rest.pop()
        token = self.rest[-1] if self.rest else ""
        return token.isalnum() or (token[1:].isalpha() and token != r"\right")

    def piece(self, token: str) -> str:
        if token == "{":
            return "{" + self.until("}") + "}"
        if token in FRACTIONS:
            return f"{_bracketed(self.argument())}/{_bracketed(self.argument())}"
        if token == r"\sqrt" and self.rest and self.rest[-1] != "[":
            return f" {STAND_INS['√']}{_bracketed(self.argument())}"
        if token in SCRIPTS:
            return self.script(token)
        return f" {LARGE[token]}" if token in LARGE else token

    def argument(self) -> str:
        while self.rest and self.rest[-1].isspace():
            self.rest.pop()
        token = self.rest.pop() if self.rest else ""
        return self.until("}").strip() if token == "{" else SMALL.get(token, self.piece(token))

    def script(self, sign: str) -> str:
        inner = self.argument()
        inner = SMALL.get(inner, inner)
        if self.shrinks(f"{sign}{{{inner}}}"):
            return f"{sign}{{{inner}}}"
        if inner in (r"\prime", "*"):
            return inner
        return (f" {STAND_INS['^']}" if sign == "^" else r"\_") + _bracketed(inner)


def _bracketed(inner: str) -> str:
    return inner if ATOM.fullmatch(inner) else f"({inner})"
