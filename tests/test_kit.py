"""Finding a kit and its exercises by the names of its files alone."""

import ast
import sys
from pathlib import Path

import pytest

from grader import kit
from grader.errors import KitError, UsageError
from grader.kit import Entry
from tests import toy

STEMS = [
    "ex100_last_words",
    "ex02_losses_and_their_gradients",
    "ex12_3_dead_relu_clinic",
    "ex12_10_masks",
    "ex12_why_depth",
    "ex17_sgd_rmsprop_adam",
    "ex20_2_gpu_memory_estimator",
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A kit of empty stubs."""
    (tmp_path / "exercises").mkdir()
    for stem in STEMS:
        (tmp_path / "exercises" / f"{stem}.py").touch()
    return tmp_path


# Stems


@pytest.mark.parametrize(
    ("stem", "number", "slug", "page"),
    [
        ("ex02_losses_and_their_gradients", "2", "losses_and_their_gradients", "02_losses_and_their_gradients.md"),
        ("ex12_3_dead_relu_clinic", "12-3", "dead_relu_clinic", "12_3_dead_relu_clinic.md"),
        ("ex12_10_masks", "12-10", "masks", "12_10_masks.md"),
        ("ex17_a", "17", "a", "17_a.md"),
        ("ex100_z9_2", "100", "z9_2", "100_z9_2.md"),
    ],
)
def test_a_stem_says_it_all(stem: str, number: str, slug: str, page: str) -> None:
    entry = kit.entry_of(Path("k"), stem)
    assert entry is not None
    assert (entry.number, entry.slug, entry.page_name) == (number, slug, page)
    assert entry.stub == Path("k/exercises") / f"{stem}.py"
    assert entry.solution == Path("k/solutions") / f"{stem}.py"
    assert entry.spec == Path("k/solutions/specs") / f"{stem}.py"
    assert entry.page() == Path("k/questions/en") / page
    assert entry.page("ko") == Path("k/questions/ko") / page


@pytest.mark.parametrize(
    "stem",
    ["", "ex", "ex7_adam", "ex17", "ex17_", "ex17_Adam", "17_adam", "ex17_3", "ex17_0_x", "ex17_03_x", "ex17-adam"],
)
def test_other_names_are_no_stems(stem: str) -> None:
    assert kit.entry_of(Path("k"), stem) is None


def test_exercises_come_in_the_order_of_their_numbers(made: Path) -> None:
    for name in ("__init__.py", "notes.md", "ex7_short.py", "helpers.py"):
        (made / "exercises" / name).touch()
    assert [entry.number for entry in kit.entries(made)] == ["2", "12", "12-3", "12-10", "17", "20-2", "100"]


def test_a_kit_without_exercises_is_empty_and_one_without_folder_an_error(tmp_path: Path) -> None:
    (tmp_path / "exercises").mkdir()
    assert kit.entries(tmp_path) == []
    with pytest.raises(KitError, match=r"exercises can't be read \(No such file or directory\); check `--kit`"):
        kit.entries(tmp_path / "nowhere")


# What people type


@pytest.mark.parametrize(
    ("typed", "stem"),
    [
        ("17", "ex17_sgd_rmsprop_adam"),
        ("017", "ex17_sgd_rmsprop_adam"),
        ("ex17", "ex17_sgd_rmsprop_adam"),
        ("EX17", "ex17_sgd_rmsprop_adam"),
        ("q17", "ex17_sgd_rmsprop_adam"),
        ("sgd_rmsprop_adam", "ex17_sgd_rmsprop_adam"),
        ("sgd-rmsprop-adam", "ex17_sgd_rmsprop_adam"),
        ("ex17_sgd_rmsprop_adam", "ex17_sgd_rmsprop_adam"),
        ("17_sgd_rmsprop_adam", "ex17_sgd_rmsprop_adam"),
        ("some/where/ex17_sgd_rmsprop_adam.py", "ex17_sgd_rmsprop_adam"),
        ("2", "ex02_losses_and_their_gradients"),
        ("02", "ex02_losses_and_their_gradients"),
        ("12", "ex12_why_depth"),
        ("12-3", "ex12_3_dead_relu_clinic"),
        ("12_3", "ex12_3_dead_relu_clinic"),
        ("12.3", "ex12_3_dead_relu_clinic"),
        ("ex12_3", "ex12_3_dead_relu_clinic"),
        ("12-10", "ex12_10_masks"),
        ("masks", "ex12_10_masks"),
        ("100", "ex100_last_words"),
    ],
)
def test_an_exercise_is_found_by(made: Path, typed: str, stem: str) -> None:
    assert kit.find(made, typed).stem == stem


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("12-4", "no exercise 12-4; did you mean 12 (why_depth) or 12-3 (dead_relu_clinic) or 12-10 (masks)?"),
        ("20", "no exercise 20; did you mean 20-2 (gpu_memory_estimator)?"),
        ("gpu_memory_estmator", "no exercise gpu_memory_estmator; did you mean 20-2 (gpu_memory_estimator)?"),
        ("adm", "no exercise adm; did you mean 17 (sgd_rmsprop_adam)?"),
        ("999", "no exercise 999; `dlgrade list` shows all"),
        ("", "no exercise ; `dlgrade list` shows all"),
        ("..", "no exercise ..; `dlgrade list` shows all"),
        ("/", "no exercise /; `dlgrade list` shows all"),
    ],
)
def test_what_is_not_found_gets_close_matches(made: Path, typed: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        kit.find(made, typed)
    assert str(caught.value) == message


# Libraries


@pytest.mark.parametrize(
    ("text", "libraries"),
    [
        ("", ()),
        ("import numpy as np\n", ("numpy",)),
        ("import torch\nimport numpy\n", ("numpy", "torch")),
        ("import torch.nn.functional as F  # layers\r\nimport torch\r\n", ("torch",)),
        ("from scipy.special import erf\n", ("scipy",)),
        ("import math\nfrom collections.abc import Iterator\nimport numpy as np", ("numpy",)),
        ("from __future__ import annotations\nimport numpy\n", ("numpy",)),
        ('"""Start\nfrom scratch, and\nimport nothing of note.\nfrom numpy alone.\n"""\nimport numpy\n', ("numpy",)),
        ("def f():\n    import torch\n", ()),
        ("# import torch\nx = 'import torch'\n", ()),
        ("from . import helpers\n", ()),
    ],
)
def test_libraries_are_what_the_stub_imports(made: Path, text: str, libraries: tuple[str, ...]) -> None:
    entry = kit.find(made, "17")
    entry.stub.write_bytes(text.encode())
    assert entry.libraries() == libraries


@pytest.mark.parametrize("entry", kit.entries(kit.builtin()), ids=lambda entry: entry.number)
def test_libraries_of_the_built_in_kit_are_those_python_sees(entry: Entry) -> None:
    found = set()
    for node in ast.parse(entry.stub.read_text("utf-8")).body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    assert set(entry.libraries()) == found - set(sys.stdlib_module_names)


# Where a kit is


def test_the_built_in_kit_has_its_three_folders() -> None:
    assert kit.locate() == kit.builtin()
    assert {"exercises", "solutions", "questions"} <= {path.name for path in kit.builtin().iterdir()}
    assert kit.entries(kit.builtin())


def test_another_kit_is_named_by_option_or_environment(
    made: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert kit.locate(str(made)) == made
    monkeypatch.setenv("DLGRADE_KIT", str(made))
    assert kit.locate() == made
    assert kit.locate(str(toy.KIT)) == toy.KIT
    monkeypatch.setenv("HOME", str(made.parent))
    assert kit.locate(f"~/{made.name}") == made
    monkeypatch.chdir(made)
    assert kit.locate(".") == made
    monkeypatch.setenv("DLGRADE_KIT", "")
    assert kit.locate() == kit.builtin()


@pytest.mark.parametrize("name", ["nowhere", "exercises", "exercises/ex17_sgd_rmsprop_adam.py"])
def test_what_is_not_a_kit_is_wrong_usage(made: Path, name: str) -> None:
    with pytest.raises(
        UsageError,
        match=f"{name} is not a kit: it has no `exercises` or `questions`; give a folder that has one",
    ):
        kit.locate(str(made / name))


# Loading


def test_a_missing_partner_is_named(made: Path) -> None:
    entry = kit.find(made, "17")
    with pytest.raises(
        KitError, match=f"{entry.spec} is missing; every exercise needs a stub, a solution, a spec and a page"
    ):
        kit.load_spec(entry)
    with pytest.raises(KitError, match=f"{entry.solution} is missing"):
        kit.load_solution(entry)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "binds no `exercise`; end it with `exercise = Exercise"),
        ("exercise = (\n", "can't be loaded (SyntaxError: '(' was never closed"),
        ("1 / 0\n", "can't be loaded (ZeroDivisionError: division by zero); mend it"),
        ("import nothing_of_this_name\n", "No module named 'nothing_of_this_name'); run `pip install nothing_of_this"),
        ("import os.nothing_of_this_name\n", "'os' is not a package); mend it"),
        ("raise ModuleNotFoundError('here', name='torch')\n", "(ModuleNotFoundError: here); run `pip install torch --"),
    ],
)
def test_a_broken_spec_is_the_authors_to_mend(tmp_path: Path, text: str, message: str) -> None:
    entry = toy.copy(tmp_path)
    entry.spec.write_text(text)
    with pytest.raises(KitError) as caught:
        kit.load_spec(entry)
    assert str(entry.spec) in str(caught.value) and message in str(caught.value)


def test_each_load_is_a_module_of_its_own() -> None:
    one, other = kit.load_solution(toy.ENTRY), kit.load_solution(toy.ENTRY)
    assert one is not other and one.Counter is not other.Counter
