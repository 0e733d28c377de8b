"""Questions and answers on a terminal, a pipe or whatever else has lines: shows cards, reads what is typed."""

import sys
from typing import TextIO

from grader.cli.words import WORDS
from grader.questions.model import Cloze, Item, Multiple, Numeric, Option, Ordering, Output, Pairing, Single
from grader.questions.terminal import draw
from grader.quiz.marking import Mark, Response
from grader.quiz.serving import Served, right_choices
from grader.quiz.typed import Unreadable, read
from grader.report.style import Style, fold, wrap
from grader.text import spelled


class Stopped(Exception):
    """The input has ended, or somebody pressed Ctrl-C."""


class Dialog:
    """Speaks a language on a stream. stdin gives the answers."""

    def __init__(self, language: str, style: Style, out: TextIO) -> None:
        self._words, self._style, self._out = WORDS[language], style, out

    def word(self, key: str, *args: object, **values: object) -> str:
        return self._words[key].format(*args, **values)

    @property
    def width(self) -> int:
        return self._style.width

    def say(self, text: str = "", indent: str = "") -> None:
        """Prints one line, folded between words. indent: of what doesn't fit."""
        for row in fold(spelled(text, self._style.encoding), self._style.width, indent, cut=False):
            self._print(row)

    def _print(self, row: str) -> None:
        print(row, file=self._out)

    def draw(self, markdown: str, indent: str = "") -> None:
        """Shows markdown, each line behind `indent`, the first behind as much of it as there is."""
        text = draw(markdown, self._style.width - len(indent), self._style.colour, self._out.encoding)
        first, *rest = text.strip("\n").split("\n")
        self._print(f"{indent}{first}".rstrip())
        for row in rest:
            self._print(f"{' ' * len(indent)}{row}".rstrip())

    def line(self, prompt: str) -> str:
        """One line of input. Raises Stopped at its end."""
        *rows, last = fold(spelled(f"{prompt} {self._style.arrow}", self._style.encoding), self._style.width - 1)
        self._out.write("".join(f"{row}\n" for row in rows) + f"{last} ")
        self._out.flush()
        try:
            text = sys.stdin.readline()
        except KeyboardInterrupt:
            text = ""
        if not sys.stdin.isatty() or not text:  # a terminal has shown what was typed
            self.say(text.rstrip("\n"))
        if not text:
            raise Stopped
        return text.strip()

    def head(self, served: Served, at: int, of: int) -> None:
        question = served.card.question
        title = f"[{self.word('position', at=at, of=of)}] {question.number}. {question.title}"
        self.say()
        for row in wrap(title, self._style):
            self._print(self._style.paint(row, dim=True))
        self.say()

    def show(self, served: Served) -> None:
        """The prompt of a card, and its choices."""
        item = served.card.item
        if item is None:
            self.draw(served.card.question.intro)
            return
        heading, _, rest = item.prompt.partition("\n")
        self.draw(f"**{heading}**\n{rest}" if "`" not in heading and "$" not in heading else item.prompt)
        if isinstance(item, Output):
            self.say()
            self.draw(f"```python\n{item.code}```")
        if isinstance(item, Pairing):
            self.say()
            for number, pair in enumerate(item.pairs, 1):
                self.draw(pair.left, f"  {number}  ")
        if served.choices:
            self.say()
        for letter, text in served.choices:
            self.draw(text, f"  {letter}  ")
        self.say()

    def response(self, served: Served) -> Response | None:
        """What somebody answers; None for an empty line, which skips. A `?` is the response `?`. Raises Stopped."""
        item = served.card.item
        assert item is not None
        while True:
            text = self._lines() if isinstance(item, Output) else self.line(self._ask(item))
            if text in ("", "?"):
                return text or None
            try:
                return read(served, text)
            except Unreadable as error:
                self.say(f"  {self.word(error.args[0], *error.args[1:])}", "  ")

    def _lines(self) -> str:
        self.say(self.word("ask output"))
        rows: list[str] = []
        while (row := self.line("")) and row != "?":
            rows.append(row)
        return row or "\n".join(rows)

    def _ask(self, item: Item) -> str:
        match item:
            case Numeric(unit=unit) if unit:
                return self.word("ask numeric unit", unit=unit)
            case Cloze(blanks=blanks) if len(blanks) > 1:
                return self.word("ask cloze many", count=len(blanks))
            case _:
                return self.word(f"ask {item.kind}")

    def feedback(self, served: Served, mark: Mark, response: Response) -> None:
        """Whether it was right, why not, and the explanation."""
        item, style = served.card.item, self._style
        assert item is not None
        self.say()
        if mark.right:
            self._print(style.paint(f"{style.passed} {self.word('right')}", fg="green"))
        elif response == "?":
            self._print(style.paint(self.word("unknown"), bold=True))
        else:
            self._print(style.paint(f"{style.failed} {self.word('wrong')}", fg="red"))
            self._why(served, mark)
        if not mark.right:
            self._solution(served, item)
        self.draw(item.explanation, "  ")

    def _why(self, served: Served, mark: Mark) -> None:
        item = served.card.item
        if not isinstance(item, (Single, Multiple)):
            return
        for option in mark.missed:
            letter = served.letters([item.options.index(option)])
            if not option.right:
                self.draw(option.feedback or "", f"  {letter}  ")
            elif isinstance(item, Multiple):
                self.draw(_left_out(option, self.word("left out")), f"  {letter}  ")

    def _solution(self, served: Served, item: Item) -> None:
        label = f"{self.word('answer')}: "
        match item:
            case Single() | Multiple() | Ordering() | Pairing():
                self.say(f"  {label}{served.letters(right_choices(item))}", "  ")
            case Numeric():
                self.say(f"  {label}{f'{item.value:.10g} {item.unit}'.strip()}", "  ")
            case Cloze():
                self.say(f"  {label}{'; '.join(accepted[0] for accepted in item.blanks)}", "  ")
            case Output():
                self.say(f"  {label.rstrip()}")
                self.draw(f"```\n{item.output}```", "    ")


def _left_out(option: Option, remark: str) -> str:
    return f"{remark}: {option.feedback}" if option.feedback else remark
