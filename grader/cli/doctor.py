"""`dlgrade doctor`: what works on this machine."""

import platform
from pathlib import Path

import click

from grader import devices, engine, kit, warm
from grader.cli.options import with_kit
from grader.data import find
from grader.profiles import PROFILE
from grader.report.style import Style, say, style_of_stdout
from grader.store import Store, folder

MEANS = {
    "rlimits": "limits on CPU time, memory and files",
    "seccomp": "no network, no processes, no signals to others",
    "landlock": "no files but the interpreter's and the libraries'",
}


@click.command()
@with_kit
def doctor(root: Path) -> int:
    """Tell what works on this machine.

    Layers of isolation, versions, devices, where your data is, and how to mend what is missing.

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
    _outer_wall(style)
    _packages(style)
    _data(style)
    return 0


def _outer_wall(style: Style) -> None:
    from grader.batch import isolation
    from grader.sandbox import bubblewrap

    problem = bubblewrap.problem()
    use = "a view of the machine without your files, around all that `dlgrade grade` runs"
    _line(style, "isolation, bubblewrap", problem is None, problem or use)
    if around := isolation.container(Path("/")):
        say(f"  This system seems to run in {around}.")


def _packages(style: Style) -> None:
    import importlib.metadata

    for name in ("numpy", "torch"):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            _line(style, name, False, f"not installed; run {engine.INSTALL.get(name, f'`pip install {name}`')}")
        else:
            _line(style, name, True, version)
            if name == "torch":
                _gpus(style)


def _gpus(style: Style) -> None:
    found = [devices.ask(device)[1] for device in ("cuda", "mps") if devices.ask(device)[0]]
    _line(style, "GPU", bool(found), ", ".join(found) or "none that torch finds; trainings use the CPU")


def _data(style: Style) -> None:
    here = find.present("mnist", PROFILE, find.homes(folder()))
    _line(style, "MNIST", here, "here, see `dlgrade data`" if here else "not here; run `dlgrade data get mnist`")


def _line(style: Style, what: str, works: bool, text: str) -> None:
    mark = style.paint(style.passed, fg="green") if works else style.paint(style.failed, fg="red")
    say(f"{mark} {what}: {text}")
