"""A report on a terminal, a pipe, or whatever else shows text."""

from collections.abc import Iterable
from itertools import groupby
from typing import Any

from grader.report.style import Style, cells, fill, shorten, wrap
from grader.text import code_lines, counted, harmless, spelled

SHOWN = 3  # failing cases that are shown unless all are
PRINTED = 2000  # characters of the submission's output that are shown
LONG = 600  # characters of a message, or of the inputs, that are shown then
INDENT = "  "


def render(
    answer: dict[str, Any],
    source: bytes,
    style: Style,
    everything: bool = False,
    absent: str = "not in your file",
    switch: str = "--all",
) -> str:
    """The whole text for one submission. answer: the fields of a `Check`; source: of the submission.

    absent: what is said of a part that isn't defined. switch: what shows all failing cases, if not everything is shown.
    """
    report = answer["report"]
    lines = _head(report, style)
    if report["verdict"] == "error":
        lines += ["", *_error(answer, source, style)]
    else:
        lines += ["", *_parts(answer, style, absent)]
        lines += _cases(answer, source, style, None if everything else switch)
    if found := report["diagnosis"]:
        lines += ["", *_diagnosis(found, style)]
    if report["training"]:
        from grader.report.training import section

        lines += ["", *section(report["training"], style)]
    if answer["printed"].strip():
        lines += ["", style.paint("Your code printed", bold=True), *_printed(answer["printed"], style)]
    return "\n".join([*lines, "", *_foot(report, style)])


def case_text(
    case: dict[str, Any],
    detail: dict[str, Any],
    source: bytes,
    style: Style,
    diagnosis: dict[str, Any] | None = None,
) -> str:
    """All that there is to say of one case alone, and a diagnosis that is about it."""
    lines = _about(case, detail, code_lines(source), style)
    if diagnosis:
        lines += ["", *_diagnosis(diagnosis, style)]
    return "\n".join(lines)


def left_out(report: dict[str, Any]) -> bool:
    """Whether all is right, but nobody asked for the training."""
    return any(case["message"].startswith("not trained, as") for case in report["cases"])


def is_absent(case: dict[str, Any]) -> bool:
    """Whether a case wasn't tried because what it asks for isn't defined."""
    return bool(case["verdict"] == "missing" and case["message"].startswith("your file doesn't define"))


def _head(report: dict[str, Any], style: Style) -> list[str]:
    """Number, name and file; the file on lines of its own where there isn't room for all."""
    name = f"{report['exercise']} {style.dot} {report['slug'].replace('_', ' ')}"
    file = spelled(report["submission"], style.encoding)
    if cells(f"{name}   {file}") <= style.width:
        return [style.paint(name, bold=True) + f"   {file}"]
    return [*_painted(wrap(name, style), style, bold=True), *wrap(file, style, INDENT)]


def _painted(lines: Iterable[str], style: Style, **paint: Any) -> list[str]:
    return [style.paint(line, **paint) for line in lines]


def _parts(answer: dict[str, Any], style: Style, absent: str) -> list[str]:
    report = answer["report"]
    states = _states(answer, absent)
    room = style.width - len("  x   123 of 123 cases")
    width = min(max((cells(part["name"]) for part in report["parts"]), default=0), room)
    lines = []
    for part in report["parts"]:
        count = f" {part['passed']:3} of {counted(part['cases'], 'case')}"
        if part["passed"] == part["cases"]:
            mark = style.paint(style.passed, fg="green")
        elif empty := states[part["name"]]:
            mark, count = style.paint(style.empty, dim=True), f"  {empty}"
        else:
            mark = style.paint(style.failed, fg="red")
        first, *rest = wrap(fill(part["name"], width) + count, style, " " * 6, " " * 4)
        lines += [f"  {mark} {first[4:]}", *rest]
    return lines


def _states(answer: dict[str, Any], absent: str) -> dict[str, str]:
    """For parts without any answer, why there is none."""
    found: dict[str, set[str]] = {}
    for case, detail in zip(answer["report"]["cases"], answer["details"], strict=True):
        found.setdefault(case["part"], set()).add(_state(case, detail, absent))
    return {part: next(iter(states)) if len(states) == 1 else "" for part, states in found.items()}


def _state(case: dict[str, Any], detail: dict[str, Any], absent: str) -> str:
    if detail["unwritten"]:
        return "not written yet"
    if case["verdict"] != "missing":
        return ""
    if is_absent(case):
        return absent
    return case["message"] if case["message"].startswith("not trained") else "not asked"


def _cases(answer: dict[str, Any], source: bytes, style: Style, switch: str | None) -> list[str]:
    """The failing cases. switch: what would show all of them, None if it is on."""
    failing, text = _failing(answer), code_lines(source)
    shown, most = (failing[:SHOWN], LONG) if switch else (failing, None)
    lines: list[str] = []
    for case, detail in shown:
        lines += ["", *_painted(wrap(_name(case), style), style, fg="red")]
        lines += _indented(_about(case, detail, text, _narrower(style), most))
    if more := len(failing) - len(shown):
        them = "it" if more == 1 else "them"
        lines += ["", *wrap(f"and {counted(more, 'more failing case')}; `{switch}` shows {them}", style, INDENT)]
    return lines


def _failing(answer: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Cases that have something to tell, each with its detail."""
    pairs = zip(answer["report"]["cases"], answer["details"], strict=True)
    return [(c, d) for c, d in pairs if c["verdict"] not in ("passed", "missing") and not d["unwritten"]]


def _about(
    case: dict[str, Any], detail: dict[str, Any], source: list[str], style: Style, most: int | None = None
) -> list[str]:
    """What is wrong with a case. most: characters of its message, and of its inputs."""
    lines = wrap(_short(case["message"], most), style)
    lines += _numbers(case["difference"], style)
    if detail["inputs"]:
        lines += wrap(f"inputs: {_short(detail['inputs'], most)}", style)
    return lines + _trace(detail, source, style)


def _narrower(style: Style) -> Style:
    """The style of what is indented."""
    return style._replace(width=style.width - len(INDENT))


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"{INDENT}{line}".rstrip() for line in lines]


def _name(case: dict[str, Any]) -> str:
    """The part and the case; names that are made unique by their part don't say it twice."""
    part: str = case["part"]
    return f"{part}: {case['name'].removesuffix(f' ({part})')}"


def _short(text: str, most: int | None) -> str:
    return text if most is None else shorten(text, most)


def _error(answer: dict[str, Any], source: bytes, style: Style) -> list[str]:
    """Why it can't be judged at all: it can't be loaded, or has nothing of what is asked for."""
    if failing := _failing(answer):
        case, detail = failing[0]
        return _indented(_about(case, {**detail, "inputs": ""}, code_lines(source), _narrower(style), LONG))
    names = ", ".join(part["name"] for part in answer["report"]["parts"])
    text = f"Your code defines nothing of what is asked for: {names}. Are the names spelled as in the stub?"
    return wrap(text, style, INDENT)


def _numbers(difference: dict[str, Any] | None, style: Style) -> list[str]:
    if difference is None or difference["wrong"] is None or difference["of"] == 1:
        return []
    text = f"{difference['wrong']} of {difference['of']} values {'is' if difference['wrong'] == 1 else 'are'} wrong"
    if isinstance(difference["max_abs"], float):
        text += f"; largest error {difference['max_abs']:.3g}"
        if isinstance(difference["max_rel"], float) and difference["max_rel"] < 1e6:
            text += f", relative {difference['max_rel']:.3g}"
    return wrap(text, style)


def _trace(detail: dict[str, Any], source: list[str], style: Style) -> list[str]:
    """The lines of the submission that an exception went through, the last three of them; a recursion's once."""
    lines = []
    places = [(place, len(list(again))) for place, again in groupby(map(tuple, detail["lines"]))]
    for (number, function), count in places[-3:]:
        code = source[number - 1].strip() if 0 < number <= len(source) else ""
        where = "" if function == "<module>" else f" in {shorten(function, style.width // 3)}"
        times = ", again and again" if count > 2 else ""
        code = code[: style.width + 1]  # more than fits, of what may be very long
        text = f"line {number}{where}{times}:  {harmless(code.expandtabs(4), 8 * len(code))}"
        lines.append(shorten(spelled(text, style.encoding), style.width))
    return lines


def _diagnosis(found: dict[str, Any], style: Style) -> list[str]:
    lines = [style.paint("Diagnosis", bold=True) + f": {found['misconception']}"]
    if found["explains"] < found["failing"]:
        fits = f"fits {found['explains']} of the {found['failing']} failing cases of {found['part']}"
        lines += wrap(f"({fits}; something else is wrong, too)", style, INDENT)
    lines += wrap(found["summary"], style, INDENT)
    return lines + wrap(found["nudge"], style, " " * (3 + len(style.arrow)), f"{INDENT}{style.arrow} ")


def _printed(text: str, style: Style) -> list[str]:
    """What the submission printed, as a terminal would have left it: without what it wrote over."""
    left = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    lines = wrap(left[:PRINTED].rstrip("\n"), style._replace(width=style.width - 4)) or [""]
    lines = [f"  | {line}".rstrip() for line in lines]
    return lines + ([f"  | ... (its first {PRINTED} characters)"] if len(left) > PRINTED else [])


def _foot(report: dict[str, Any], style: Style) -> list[str]:
    passed = sum(part["passed"] == part["cases"] for part in report["parts"])
    word = {"passed": "passed", "failed": "not passed yet", "error": "can't be run"}[report["verdict"]]
    layers = ", ".join(report["sandbox"]["layers"]) or "none"
    took = f" {style.dot} {report['seconds']:.2f} s" if report["seconds"] else ""  # nothing where that is withheld
    text = f" {style.dot} {passed} of {counted(len(report['parts']), 'part')}{took}"
    lines = [style.paint(word, fg="green" if passed and word == "passed" else "red", bold=True) + text]
    if report["sandbox"]["network"]:
        lines += wrap(
            f"isolation: {layers}. Your code ran with your own rights: check only code that you trust; "
            "`dlgrade doctor` says what is missing.",
            style,
        )
    return lines
