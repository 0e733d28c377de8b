"""The questions of a bank as pages of a kit: a flashcard each, to which quiz items can be added."""

import re
import shutil
from pathlib import Path
from urllib.parse import unquote

from grader.errors import UsageError
from grader.questions.bank import Draft, Remark, cut
from grader.questions.check import check_page
from grader.questions.page import HEADINGS

LINK = re.compile(r"(!?\[[^\]\n]*\]\()([^)\s]+)((?:[ \t]+\"[^\"\n]*\")?\))")
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:|//", re.I)


def read(path: Path, encoding: str) -> str:
    """The text of a bank. Raises UsageError if it can't be read, or isn't in that encoding."""
    try:
        data = path.read_bytes()
        return data.decode(encoding)
    except LookupError:
        raise UsageError(f"no encoding is called {encoding!r}; try utf-8, cp949 or latin-1") from None
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give the path of a question bank") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: this is not {encoding.removesuffix('-sig')}; name the encoding, as `--encoding cp949`"
        ) from None


def language_of(text: str) -> str:
    """Korean if a tenth of the letters are, else English."""
    letters = [sign for sign in text if sign.isalpha()]
    korean = sum("가" <= sign <= "힣" for sign in letters)
    return "ko" if 10 * korean >= len(letters) > 0 else "en"


def bring_in(bank: Path, text: str, kit: Path, language: str, topic: str) -> tuple[list[Path], list[str]]:
    """Writes a page for each question of a bank; returns the pages, and what to look at, each with file and line.

    Pages that are there already stay as they are. Raises UsageError if there is no question, or a number stands twice.
    """
    drafts, remarks = cut(text)
    if not drafts:
        raise UsageError(f"{bank} has no question; each begins with a line like `## #12-1`, or `#12-1`")
    if len({draft.order for draft in drafts}) < len(drafts):
        twice = next(remark for remark in remarks if "a second time" in remark.message)
        raise UsageError(f"{bank}:{twice.line}: {twice.message}")
    names = {draft.number: _name(draft) for draft in drafts}
    folder = kit / "questions" / language
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for draft in drafts:
        path = folder / names[draft.number]
        if path.exists():
            remarks.append(Remark(draft.line, f"{path} is there already and was left as it is"))
            continue
        path.write_text(_page(draft, language, topic, names), "utf-8")
        written.append(path)
        _take_along(draft, bank.parent, folder)
    told = [f"{bank}:{remark.line}: {remark.message}" for remark in sorted(remarks)]
    return written, told + [str(error) for path in written for error in check_page(path)]


def _name(draft: Draft) -> str:
    words = re.findall(r"[a-z][a-z0-9]*", draft.title.lower())[:5]
    main, sub = draft.order
    return f"{main:02}{f'_{sub}' if sub else ''}_{'_'.join(words) or 'question'}.md"


def _page(draft: Draft, language: str, topic: str, names: dict[str, str]) -> str:
    headings = HEADINGS[language]
    title = re.sub(r"\s*:\s*", " – ", " ".join(draft.title.split()))
    head = {"number": draft.number, "title": title, "topic": topic, "difficulty": 3, "prerequisites": "", "quiz": ""}
    sections = [(headings[0], draft.answer or "..."), (headings[4], draft.sources)]
    text = ["---", *(f"{key}: {value}".rstrip() for key, value in head.items()), "---", ""]
    text += [f"# {draft.number}. {title}", "", draft.title, ""]
    for heading, body in sections:
        if body:
            text += [f"## {heading}", "", _with_links(body, names), ""]
    return "\n".join(text)


def _with_links(text: str, names: dict[str, str]) -> str:
    """Links to other questions of the bank lead to their pages."""

    def link(found: re.Match[str]) -> str:
        target = names.get(found[2].removeprefix("#")) if found[2].startswith("#") else None
        return found[1] + (target or found[2]) + found[3]

    return LINK.sub(link, text)


def _take_along(draft: Draft, source: Path, folder: Path) -> None:
    """Copies the files that a question links to, as far as they lie beside the bank or below."""
    for found in LINK.finditer(f"{draft.answer}\n{draft.sources}"):
        target = unquote(found[2].partition("#")[0])
        place = (source / target).resolve()
        if not target or OUTSIDE.match(target) or not place.is_relative_to(source.resolve()) or not place.is_file():
            continue
        copy = folder / place.relative_to(source.resolve())
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            shutil.copyfile(place, copy)
