"""Question pages: every kind of item, every mistake with its line, formulas, and pages in a terminal."""

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import PageError
from grader.questions import formula, front_matter
from grader.questions.check import check_complete, check_page
from grader.questions.model import Cloze, Item, Multiple, Numeric, Ordering, Output, Pairing, Question, Single
from grader.questions.page import HEADINGS, parse_page, parse_text
from grader.questions.problems import Problems
from grader.questions.terminal import show

PAGE = r"""---
number: 17
title: Explain Adam
topic: optimisation
difficulty: 4
prerequisites: 13, 17-3
quiz: where-eps, alive, order, match, size, gap, prints
---

# 17. Explain Adam

Say what it *remembers*.

## Answer
It divides $\hat m_t$ by $\sqrt{\hat v_t} + \epsilon$, see <https://example.org>.

## Going deeper
$$
\theta \leftarrow \theta - \frac{\eta \hat m}{\sqrt{\hat v}}
$$

| name | norm |
|---|---|
| L2 | $\lVert\bm x\rVert_2$ |

A matrix $\begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}$ stands alone – it costs $5.

```python
x = [[1, 2]]
```

## Common wrong answers
- **"No."** Yes.

## Sources
- A paper

## Related
- [this page](17_adam.md#answer)

## Quiz

### Where does eps go?
Think of `[[1, 2]]` and $[[1, 2]]$.

1. [ ] Under the root,
   in this way

   ```text
   v + eps
   ```
   > `eps_inside_root` · That is another library.
   > See its page.
2. [x] Beside it
3. [ ] Nowhere
   > Then 0/0.

> First line.
>
> Second line.

### Which are alive?

- [x] Cats
- [x] Dogs
  > Indeed.
- [ ] Stones
  > No.

> Because.

### Put in order.

1. one
2. two
3. three

> Because.

### Match.
| optimiser | state |
|---|---|
| SGD | none |
| Adam | $m$, $v$ |
| Nadam | $m$, $v$ |

> Because.

### How large?
In metres.

**−1.5e−3** ± 1e-6 m/s

> Because.

### Fill the gaps.
A net of `[[0]]` has [[weights | parameters]]

and [[biases]].

> Because.

### What does this print?
Mind the types.

```python
print(1 / 2)
print("é")
```

```output
0.5
é
```

> Because.
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "en").mkdir()
    return tmp_path / "en"


def write(folder: Path, text: str = PAGE, name: str = "17_adam.md") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def question(folder: Path) -> Question:
    return parse_page(write(folder))


def item(question: Question, name: str) -> Item:
    return next(item for item in question.items if item.id == name)


def line_of(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


# --- what a page holds ------------------------------------------------------------------------------------------


def test_the_sample_page_has_no_mistakes(folder: Path) -> None:
    assert check_page(write(folder)) == []


def test_head_and_sections(question: Question) -> None:
    assert (question.number, question.title, question.topic) == ("17", "Explain Adam", "optimisation")
    assert (question.difficulty, question.prerequisites, question.language) == (4, ("13", "17-3"), "en")
    assert question.intro == "Say what it *remembers*."
    assert [section.key for section in question.sections] == ["answer", "deeper", "wrong_answers", "sources", "related"]
    assert question.sections[2].heading == "Common wrong answers"
    assert question.sections[2].text == '- **"No."** Yes.'
    assert question.sections[2].line == line_of(PAGE, "## Common")


def test_items_have_ids_lines_prompts_and_explanations(question: Question) -> None:
    assert [item.id for item in question.items] == ["where-eps", "alive", "order", "match", "size", "gap", "prints"]
    assert [item.line for item in question.items] == [
        number for number, row in enumerate(PAGE.split("\n"), 1) if row.startswith("### ")
    ]
    first = question.items[0]
    assert first.prompt == "Where does eps go?\n\nThink of `[[1, 2]]` and $[[1, 2]]$."
    assert first.explanation == "First line.\n\nSecond line."


def test_single_choice(question: Question) -> None:
    single = item(question, "where-eps")
    assert isinstance(single, Single)
    under, beside, nowhere = single.options
    assert under.text == "Under the root,\nin this way\n\n```text\nv + eps\n```"
    assert under.misconception == "eps_inside_root"
    assert under.feedback == "That is another library.\nSee its page."
    assert (beside.text, beside.right, beside.feedback, beside.misconception) == ("Beside it", True, None, None)
    assert (nowhere.right, nowhere.feedback, nowhere.misconception) == (False, "Then 0/0.", None)


def test_multiple_choice(question: Question) -> None:
    multiple = item(question, "alive")
    assert isinstance(multiple, Multiple)
    assert [(o.text, o.right, o.feedback) for o in multiple.options] == [
        ("Cats", True, None),
        ("Dogs", True, "Indeed."),
        ("Stones", False, "No."),
    ]


def test_ordering(question: Question) -> None:
    ordering = item(question, "order")
    assert isinstance(ordering, Ordering)
    assert ordering.entries == ("one", "two", "three")


def test_pairing_may_use_a_right_side_twice(question: Question) -> None:
    pairing = item(question, "match")
    assert isinstance(pairing, Pairing)
    assert (pairing.header.left, pairing.header.right) == ("optimiser", "state")
    assert [(p.left, p.right) for p in pairing.pairs] == [("SGD", "none"), ("Adam", "$m$, $v$"), ("Nadam", "$m$, $v$")]


def test_numeric_with_unicode_minus_and_unit(question: Question) -> None:
    numeric = item(question, "size")
    assert isinstance(numeric, Numeric)
    assert (numeric.value, numeric.tolerance, numeric.unit) == (-0.0015, 1e-6, "m/s")
    assert numeric.prompt == "How large?\n\nIn metres."


@pytest.mark.parametrize(
    ("source", "value", "tolerance", "unit"),
    [
        ("**3** ± 0", 3.0, 0.0, ""),
        ("**-.5** ± .01 %", -0.5, 0.01, "%"),
        ("**94.2**±0.1%", 94.2, 0.1, "%"),
        ("**+1E3** ± 5 images per second", 1000.0, 5.0, "images per second"),
    ],
)
def test_numeric_forms(folder: Path, source: str, value: float, tolerance: float, unit: str) -> None:
    page = write(folder, PAGE.replace("**−1.5e−3** ± 1e-6 m/s", source))
    numeric = item(parse_page(page), "size")
    assert isinstance(numeric, Numeric)
    assert (numeric.value, numeric.tolerance, numeric.unit) == (value, tolerance, unit)


@pytest.mark.parametrize(
    "source", ["**1/2** ± 0", "**1,000** ± 1", "**1** ± -1", "**1** ± 1,5", "**1e999** ± 1", "**x** ± 1"]
)
def test_what_is_no_number(folder: Path, source: str) -> None:
    text = PAGE.replace("**−1.5e−3** ± 1e-6 m/s", source)
    with pytest.raises(PageError, match="not a numeric answer") as caught:
        parse_page(write(folder, text))
    assert caught.value.line == line_of(text, source)


def test_cloze_hides_its_answers(question: Question) -> None:
    cloze = item(question, "gap")
    assert isinstance(cloze, Cloze)
    assert cloze.blanks == (("weights", "parameters"), ("biases",))
    assert cloze.prompt == "Fill the gaps.\n\nA net of `[[0]]` has `__1__`\n\nand `__2__`."


def test_output(question: Question) -> None:
    output = item(question, "prints")
    assert isinstance(output, Output)
    assert output.prompt == "What does this print?\n\nMind the types."
    assert output.code == 'print(1 / 2)\nprint("é")\n'
    assert output.output == "0.5\né\n"


def test_a_question_survives_json(question: Question) -> None:
    assert Question.model_validate_json(question.model_dump_json()) == question


def test_korean_section_names(tmp_path: Path) -> None:
    (tmp_path / "ko").mkdir()
    text = PAGE
    for english, korean in zip(HEADINGS["en"], HEADINGS["ko"], strict=True):
        text = text.replace(f"## {english}\n", f"## {korean}\n")
    page = parse_page(write(tmp_path / "ko", text))
    assert page.language == "ko"
    assert [section.key for section in page.sections] == ["answer", "deeper", "wrong_answers", "sources", "related"]
    assert len(page.items) == 7


def test_windows_line_ends_change_nothing(folder: Path, question: Question) -> None:
    page = folder / "17_adam.md"
    page.write_bytes(PAGE.replace("\n", "\r\n").encode())
    assert parse_page(page) == question


# --- mistakes ---------------------------------------------------------------------------------------------------

MISTAKES = [
    # what is replaced, by what, a piece of the line of the mistake, a piece of the message
    ("---\nnumber", "number", "number: 17", "no front matter"),
    ("topic: optimisation\n", "", "---", "no 'topic'"),
    ("topic: optimisation", "topic:", "topic:", "name the topic"),
    ("topic: optimisation", "tpoic: optimisation", "tpoic", "unknown key 'tpoic'"),
    ("topic: optimisation", "topic optimisation", "topic optimisation", "not a 'key: value' line"),
    ("topic: optimisation", "topic: a\ntopic: b", "topic: b", "a second time"),
    ("number: 17", "number: 017", "number: 017", "not a number of a question"),
    ("number: 17", "number: 18", "number: 18", "does not fit the file name"),
    ("title: Explain Adam", "title: Explain: Adam", "title: ", "has a colon"),
    ("title: Explain Adam", "title: Explain RMSprop", "# 17.", "differs from the front matter"),
    ("difficulty: 4", "difficulty: 6", "difficulty", "choose one of 1, 2, 3, 4, 5"),
    ("prerequisites: 13, 17-3", "prerequisites: 13; 17", "prerequisites", "must be numbers"),
    ("prerequisites: 13, 17-3", "prerequisites: 13, 17", "prerequisites", "this one"),
    ("quiz: where-eps", "quiz: Where_eps", "quiz:", "must be ids"),
    ("quiz: where-eps", "quiz: alive", "quiz:", "has an id twice"),
    ("quiz: where-eps,", "quiz:", "quiz:", "has 6 ids, but there are 7 items"),
    ("# 17. Explain Adam\n", "", "Say what", "comes first"),
    ("## Answer", "# Answer", "# Answer", "one '# Title'"),
    ("Say what it *remembers*.\n", "", "# 17.", "nothing stands below the title"),
    ("## Answer", "## Reply", "## Reply", "unknown section 'Reply'"),
    ("## Answer\n", "", "---", "no section 'Answer'"),
    ("- A paper\n", "", "## Sources", "'Sources' is empty"),
    ("## Sources", "## Errata\n- x\n\n## Errata\n- y\n\n## Sources", "## Errata\n- y", "out of order or here twice"),
    ("## Quiz\n", "## Quiz\nHello\n", "Hello", "before the first quiz item"),
    ("### Where does eps go?", "###", "###\n", "heading of this item is empty"),
    ("> First line.\n>\n> Second line.\n", "", "### Where", "no explanation"),
    ("3. [ ] Nowhere\n   > Then 0/0.", "3. [ ] Nowhere", "3. [ ] Nowhere", "wrong option has no feedback"),
    ("   > Then 0/0.", "   > `eps_inside_root` ·", "3. [ ] Nowhere", "wrong option has no feedback"),
    ("  > Indeed.", "  > `some_mistake` · Indeed.", "- [x] Dogs", "right option names a misconception"),
    ("  > Indeed.", "  > Indeed.\n\n  More.", "- [x] Dogs", "something follows the feedback"),
    ("3. [ ] Nowhere\n   ", "3. [ ] ", "3. [ ]", "this option is empty"),
    ("3. [ ] Nowhere", "3. Nowhere", "3. Nowhere", "no checkbox"),
    ("3. [ ] Nowhere", "3. [x] Nowhere", "1. [ ] Under", "one right option, this has 2"),
    ("2. [x] Beside it", "2. [ ] Beside it\n   > no", "1. [ ] Under", "one right option, this has 0"),
    ("- [x] Cats\n- [x] Dogs", "- [ ] Cats\n  > no\n- [ ] Dogs", "- [ ] Cats", "no right option"),
    ("- [x] Dogs", "- [x] Cats", "- [x] Cats", "two options read 'Cats'"),
    (
        "- [x] Cats\n- [x] Dogs\n  > Indeed.\n- [ ] Stones\n  > No.",
        "- [x] Cats",
        "- [x] Cats",
        "fewer than two options",
    ),
    ("  > Indeed.", "> Indeed.", "- [x] Cats", "indent the quotes"),
    ("1. one\n2. two\n3. three", "Three", "### Put", "no answer form"),
    ("1. one", "1. [X]one", "1. [X]one", "broken checkbox"),
    ("2. two", "2. one", "1. one", "two entries read 'one'"),
    ("| SGD | none |", "| Adam | none |", "| optimiser |", "two left sides read 'Adam'"),
    ("| SGD | none |", "| SGD | |", "| optimiser |", "one of the right sides is empty"),
    ("| optimiser | state |\n|---|---|", "| a | b | c |\n|---|---|---|", "| a | b | c |", "this has 3"),
    ("[[biases]]", "[[biases|]]", "### Fill", "accepts an empty answer"),
    ("1. one", "1. one [[two]]\n1. [ ] x\n   > x", "### Put", "another answer form"),
    ("```python\nprint", "```text\nprint", "```output", "no code"),
    ('print("é")', 'raise SystemExit("oh")', "### What", "fails (oh)"),
    ("0.5\né\n", "0\né\n", "### What", r"prints '0.5\né\n', not '0\né\n'"),
    ("0.5\né\n", "0.5\né\né\n", "### What", r"not '0.5\né\né\n'"),
    ("[this page](17_adam.md", "[that](18_x.md", "- [that]", "'18_x.md' leads nowhere"),
    ("[this page](17_adam.md", "[that](/etc", "- [that]", "'/etc' leads nowhere"),
    (r"\frac{\eta", r"\fraction{\eta", "$$", "can't be drawn"),
    ("Say what it *remembers*.", "Say\nwhat\n$\\wat$ it", r"$\wat$", "can't be drawn"),
    ("Say what it *remembers*.", "Say $ x $", "Say $", "not read as a formula"),
    ("Say what it *remembers*.", "A 3$\\times$3 kernel", "A 3$", "not read as a formula"),
]


@pytest.mark.parametrize(("old", "new", "where", "message"), MISTAKES, ids=[m[3] for m in MISTAKES])
def test_each_mistake_is_found_on_its_line(folder: Path, old: str, new: str, where: str, message: str) -> None:
    assert old in PAGE
    text = PAGE.replace(old, new, 1)
    path = write(folder, text)
    found = [(error.line, error.message) for error in check_page(path)]
    assert [line for line, said in found if message in said] == [line_of(text, where)], found
    assert all("\n" not in said and ": " in said for _, said in found)


def test_the_text_of_an_error(folder: Path) -> None:
    path = write(folder, PAGE.replace("difficulty: 4", "difficulty: hard"))
    with pytest.raises(PageError) as caught:
        parse_page(path)
    assert str(caught.value) == f"{path}:5: difficulty 'hard' is not a level: choose one of 1, 2, 3, 4, 5"


def test_all_mistakes_of_a_page_are_listed_in_order(folder: Path) -> None:
    text = (
        PAGE.replace("difficulty: 4", "difficulty: 9")
        .replace("## Sources", "## Source")
        .replace("   > Then 0/0.\n", "")
    )
    errors = check_page(write(folder, text))
    wanted = [5, line_of(text, "## Source"), line_of(text, "3. [ ] Nowhere")]
    assert [error.line for error in errors] == wanted
    with pytest.raises(PageError) as caught:
        parse_page(folder / "17_adam.md")
    assert caught.value.line == 5


def test_a_page_needs_no_more_than_an_answer(folder: Path) -> None:
    head = PAGE.partition("\n---\n")[0].rpartition("quiz:")[0]
    path = write(folder, f"{head}quiz:\n---\n\n# 17. Explain Adam\n\nHow?\n\n## Answer\nSo.\n")
    assert check_page(path) == []
    question = parse_page(path)
    assert (question.intro, [section.text for section in question.sections], question.items) == ("How?", ["So."], ())
    assert [error.message.partition(":")[0] for error in check_complete(question)] == [
        "the page has no section 'Going deeper'",
        "the page has no section 'Common wrong answers'",
        "the page has no section 'Sources'",
        "the page has no section 'Related'",
        "0 quiz items; at least 4 are due",
    ]


def test_ids_without_a_quiz(folder: Path) -> None:
    text = PAGE.partition("## Quiz")[0]
    (error,) = check_page(write(folder, text))
    assert (error.line, error.message) == (
        line_of(text, "quiz:"),
        "quiz has ids, but there is no section 'Quiz': write it",
    )


def test_parsing_neither_runs_code_nor_follows_links(folder: Path) -> None:
    mark = folder / "ran"
    text = PAGE.replace("print(1 / 2)", f"open({str(mark)!r}, 'w')").replace("(17_adam.md", "(nowhere.md")
    parse_page(write(folder, text))
    assert not mark.exists()


@pytest.mark.parametrize("name", ["17_1_adam.md", "adam.md", "1_adam.md"])
def test_the_number_and_the_file_name_belong_together(folder: Path, name: str) -> None:
    path = write(folder, PAGE, name)
    with pytest.raises(PageError, match="does not fit the file name"):
        parse_page(path)


def test_a_part_of_a_question_has_a_number_with_a_dash(folder: Path) -> None:
    text = PAGE.replace("number: 17\n", "number: 12-3\n").replace("# 17.", "# 12-3.")
    assert parse_page(write(folder, text, "12_3_adam.md")).number == "12-3"


def test_a_page_in_an_unknown_language(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="is no known language"):
        parse_page(write(tmp_path))


def test_a_page_that_is_not_there_or_not_utf8(folder: Path) -> None:
    with pytest.raises(PageError, match=r"17_no\.md:1: the page can't be read"):
        parse_page(folder / "17_no.md")
    path = folder / "17_adam.md"
    path.write_bytes(b"---\nnumber: 17\ntitle: \xff\n")
    assert [error.line for error in check_page(path)] == [3]


def test_code_that_runs_for_too_long(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.questions.check.SECONDS", 0.5)
    errors = check_page(write(folder, PAGE.replace("print(1 / 2)", "while True: pass")))
    assert [re.search("ran for over", error.message) is not None for error in errors] == [True]


def test_emphasis_nested_too_deep(folder: Path) -> None:
    errors = check_page(write(folder, PAGE.replace("Say what", "*a _b " * 3000 + "_ *" * 3000)))
    assert [(error.line, "hundreds deep" in error.message) for error in errors] == [(1, True)]


# --- front matter alone -----------------------------------------------------------------------------------------


def test_front_matter_alone_ignores_the_rest(folder: Path) -> None:
    head = front_matter.read(write(folder, PAGE[: PAGE.index("# 17.")] + "anything"))
    assert head[:4] == ("17", "Explain Adam", "optimisation", 4)
    assert head.prerequisites == ("13", "17-3")
    assert head.quiz[0] == "where-eps"
    assert head.lines["quiz"] == 7


def test_prerequisites_may_be_empty(folder: Path) -> None:
    assert (
        front_matter.read(write(folder, PAGE.replace("prerequisites: 13, 17-3", "prerequisites:"))).prerequisites == ()
    )


def test_front_matter_alone_is_strict(folder: Path) -> None:
    with pytest.raises(PageError) as caught:
        front_matter.read(write(folder, PAGE.replace("difficulty: 4", "difficulty: 4.5")))
    assert caught.value.line == 5


# --- any text at all --------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *PAGE.splitlines(keepends=True),
        "\n",
        "> ",
        "1. [ ] ",
        "- [x] ",
        "$",
        "$$\n",
        "[[",
        "]]",
        "**1** ± 2\n",
        "|",
        "\x00",
        "`",
        "    ",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=300).map(lambda text: text.replace("\r", "\n")), st.lists(PIECES, max_size=60).map("".join)
)
HEAD = PAGE[: PAGE.index("## Answer")]
QUIZ = PAGE[PAGE.index("## Answer") : PAGE.index("### Where")]


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.sampled_from(["", HEAD, HEAD + QUIZ + "### A\n"]))
def test_arbitrary_text_is_a_page_or_has_mistakes(text: str, start: str) -> None:
    problems = Problems("en/17_adam.md")
    page = parse_text(start + text, Path("en/17_adam.md"), problems)
    assert (page is None) == bool(problems.found)
    lines = (start + text).count("\n") + 1
    assert all(1 <= error.line <= lines for error in problems.found)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.one_of(st.binary(max_size=200), TEXTS.map(lambda text: (HEAD + text).encode(errors="replace"))))
def test_arbitrary_bytes_raise_nothing_but_page_errors(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "en" / "17_adam.md"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    errors = check_page(path)
    try:
        parse_page(path)
    except PageError as error:
        assert str(error) in {str(found) for found in errors}


# --- formulas ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tex", "art"),
    [
        (r"x^2", "x²"),
        (r"\lVert\bm x\rVert_2", "∥𝐱∥₂"),
        (r"\operatorname{softmax}(z)_i", "softmax(z)ᵢ"),
        (r"\operatorname*{argmax}_x f(x)", "argmaxₓ f(x)"),
        (r"n\log n", "n log n"),
        (r"a \bmod b", "a mod b"),
        (r"\frac{a}{b}", " a\n╶─╴\n b"),
    ],
)
def test_drawing_a_formula(tex: str, art: str) -> None:
    drawn = formula.render(tex)
    assert drawn is not None
    assert drawn.strip("\n") == art or drawn == "\n".join(row.removeprefix(" ") for row in art.split("\n"))


@pytest.mark.parametrize(
    ("tex", "art"),
    [
        (r"W^\top x", "Wᵀx"),
        (r"p_\theta", "p_θ"),
        (r"\mathbb{R}^{n\times d}", "ℝ^(n×d)"),
        (r"\beta_1^t", "β₁ᵗ"),
        (r"\frac{1}{2}", "1/2"),
        (r"2\frac{1}{3}", "2(1/3)"),
        (r"\frac{1}{n}\sum_i x_i", "(1/n)∑ᵢxᵢ"),
        (r"\alpha\log\frac{a+b}{c}", "α log((a+b)/c)"),
        (r"\frac{QK^\top}{\sqrt{d_k}}", "(QKᵀ)/√(dₖ)"),
        (r"\cdot\sqrt{ab}", "⋅√(ab)"),
        (r"a^\prime", "a′"),
    ],
)
def test_drawing_a_formula_on_one_line(tex: str, art: str) -> None:
    assert formula.render_inline(tex) == art


@pytest.mark.parametrize(
    "tex", ["", " ", r"\wat{x}", r"\frac{", "}", "x^", r"\limits", "a & b", r"\frac" * 500, "{" * 5000, "x×y"]
)
def test_what_cannot_be_drawn(tex: str) -> None:
    assert formula.render(tex) is None
    assert formula.render_inline(tex) is None


def test_a_matrix_takes_several_lines() -> None:
    matrix = r"\begin{pmatrix}1 & 2\\3 & 4\end{pmatrix}"
    assert formula.render(matrix) == "⎛1 2⎞\n⎝3 4⎠"
    assert formula.render_inline(matrix) is None


TEX_PIECES = [
    *(r"\frac", r"\sqrt", r"\sum", r"\log", r"\left(", r"\right)", r"\begin{cases}", r"\end{cases}", r"\text", r"\hat"),
    *"^_{}[]&+()'x1é",
    r"\\",
]


def test_deep_nesting_is_not_drawn_on_one_line() -> None:
    assert formula.render_inline("{" * 3000 + r"\frac12" + "}" * 3000) is None


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(TEX_PIECES), max_size=12).map(" ".join))
def test_drawing_never_raises(tex: str) -> None:
    one_line = formula.render_inline(tex)
    assert one_line is None or "\n" not in one_line
    formula.render(tex)


# --- the terminal -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_page_fits_the_terminal(question: Question, width: int) -> None:
    text = show(question, width, colour=False, encoding="utf-8")
    assert max(map(len, text.split("\n"))) <= width
    assert "\x1b" not in text
    assert "17. Explain Adam" in text
    assert "m̂ₜ" in text
    assert "∥𝐱∥₂" in text
    assert "⎛1 2⎞" in text
    assert "╶─" in text
    assert "x = [[1, 2]]" in text
    assert text.count("https://example.org") == 1
    assert "Common wrong answers" in text


def test_the_quiz_is_not_shown(question: Question) -> None:
    text = show(question, 80, colour=False, encoding="utf-8")
    assert "Quiz" not in text
    assert "Beside it" not in text


def test_colour(question: Question) -> None:
    coloured = show(question, 80, colour=True, encoding="utf-8")
    assert "\x1b[" in coloured
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    rows = [row.rstrip() for row in plain.split("\n")]
    assert rows == show(question, 80, colour=False, encoding="utf-8").split("\n")


def test_an_ascii_terminal(question: Question) -> None:
    text = show(question, 80, colour=False, encoding="ascii")
    assert text.isascii()
    assert r"$\hat m_t$" in text
    assert r"\begin{pmatrix}" in text
    assert "stands alone - it costs $5." in text
    assert "?" not in text


def test_a_formula_that_is_too_wide_shows_its_source(folder: Path) -> None:
    wide = " + ".join(rf"\frac{{a_{{{n}}}}}{{b}}" for n in range(10, 40))
    page = parse_page(
        write(folder, PAGE.replace(r"\theta \leftarrow \theta - \frac{\eta \hat m}{\sqrt{\hat v}}", wide))
    )
    text = show(page, 40, colour=False, encoding="utf-8")
    assert max(map(len, text.split("\n"))) <= 40
    assert r"\frac{a_{10}}{b}" in text


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(text=TEXTS, width=st.sampled_from([10, 40, 80]), encoding=st.sampled_from(["utf-8", "ascii", "cp949"]))
def test_any_markdown_can_be_shown(question: Question, text: str, width: int, encoding: str) -> None:
    show(question.model_copy(update={"intro": text}), width, colour=False, encoding=encoding).encode(encoding)


def test_long_words_in_narrow_tables_are_kept(folder: Path) -> None:
    table = "| name | norm |\n|---|---|\n| " + "a" * 60 + " | b |"
    page = parse_page(
        write(folder, PAGE.replace("| name | norm |\n|---|---|\n| L2 | $\\lVert\\bm x\\rVert_2$ |", table))
    )
    text = show(page, 40, colour=False, encoding="utf-8")
    assert text.count("a" * 10) >= 5
    assert "…" not in text
