"""The Korean and the English pages say the same: ids, keys, formulas, code."""

from pathlib import Path

import pytest

from grader import kit
from grader.questions.languages import differences
from grader.questions.page import parse_page

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "questions" / "en").glob("*.md"))
PAGE = """---
number: 2
title: {title}
topic: {title}
difficulty: {difficulty}
prerequisites: 1
quiz: one, two, three
---

# 2. {title}

{intro}

## {answer}
{formula}

```python
{code}
```

## {quiz}

### {title}?

1. [ ] a
   > `{name}` · why
2. [{box}] b{feedback}

> why {formula}

### {title}?

**{number}** ± 0.1

> why

### {title}?

| a | b |
|---|---|
| 1 | x |
| 2 | {side} |
| 3 | y |

> why
"""
ENGLISH = {
    "title": "What", "difficulty": 1, "intro": "What", "answer": "Answer", "formula": "$x_\\text{in}$", "code": "x = 1",
    "quiz": "Quiz", "name": "wrong", "box": "x", "feedback": "", "number": "1", "side": "x",
}  # fmt: skip
KOREAN = ENGLISH | {"title": "무엇", "intro": "무엇", "answer": "답변", "quiz": "퀴즈", "formula": "$x_\\text{입력}$"}


def found(folder: Path, **changes: object) -> list[str]:
    pages = []
    for language, words in (("en", ENGLISH), ("ko", KOREAN | changes)):
        (folder / language).mkdir()
        path = folder / language / "02_what.md"
        path.write_text(PAGE.format(**words), "utf-8")
        pages.append(parse_page(path))
    return [f"{error.line}: {error.message}" for error in differences(*pages)]


def test_words_may_differ(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"difficulty": 2}, "1: difficulty is not that of 02_what.md in en"),
        ({"formula": "$y$"}, "lacks 'x_' among its formulas"),
        ({"intro": "$y$"}, "1: the question: has 'y', which the other language lacks among its formulas"),
        ({"code": "x = 2"}, "lacks 'x = 1\\n' among its code"),
        ({"name": "other"}, "the key of one is not that in en"),
        ({"number": "1.5"}, "the key of two is not that in en"),
        ({"side": "y"}, "the key of three is not that in en"),
    ],
)
def test_what_may_not_differ(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    said = found(tmp_path, **changes)
    assert any(message in text for text in said), said


def test_every_question_has_both_languages() -> None:
    names = [{path.name for path in (ROOT / "questions" / language).glob("*.md")} for language in kit.LANGUAGES]
    assert names[0] == names[1]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_pages_of_a_question_agree(path: Path) -> None:
    assert [str(error) for error in differences(parse_page(path), parse_page(path.parents[1] / "ko" / path.name))] == []


def test_each_topic_has_one_name_per_language() -> None:
    topics = {(parse_page(path).topic, parse_page(path.parents[1] / "ko" / path.name).topic) for path in PAGES}
    assert len(topics) == len({english for english, _ in topics}) == len({korean for _, korean in topics})
