"""A report on a terminal, a pipe, or whatever else shows text."""

from typing import Any

from grader.report.style import Style, wrap
from grader.text import harmless

SHOWN = 3  # failing cases that are shown without --all
PRINTED = 2000  # characters of the submission's output that are shown


def render(answer: dict[str, Any], source: bytes, style: Style, everything: bool = False) -> str:
    """The whole text for one submission. answer: the fields of a `Check`; source: of the submission."""
    report = answer["report"]
    lines = _head(report, style)
    if report["verdict"] != "error":
        lines += ["", *_parts(answer, style)]
    text = source.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines += _cases(answer, text.split("\n"), style, everything)
    if found := report["diagnosis"]:
        lines += ["", style.paint("Diagnosis", bold=True) + f": {found['misconception']}"]
        if found["explains"] < found["failing"]:
            fits = f"fits {found['explains']} of the {found['failing']} failing cases of {found['part']}"
            lines += wrap(f"({fits}; something else is wrong, too)", style, "  ")
        lines += wrap(found["summary"], style, "  ")
        lines += wrap(f"{style.arrow} {found['nudge']}", style, "  ")
    if report["training"]:
        from grader.report.training import section

        lines += ["", *section(report["training"], style)]
    if answer["printed"].strip():
        lines += ["", style.paint("Your code printed", bold=True), *_printed(answer["printed"])]
    return "\n".join([*lines, "", *_foot(report, style)])


def _head(report: dict[str, Any], style: Style) -> list[str]:
    name = report["slug"].replace("_", " ")
    return [style.paint(f"{report['exercise']} {style.dot} {name}", bold=True) + f"   {report['submission']}"]


def _parts(answer: dict[str, Any], style: Style) -> list[str]:
    report = answer["report"]
    states = _states(answer)
    width = max((len(part["name"]) for part in report["parts"]), default=0)
    lines = []
    for part in report["parts"]:
        count = f"{part['passed']:3} of {part['cases']} cases"
        if part["passed"] == part["cases"]:
            lines.append(f"  {style.paint(style.passed, fg='green')} {part['name']:{width}} {count}")
        elif empty := states[part["name"]]:
            lines.append(f"  {style.paint(style.empty, dim=True)} {part['name']:{width}}  {empty}")
        else:
            lines.append(f"  {style.paint(style.failed, fg='red')} {part['name']:{width}} {count}")
    return lines


def _states(answer: dict[str, Any]) -> dict[str, str]:
    """For parts without any answer, why there is none."""
    found: dict[str, set[str]] = {}
    for case, detail in zip(answer["report"]["cases"], answer["details"], strict=True):
        found.setdefault(case["part"], set()).add(_state(case, detail))
    return {part: next(iter(states)) if len(states) == 1 else "" for part, states in found.items()}


def _state(case: dict[str, Any], detail: dict[str, Any]) -> str:
    if detail["unwritten"]:
        return "not written yet"
    if case["verdict"] != "missing":
        return ""
    if case["message"].startswith("your file doesn't define"):
        return "not in your file"
    return case["message"] if case["message"].startswith("not trained") else "not asked"


def _cases(answer: dict[str, Any], source: list[str], style: Style, everything: bool) -> list[str]:
    report = answer["report"]
    pairs = zip(report["cases"], answer["details"], strict=True)
    failing = [(c, d) for c, d in pairs if c["verdict"] not in ("passed", "missing") and not d["unwritten"]]
    if report["verdict"] == "error" and failing:
        case, detail = failing[0]
        return ["", *wrap(case["message"], style, "  "), *_trace(detail, source, style)]
    lines: list[str] = []
    shown = failing if everything else failing[:SHOWN]
    for case, detail in shown:
        lines += ["", style.paint(f"{case['part']}: {case['name']}", fg="red")]
        lines += wrap(case["message"], style, "  ")
        lines += _numbers(case["difference"], style)
        if detail["inputs"]:
            lines += wrap(f"inputs: {detail['inputs']}", style, "  ")
        lines += _trace(detail, source, style)
    if len(failing) > len(shown):
        lines += ["", f"  and {len(failing) - len(shown)} more failing cases; `--all` shows them"]
    return lines


def _numbers(difference: dict[str, Any] | None, style: Style) -> list[str]:
    if difference is None or difference["wrong"] is None or difference["of"] == 1:
        return []
    text = f"{difference['wrong']} of {difference['of']} values are wrong"
    if isinstance(difference["max_abs"], float):
        text += f"; largest error {difference['max_abs']:.3g}"
        if isinstance(difference["max_rel"], float) and difference["max_rel"] < 1e6:
            text += f", relative {difference['max_rel']:.3g}"
    return wrap(text, style, "  ")


def _trace(detail: dict[str, Any], source: list[str], style: Style) -> list[str]:
    """The lines of the submission that an exception went through, the last three of them."""
    lines = []
    for number, function in detail["lines"][-3:]:
        code = source[number - 1].strip() if 0 < number <= len(source) else ""
        where = "" if function == "<module>" else f" in {function}"
        lines.append(f"  line {number}{where}:  {harmless(code, style.width)}"[: style.width])
    return lines


def _printed(text: str) -> list[str]:
    lines = ["  | " + line for line in harmless(text, PRINTED, "\n\t").splitlines()]
    return lines + ([f"  | ... ({len(text)} characters in all)"] if len(text) > PRINTED else [])


def _foot(report: dict[str, Any], style: Style) -> list[str]:
    passed = sum(part["passed"] == part["cases"] for part in report["parts"])
    word = {"passed": "passed", "failed": "not passed yet", "error": "can't be run"}[report["verdict"]]
    layers = ", ".join(report["sandbox"]["layers"]) or "none"
    text = f" {style.dot} {passed} of {len(report['parts'])} parts {style.dot} {report['seconds']:.2f} s"
    lines = [style.paint(word, fg="green" if passed and word == "passed" else "red", bold=True) + text]
    if report["sandbox"]["network"]:
        lines += wrap(
            f"isolation: {layers}. Your file ran with your own rights: check only code that you trust; "
            "`dlgrade doctor` says what is missing.",
            style,
            "",
        )
    return lines
