"""What figures depend on: the processor, the system, versions, isolation, and what else is running."""

import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any


def facts() -> dict[str, Any]:
    from grader.devices import cores, processor
    from grader.sandbox import available, bubblewrap

    layers = [layer for layer, problem in available().items() if problem is None]
    return {
        "processor": processor(),
        "cores": cores(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "numpy": version("numpy"),
        "torch": _version("torch"),
        "isolation": layers + ([] if bubblewrap.problem() else ["bubblewrap"]),
        "load": round(os.getloadavg()[0], 1),
    }


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def sentence(facts: Mapping[str, Any]) -> str:
    """All of it in one sentence."""
    versions = ", ".join(f"{name} {facts[key]}" for name, key in NAMES.items() if facts[key])
    layers = ", ".join(facts["isolation"]) or "nothing"
    return (
        f"{facts['processor']}, {facts['cores']} cores; {facts['system']}; {versions}; isolation by {layers}; "
        f"load {facts['load']} at the start."
    )


NAMES = {"Python": "python", "numpy": "numpy", "torch": "torch"}
