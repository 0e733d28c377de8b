"""`dlgrade doctor`: what works on this machine."""

import platform
import sys
from pathlib import Path

import click

from grader import engine, kit, warm
from grader.cli.options import with_kit
from grader.report.style import Style, say, style_of_stdout
from grader.store import Store

MEANS = {
    "rlimits": "limits on CPU time, memory and files",
    "seccomp": "no network, no processes, no signals to others",
    "landlock": "no files but the interpreter's and the libraries'",
}


@click.command()
@with_kit
def doctor(root: Path) -> int:
    """Tell what works on this machine.

    Layers of isolation, versions, where your data is, and how to mend what is missing.

    Example: dlgrade doctor
    """
    from grader.sandbox import available

    style = style_of_stdout()
    say(f"dlgrade on Python {platform.python_version()}, {platform.system()} {platform.release()}")
    say(f"kit: {root} ({len(kit.entries(root))} exercises)")
    say(f"your progress: {Store(root).path}")
    say("processes: " + ("forked from a warm one" if warm.forks() else "a fresh one for every submission"))
    layers = available()
    for layer, problem in layers.items():
        _line(style, f"isolation, {layer}", problem is None, MEANS[layer] if problem is None else problem)
    if any(layers.values()):
        say("  Without all of them check only code that you trust: it runs with your own rights.")
    _packages(style)
    return 0


def _packages(style: Style) -> None:
    import importlib.metadata

    for name in ("numpy", "torch"):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            _line(style, name, False, f"not installed; run {engine.INSTALL.get(name, f'`pip install {name}`')}")
        else:
            _line(style, name, True, version + (f", {_cuda()}" if name == "torch" else ""))


def _cuda() -> str:
    """What torch finds, asked in a process of its own: starting CUDA may take long, or crash."""
    import subprocess

    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else 'no CUDA device')"
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"can't be imported ({type(error).__name__})"
    return done.stdout.strip() or f"can't be imported ({done.stderr.strip().splitlines()[-1:]})"


def _line(style: Style, what: str, works: bool, text: str) -> None:
    mark = style.paint(style.passed, fg="green") if works else style.paint(style.failed, fg="red")
    say(f"{mark} {what}: {text}")
