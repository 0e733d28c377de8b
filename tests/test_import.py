"""Question banks in other forms become pages: nothing is lost, and what needs a human is told with its line."""

import shutil
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.questions.bank import cut
from grader.questions.imported import bring_in, language_of, read
from grader.questions.page import parse_page
from tests.test_cli import dlgrade

BANK = """# A bank

- [What is a net?](#1)
- [And a layer?](#1-2)

---

## #1

#### What is a net: say it shortly

A *net* of layers, see [the next one](#1-2) or ![a picture](./img/net.png "a net").

| in | out |
|---|---|
| $x$ | $y$ |

With a weight $$w_1$$ and a bias,

$$
y = w_1 x + b
$$

```python
## #7
x = "#8"
```

#### References

- [a paper](https://example.org/paper)
- [a file](notes.txt)

---

## #1-2

#### And a layer?

One function.

## Aside

More of it.
"""
PASTED = """#1
What is a net?

A net of layers.
References
a paper

#12-3
And a layer?

One function.
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "net.png").write_bytes(b"png")
    path = tmp_path / "bank.md"
    path.write_text(BANK, "utf-8")
    return path


def imported(bank: Path, text: str | None = None) -> tuple[Path, list[str]]:
    if text is not None:
        bank.write_text(text, "utf-8")
    kit = bank.parent / "kit"
    return kit / "questions" / "en", bring_in(bank, read(bank, "utf-8"), kit, "en", "imported")[1]


def test_a_bank_becomes_pages(bank: Path) -> None:
    folder, remarks = imported(bank)
    first, second = (parse_page(path) for path in sorted(folder.glob("*.md"), reverse=True))
    assert (first.number, first.title, first.topic) == ("1", "What is a net – say it shortly", "imported")
    assert first.intro == "What is a net: say it shortly"
    answer, sources = first.sections
    assert (answer.key, sources.key) == ("answer", "sources")
    assert "[the next one](01_2_and_a_layer.md)" in answer.text
    assert "| $x$ | $y$ |" in answer.text and "a weight $w_1$ and" in answer.text
    assert "$$\ny = w_1 x + b\n$$" in answer.text and '## #7\nx = "#8"\n```' in answer.text
    assert (folder / "img" / "net.png").read_bytes() == b"png"
    assert sources.text.startswith("- [a paper](https://example.org/paper)")
    assert second.number == "1-2" and second.sections[0].text == "One function.\n\n### Aside\n\nMore of it."
    assert [remark.partition(": ")[0].rpartition("/")[2] for remark in remarks] == [
        "bank.md:1",
        "bank.md:42",
        "01_what_is_a_net_say.md:36",
    ]
    assert "lines 1 to 4 stand before the first question and were left out" in remarks[0]
    assert "'Aside' is now one of level 3" in remarks[1]
    assert "'notes.txt' leads nowhere" in remarks[2]


def test_a_page_that_was_pasted_as_text() -> None:
    drafts, remarks = cut(PASTED)
    assert [(draft.number, draft.title, draft.answer, draft.sources) for draft in drafts] == [
        ("1", "What is a net?", "A net of layers.", "a paper"),
        ("12-3", "And a layer?", "One function.", ""),
    ]
    assert remarks == []


def test_a_single_line_before_the_first_question():
    _, remarks = cut("# Bank\n\n## #1\n\n### Why?\n\nBecause.\n")
    assert "this line stands before the first question and was left out" in remarks[0].message


def test_pages_that_are_there_stay_as_they_are(bank: Path) -> None:
    folder, _ = imported(bank)
    page = folder / "01_2_and_a_layer.md"
    page.write_text(mine := page.read_text("utf-8").replace("One function.", "Mine."), "utf-8")
    _, remarks = imported(bank)
    assert page.read_text("utf-8") == mine
    assert sum("is there already and was left as it is" in remark for remark in remarks) == 2


def test_a_number_that_stands_twice_is_refused_and_nothing_written(bank: Path) -> None:
    with pytest.raises(UsageError, match=r"bank\.md:36: number 1 stands here a second time, first in line 8"):
        imported(bank, BANK.replace("## #1-2", "## #1"))
    assert not (bank.parent / "kit").exists()


def test_a_bank_without_questions_is_refused(bank: Path) -> None:
    with pytest.raises(UsageError, match="has no question; each begins with a line like"):
        imported(bank, "# Nothing\n\nhere\n")


@pytest.mark.parametrize(("fence", "line"), [("```python", 24), ("~~~", 24)])
def test_a_fence_that_is_never_closed_ends_before_the_next_question(bank: Path, fence: str, line: int) -> None:
    text = BANK.replace("```python\n", f"{fence}\n").replace('x = "#8"\n```\n', "").replace("## #7\n", "x = 8\n")
    folder, remarks = imported(bank, text)
    assert any(f"bank.md:{line}: this fence is never closed" in remark for remark in remarks)
    assert len(list(folder.glob("*.md"))) == 2
    assert parse_page(folder / "01_2_and_a_layer.md").sections[0].text.startswith("One function.")


def test_a_fence_that_is_open_at_the_end() -> None:
    (draft,), (remark,) = cut("#1\nWhat?\n\n```\nx\n")
    assert draft.answer == "```\nx\n\n```" and (remark.line, "never closed" in remark.message) == (4, True)


def test_missing_titles_and_answers_are_told() -> None:
    drafts, remarks = cut("#1\n\n#2\nWhat?\n\n#3\nReferences\n- x\n")
    assert [draft.title for draft in drafts] == ["(no title)", "What?", "(no title)"]
    assert [(remark.line, remark.message.partition(":")[0]) for remark in remarks] == [
        (1, "question 1 has no answer"),
        (1, "this question has no title"),
        (3, "question 2 has no answer"),
        (6, "question 3 has no answer"),
        (6, "this question has no title"),
    ]


def test_text_in_a_wrong_encoding_is_told() -> None:
    korean = "신경망은 무엇인가요"
    assert not cut(f"#1\nWhat?\n\n{korean} é ü – “x”\n")[1]
    for wrong in (korean.encode().decode("latin-1"), korean.encode().decode("cp1252", "replace")):
        (remark,) = cut(f"#1\nWhat?\n\n{wrong}\n")[1]
        assert remark.line == 4 and "wrong encoding" in remark.message


def test_other_encodings(bank: Path) -> None:
    bank.write_bytes("#1\n신경망은?\n\n층.\n".encode("cp949"))
    with pytest.raises(UsageError, match=r"bank.md:2: this is not utf-8; name the encoding, as `--encoding cp949`"):
        read(bank, "utf-8-sig")
    text = read(bank, "cp949")
    assert "신경망은?" in text and language_of(text) == "ko"
    with pytest.raises(UsageError, match="no encoding is called 'klingon'"):
        read(bank, "klingon")
    with pytest.raises(UsageError, match="can't be read"):
        read(bank.with_name("none.md"), "utf-8")


def test_a_link_out_of_the_folder_takes_nothing_along(bank: Path) -> None:
    secret = bank.parent.parent / "secret.txt"
    secret.write_text("x")
    folder, _ = imported(bank, f"#1\nWhat?\n\n[a](../secret.txt) [b]({secret})\n")
    assert [path.name for path in folder.iterdir()] == ["01_what.md"]


def test_the_command(bank: Path, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    done = dlgrade("import", bank, "--into", kit)
    assert done.returncode == 0 and "2 questions written to" in done.stdout and "3 remarks" in done.stdout
    asked = dlgrade("quiz", "1-2", "--kit", kit, text="\n3\n", DLGRADE_STATE=str(tmp_path))
    assert "One function." in asked.stdout and "graded by yourself: 1" in asked.stdout
    proof = dlgrade("dev", "check", "--kit", kit)  # a kit of questions alone
    assert proof.returncode == 1 and "'notes.txt' leads nowhere" in proof.stdout and "1 problem" in proof.stdout
    (kit / "questions" / "en" / "notes.txt").touch()
    assert dlgrade("dev", "check", "--kit", kit).returncode == 0
    shutil.rmtree(kit)
    assert dlgrade("import", tmp_path / "none.md", "--into", kit).returncode == 2
