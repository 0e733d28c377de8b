"""Imports go one way: every module names its layer here, and imports only from its own layer or from below.

Imports inside functions count; modules started as processes of their own (the zygote by `warm`) are not imported.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = {
    "words": [
        "__init__",
        "errors",
        "limits",
        "profiles",
        "text",
        "files",
        "fresh",
        "spec",
        "predictions",
        "wire",
        "outcome",
        "models",
    ],
    "content": [
        "kit",
        "face",
        "data",
        "data.sets",
        "data.idx",
        "data.find",
        "data.download",
        "data.synthetic",
        "split",
        "images",
        "questions",
        "questions.problems",
        "questions.front_matter",
        "questions.model",
        "questions.document",
        "questions.forms",
        "questions.items",
        "questions.page",
        "questions.flat_formula",
        "questions.formula",
        "questions.check",
        "questions.languages",
        "questions.bank",
        "questions.imported",
        "questions.rich_page",
        "questions.terminal",
    ],
    "the untrusted side": [
        "worker",
        "sandbox",
        "sandbox.kernel",
        "sandbox.limits",
        "sandbox.descriptors",
        "sandbox.interpreter",
        "sandbox.trees",
        "sandbox.privileges",
        "sandbox.landlock",
        "sandbox.calls_x86_64",
        "sandbox.seccomp",
        "sandbox.jail",
        "sandbox.bubblewrap",
    ],
    "compare": ["reasons", "compare", "cases", "judgement", "diagnose", "lessons"],
    "run": ["warmup", "run", "forked", "spawned", "listening", "devices", "submission"],
    "grade": ["known_answers", "answer_key", "training", "grading", "judge"],
    "processes": ["zygote", "warm", "engine", "lanes", "helped"],
    "batch": [
        "batch",
        "batch.model",
        "batch.scheme",
        "batch.scheme_file",
        "batch.course",
        "batch.choice",
        "batch.gradebook",
        "batch.results",
        "batch.shard",
        "batch.names",
        "batch.cells",
        "batch.sources",
        "batch.spreadsheet",
        "batch.isolation",
        "batch.feedback",
        "batch.running",
        "batch.journal",
        "batch.fingerprint",
        "batch.secret",
        "batch.task",
        "batch.attention",
        "batch.likeness",
        "batch.handing",
        "batch.cluster",
        "batch.archives",
        "batch.zips",
        "batch.tapes",
        "batch.member",
        "batch.submitted",
        "batch.walking",
        "batch.layouts",
        "batch.gradescope",
        "batch.gathering",
        "batch.placing",
        "batch.source",
        "batch.notebooks",
        "batch.called",
        "batch.roster",
        "batch.identity",
        "batch.intake",
    ],
    "report": [
        "report",
        "report.style",
        "report.prose",
        "report.numbers",
        "report.axis",
        "report.course",
        "report.curve",
        "report.picture",
        "report.training",
        "report.terminal",
    ],
    "learner": [
        "workspace",
        "store",
        "records",
        "curriculum",
        "guidance",
        "training_choice",
        "quiz",
        "quiz.deck",
        "quiz.serving",
        "quiz.marking",
        "quiz.typed",
        "quiz.session",
        "quiz.memory",
        "quiz.exam",
    ],
    "export": ["export", "export.texts", "export.anki", "export.moodle", "export.qti"],
    "author": ["dev", "dev.matrix", "dev.rehearsal", "dev.proof", "dev.mutate", "dev.new"],
    "publish": [
        "publish.student_result",
        "publish.folder",
        "publish.hands",
        "setup",
        "setup.archive",
        "setup.wheel",
        "setup.plan",
        "setup.shell",
        "setup.gradescope",
        "setup.github",
        "setup.gitlab",
        "setup.summary",
        "publish",
        "publish.markup",
        "publish.speaking",
        "publish.judged",
        "publish.told",
        "publish.readable",
        "publish.overview",
        "publish.charts",
        "publish.strips",
        "publish.class_page",
        "publish.student_page",
        "publish.student_text",
        "publish.lines",
        "publish.tables",
        "publish.people",
        "publish.filling",
        "publish.canvas",
        "publish.moodle",
        "publish.sheets",
        "publish.junit",
        "publish.gradescope",
        "publish.classroom50",
    ],
    "watch": [
        "watch",
        "watch.files",
        "watch.keys",
        "watch.signals",
        "watch.terminal",
        "watch.rows",
        "watch.words",
        "watch.bench",
        "watch.trail",
        "watch.session",
        "watch.screen",
        "watch.views",
        "watch.loop",
    ],
    "faces": [
        "cli",
        "cli.ending",
        "cli.options",
        "cli.browse",
        "cli.learn",
        "cli.check",
        "cli.attempt",
        "cli.commands",
        "cli.watch",
        "cli.live",
        "cli.data",
        "cli.verify",
        "cli.grade",
        "cli.grading",
        "cli.tally",
        "cli.bar",
        "cli.doctor",
        "cli.dev",
        "cli.words",
        "cli.dialog",
        "cli.result",
        "cli.sitting",
        "cli.quiz",
        "cli.exchange",
        "cli.setup",
        "cli.sources",
        "notebook",
        "notebook.statements",
        "notebook.living",
        "notebook.aliases",
        "notebook.effects",
        "notebook.collecting",
        "notebook.session",
        "notebook.road",
        "notebook.apart",
        "notebook.page",
        "notebook.result",
        "notebook.progress",
        "helper",
        "pytest_plugin",
        "pytest_cases",
        "pytest_cases.listing",
        "pytest_cases.attempt",
        "pytest_cases.nodes",
        "pytest_cases.session",
        "__main__",
    ],
}
LAYER_OF = {module: number for number, modules in enumerate(LAYERS.values()) for module in modules}

# Modules that keep to themselves: all of ours that they may import.
ALONE = {
    "errors": set(),
    "limits": set(),
    "spec": {"limits"},
    "text": set(),
    "wire": {"text"},
    "models": set(),
    "outcome": {"text", "wire"},
    "worker": {"wire"},
    "reasons": {"spec"},
    "face": {"errors"},
    "kit": {"errors"},
    "store": {"errors"},
    "warm": {"errors", "limits", "fresh", "sandbox.bubblewrap"},
    "fresh": set(),
    "profiles": set(),
}


def name_of(path: Path) -> str:
    """`questions.page` for grader/questions/page.py, `questions` for its package, `__init__` for grader itself."""
    parts = path.relative_to(ROOT / "grader").with_suffix("").parts
    return ".".join(parts[:-1]) if parts[-1] == "__init__" and parts[:-1] else ".".join(parts)


FILES = {name_of(path): path for path in sorted((ROOT / "grader").rglob("*.py")) if "templates" not in path.parts}


def imported(module: str) -> Iterator[str]:
    """Full dotted names that a module imports, wherever in its text."""
    path = FILES[module]
    package = ["grader", *path.relative_to(ROOT / "grader").parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            start = ".".join([*base, *([node.module] if node.module else [])])
            yield from (f"{start}.{alias.name}" for alias in node.names)


def ours(module: str) -> set[str]:
    """Modules of grader that a module imports."""
    found = set()
    for name in imported(module):
        parts = name.split(".")
        if parts[0] == "grader":
            inside = [".".join(parts[1:end]) for end in range(len(parts), 1, -1)]
            found.add(next((one for one in inside if one in FILES), "__init__"))
    return found - {module}


def test_every_module_has_a_layer() -> None:
    listed = [module for modules in LAYERS.values() for module in modules]
    assert len(listed) == len(set(listed))
    assert set(FILES) - set(listed) == set(), "place new modules in LAYERS"
    assert set(listed) - set(FILES) == set(), "these modules are gone"


@pytest.mark.parametrize("module", FILES)
def test_imports_stay_in_the_layer_or_go_down(module: str) -> None:
    assert {other for other in ours(module) if LAYER_OF[other] > LAYER_OF[module]} == set()


def test_imports_have_no_cycles() -> None:
    order = list(TopologicalSorter({module: ours(module) for module in FILES}).static_order())
    assert order.index("wire") < order.index("compare") < order.index("grading") < order.index("cli.check")


@pytest.mark.parametrize("module", ALONE)
def test_modules_that_keep_to_themselves(module: str) -> None:
    assert ours(module) <= ALONE[module]


@pytest.mark.parametrize("package", ["sandbox", "questions", "report"])
def test_packages_that_keep_to_themselves(package: str) -> None:
    inside = {module for module in FILES if module.split(".")[0] == package}
    assert len(inside) > 1
    assert set.union(*map(ours, inside)) <= inside | {"errors", "models", "text"}


def test_the_sandbox_and_the_words_need_the_standard_library_alone() -> None:
    for module in FILES:
        if module in ("errors", "kit", "face") or module.split(".")[0] == "sandbox":
            foreign = {name.split(".")[0] for name in imported(module)} - set(sys.stdlib_module_names) - {"grader"}
            assert foreign == set(), module


def test_the_worker_needs_numpy_and_the_wire_format_alone() -> None:
    foreign = {name.split(".")[0] for name in [*imported("worker"), *imported("wire")]}
    assert foreign - set(sys.stdlib_module_names) <= {"numpy", "torch", "grader"}
    assert ours("worker") == {"wire"} and ours("wire") == {"text"} and ours("text") == set()


def test_content_is_apart_from_the_engine() -> None:
    for path in (ROOT / "grader").rglob("*.py"):
        text = path.read_text("utf-8")
        for stem in [path.stem for path in (ROOT / "exercises").glob("ex*.py")]:
            assert stem not in text or path.name == "kit.py", f"{path} knows {stem}"


# What is loaded

HEAVY = ("numpy", "torch", "pydantic", "rich")
LOADED = "import sys; print([name for name in {heavy!r} if name in sys.modules])"
COMMAND = """
import contextlib, io, sys
sys.argv = ["dlgrade", *{arguments!r}]
import grader.__main__
from grader.cli import run
with contextlib.redirect_stdout(io.StringIO()) as out:
    assert run() == 0
assert len(out.getvalue()) > 100
"""


def loaded(code: str) -> str:
    """Which of the heavy libraries a fresh interpreter has loaded once it has run `code`."""
    command = [sys.executable, "-c", f"{code}\n{LOADED.format(heavy=HEAVY)}"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60).stdout.strip()


def test_heavy_libraries_would_be_noticed() -> None:
    assert loaded("import grader.compare") == "['numpy']"


@pytest.mark.parametrize("modules", ["grader.cli, grader.warm", "grader.kit, grader.engine", "grader.cli.check"])
def test_the_command_line_loads_nothing_heavy(modules: str) -> None:
    assert loaded(f"import {modules}") == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["check", "--help"], ["list"], ["dev", "--help"]], ids=" ".join)
def test_light_commands_load_nothing_heavy(arguments: list[str]) -> None:
    assert loaded(COMMAND.format(arguments=arguments)) == "[]"


def test_a_check_without_options_does_without_click() -> None:
    solution = next((ROOT / "solutions").glob("ex12_3_*.py"))
    check = COMMAND.format(arguments=["check", "12-3", str(solution)])
    assert loaded(f"{check}\nassert 'click' not in sys.modules") in ("[]", "['numpy']")  # the latter if judged here
    assert "click" in loaded(f"import grader.cli.commands\n{LOADED.format(heavy=('click',))}")


def test_a_report_is_written_without_pydantic() -> None:
    assert loaded("import grader.models") == "[]"
