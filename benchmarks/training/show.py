"""Results for people and for programs: a table, a document in JSON, a picture."""

import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import mean
from typing import Any

from digits import Digits
from marks import MARKS
from measure import Result

from grader import devices

HEADER = f"{'recipe':30}{'lines':>6}{'target':>8}   {'accuracy: min, mean, max in %':30}{'every seed':>12}"
SCHEMA = "dlgrade/training-benchmark/1"


def machine(device: str) -> dict[str, Any]:
    """What the times depend on."""
    load = round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None
    facts = {"device": device, "processor": devices.processor(), "cores": os.cpu_count(), "load": load}
    facts["device_name"] = devices.name(device)
    return facts | {"python": platform.python_version(), "numpy": version("numpy"), "torch": _version("torch")}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def heading(digits: Digits, seeds: int, facts: dict[str, Any]) -> str:
    """What was done, on what, and the first line of the table."""
    where = f"{facts['device_name']}, {facts['cores']} cores, load {facts['load']}"
    versions = ", ".join(f"{name} {facts[name]}" for name in ("python", "numpy", "torch") if facts[name])
    sizes = f"{len(digits.images):,} to train on, {len(digits.test_images):,} to test on"
    unit = "CPU s" if facts["device"] == "cpu" else "s"
    how = "one thread" if facts["device"] == "cpu" else "one warm-up before, and the clock waits for the GPU"
    times = f"{unit:>10}{'mark':>9}"
    return f"{digits.label}: {sizes}. Seeds: {seeds}; {how}.\n{where}; {versions}\n\n{HEADER}{times}"


def row(result: Result) -> str:
    """One line of the table."""
    recipe, found = result.recipe, result.accuracies
    accuracies = "".join(f"{100 * value:7.2f}" for value in (min(found), mean(found), max(found)))
    verdict = "above" if result.reached else "BELOW"
    mark = MARKS.get(recipe.name)
    times = f"{result.seconds:10.2f}" + (f"{mark:9.2f}" if mark else "")
    return f"{recipe.name:30}{recipe.lines or '':>6}{100 * recipe.target:>8g}   {accuracies:30}{verdict:>12}{times}"


def document(digits: Digits, facts: dict[str, Any], results: list[Result]) -> str:
    """Everything in JSON. `seconds` are medians, of CPU time; on a GPU of wall time."""
    return json.dumps(
        {
            "schema": SCHEMA,
            "data": digits.label,
            "images": len(digits.images),
            "test_images": len(digits.test_images),
            "machine": facts,
            "recipes": [_document(result) for result in results],
        },
        indent=2,
    )


def _document(result: Result) -> dict[str, Any]:
    recipe, found = result.recipe, result.accuracies
    return {
        "name": recipe.name,
        "lines": recipe.lines,
        "target": recipe.target,
        "accuracy": {"min": min(found), "mean": mean(found), "max": max(found)},
        "reached": result.reached,
        "seconds": result.seconds,
        "mark": MARKS.get(recipe.name),
        "runs": [run._asdict() for run in result.runs],
    }


def picture(path: Path, digits: Digits, results: list[Result], device: str) -> None:
    """Accuracy over time: every run, and the marks to beat as crosses at their targets."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for number, result in enumerate(results):
        colour = f"C{number}"
        axes.scatter([run.seconds for run in result.runs], [100 * a for a in result.accuracies], s=18, color=colour)
        axes.plot([], [], "o", color=colour, label=result.recipe.name)
        if mark := MARKS.get(result.recipe.name):
            axes.plot(mark, 100 * result.recipe.target, "x", color=colour, markersize=9)
    axes.plot([], [], "x", color="0.3", label="to beat: the target, in a simpler recipe's time")
    axes.set_xscale("log")
    axes.set_xlabel("CPU seconds, one thread" if device == "cpu" else f"seconds on {device}")
    axes.set_ylabel(f"accuracy on test images, % ({digits.label})")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(fontsize="small")
    figure.savefig(path)
