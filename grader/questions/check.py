"""Everything that can be wrong with a page: its form, and whether its formulas, links and printed output are true."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import unquote, urlsplit

from grader.errors import PageError
from grader.questions import front_matter
from grader.questions.document import Document, formula_source
from grader.questions.formula import render
from grader.questions.model import Output, Question
from grader.questions.page import HEADINGS, KEYS, parse_text
from grader.questions.problems import Problems, quote

SECONDS = 60
ITEMS = 4  # that a complete page has at least
OPTIONAL = {"errata"}
STRAY_DOLLARS = re.compile(r"\$(?!\d)[^$]*\$")


def check_page(path: Path) -> list[PageError]:
    """All mistakes of a page, in the order of its lines. Runs the code of its items, so only for pages you trust."""
    problems = Problems(path)
    try:
        text = front_matter.read_text(path)
    except PageError as error:
        return [error]
    question = parse_text(text, path, problems)
    try:
        page = Document(front_matter.body(text))
    except RecursionError:  # parse_text has told
        return problems.in_order()
    _check_formulas(page, problems)
    _check_links(page, path.parent, problems)
    for item in question.items if question else ():
        if isinstance(item, Output):
            _check_output(item, problems)
    return problems.in_order()


def check_complete(question: Question) -> list[PageError]:
    """What a page of our own lacks, beyond what every page needs."""
    problems, headings = Problems(question.path), HEADINGS[question.language]
    present = {section.key for section in question.sections}
    for key, heading in zip(KEYS, headings, strict=False):
        if key not in present and key not in OPTIONAL:
            problems.add(1, f"the page has no section {quote(heading)}: write it")
    if len(question.items) < ITEMS:
        problems.add(1, f"{len(question.items)} quiz items; at least {ITEMS} are due: write more")
    return problems.in_order()


def _check_formulas(page: Document, problems: Problems) -> None:
    for line, node in page.nodes():
        tex = formula_source(node)
        if tex is not None and render(tex) is None:
            problems.add(line, f"the formula {quote(tex)} can't be drawn in a terminal: write it with simpler commands")
        if node.type == "text" and (stray := STRAY_DOLLARS.search(node.content)):
            fact = f"{quote(stray[0])} is not read as a formula"
            problems.add(line, f"{fact}: leave no space inside the dollars and no digit next to them")


def _check_links(page: Document, folder: Path, problems: Problems) -> None:
    for line, node in page.nodes():
        target = node.attrs.get("href", node.attrs.get("src")) if node.type in ("link", "image") else None
        if target is None or (file := _file(str(target))) is None:
            continue
        if file.startswith("/") or not os.path.exists(folder / unquote(file)):  # noqa: PTH110 (never raises)
            problems.add(line, f"the link to {quote(file)} leads nowhere: name a file, relative to the page's folder")


def _file(target: str) -> str | None:
    """The path of a relative link; None for one that leads out of the repository, or to a place on the same page."""
    try:
        url = urlsplit(target)
    except ValueError:
        return target
    return None if url.scheme or url.netloc or not url.path else url.path


def _check_output(item: Output, problems: Problems) -> None:
    """Run the code of an item by itself, and compare what it prints with what the page says."""
    command = [sys.executable, "-I", "-X", "utf8", "-"]
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                command, input=item.code.encode(), capture_output=True, timeout=SECONDS, cwd=folder, check=False
            )
        except subprocess.TimeoutExpired:
            problems.add(item.line, f"the code of this item ran for over {SECONDS} s: make it shorter")
            return
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        problems.add(item.line, f"the code of this item fails ({reason}): mend it")
    elif (printed := done.stdout.decode(errors="replace")) != item.output:
        problems.add(item.line, f"the code of this item prints {quote(printed)}, not {quote(item.output)}: correct it")
