"""benchmarks/training: what it measures, tells and writes, on a few synthetic digits. No times are judged here."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "training"


@pytest.fixture
def tools(monkeypatch):
    """The folder's modules are found, as they are when it is run."""
    monkeypatch.syspath_prepend(FOLDER)


def means(images, labels, seed, device):
    """A recipe: the nearest mean image."""
    means = np.stack([images[labels == c].mean(axis=0).ravel() for c in range(10)])
    return lambda images: ((images.reshape(-1, 1, 784) - means) ** 2).sum(axis=2).argmin(axis=1)


def lucky(images, labels, seed, device):
    """A recipe that is as good as the one above with every seed but 1."""
    predict = means(images, labels, seed, device)
    return lambda images: (predict(images) + (seed == 1)) % 10


def command(*arguments, state):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DLGRADE_")}
    env = {**kept, "DLGRADE_STATE": str(state), "DLGRADE_DATA": str(state / "nothing")}
    done = [sys.executable, str(FOLDER), *map(str, arguments)]
    return subprocess.run(done, capture_output=True, text=True, env=env, timeout=120)


def test_a_recipe_is_measured_with_every_seed(tools):
    from digits import drawn
    from measure import measure
    from recipe import Recipe

    result = measure(Recipe("nearest mean", 0.5, means), drawn(600), range(3), "cpu")
    assert [run.seed for run in result.runs] == [0, 1, 2]
    assert 0.5 < min(result.accuracies) == max(result.accuracies) < 0.99
    assert result.seconds > 0
    assert result.reached


def test_one_seed_below_the_target_is_enough_to_fail(tools):
    import show
    from digits import drawn
    from measure import measure
    from recipe import Recipe

    digits = drawn(600)
    for seeds, word in ((1, "above"), (2, "BELOW")):
        result = measure(Recipe("lucky", 0.5, lucky, lines=7), digits, range(seeds), "cpu")
        assert result.reached == (word == "above")
        assert word in show.row(result)
        assert json.loads(show.document(digits, {}, [result]))["recipes"][0]["reached"] == result.reached


def test_the_command_prints_a_table_and_writes_json(tmp_path):
    out = tmp_path / "out.json"
    done = command("--synthetic", 400, "--seeds", 1, "--only", "numpy MLP, 97 %", "--json", out, state=tmp_path)
    assert done.stderr == ""
    *_, header, row = done.stdout.splitlines()
    assert "synthetic digits, not MNIST: 400 to train on, 200 to test on" in done.stdout
    assert header.split()[0] == "recipe" and row.startswith("numpy MLP, 97 %")
    found = json.loads(out.read_text())
    assert (found["schema"], found["data"]) == ("dlgrade/training-benchmark/1", "synthetic digits, not MNIST")
    (recipe,) = found["recipes"]
    (run,) = recipe["runs"]
    assert 0.2 < run["accuracy"] == recipe["accuracy"]["mean"] <= 1 and run["seconds"] > 0
    assert recipe["lines"] > 10 and recipe["mark"] == 0.45
    assert done.returncode == (0 if recipe["reached"] else 1)


def test_without_mnist_it_says_how_to_get_it(tmp_path):
    done = command("--only", "numpy MLP, 97 %", state=tmp_path)
    assert done.returncode == 2
    assert "dlgrade data get mnist" in done.stderr


def test_a_name_that_no_recipe_has_is_an_error(tmp_path):
    done = command("--synthetic", 100, "--only", "numpy MLP, 70 %", state=tmp_path)
    assert done.returncode == 2
    assert "numpy MLP, 97 %" in done.stderr


def test_a_picture_is_drawn(tools, tmp_path):
    pytest.importorskip("matplotlib")
    import show
    from digits import drawn
    from measure import measure
    from recipe import Recipe

    digits, path = drawn(300), tmp_path / "out.svg"
    recipes = [Recipe("numpy MLP, 97 %", 0.5, means), Recipe("a recipe without a mark", 0.5, lucky)]
    show.picture(path, digits, [measure(recipe, digits, range(2), "cpu") for recipe in recipes], "cpu")
    assert path.read_text().lstrip().startswith("<?xml")


def test_lines_are_counted_without_comments_and_docstrings(tools):
    from source import lines

    assert lines(means) == 3
    assert lines(means, lucky) == 6


def test_every_mark_belongs_to_a_recipe(tools):
    pytest.importorskip("torch")
    from marks import MARKS
    from recipes import on

    assert {recipe.name for device in ("cpu", "cuda") for recipe in on(device)} >= set(MARKS)


def test_what_runs_on_a_gpu_learns_on_the_cpu_too(tools):
    pytest.importorskip("torch")
    from digits import drawn
    from measure import measure
    from recipes import on

    digits = drawn(1500)
    for recipe in on("cuda"):
        assert min(measure(recipe, digits, [0], "cpu").accuracies) > 0.6
