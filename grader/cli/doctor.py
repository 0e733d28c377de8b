"""`dlgrade doctor`: what works on this machine."""

import platform
from pathlib import Path

import click

from grader import devices, helped, kit, warm
from grader.cli.options import with_kit
from grader.data import find
from grader.errors import install
from grader.profiles import PROFILE
from grader.report.style import Style, style_of_stdout, tell
from grader.store import Store, folder
from grader.text import counted

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
    tell(f"dlgrade on Python {platform.python_version()}, {platform.system()} {platform.release()}")
    tell(f"kit: {root} ({counted(len(kit.entries(root)), 'exercise')})", indent="  ")
    tell(f"your progress: {Store(root).path}", indent="  ")
    tell("processes: " + ("forked from a warm one" if warm.forks() else "a fresh one for every submission"))
    tell(f"helper: {_helper()}", indent="  ")
    layers = available()
    for layer, problem in layers.items():
        _line(style, f"isolation, {layer}", problem is None, MEANS[layer] if problem is None else problem)
    if any(layers.values()):
        tell("  Without all of them check only code that you trust: it runs with your own rights.", indent="  ")
    _outer_wall(style)
    _packages(style)
    _data(style)
    return 0


def _helper() -> str:
    """What makes later checks quicker."""
    if helped.switch() == "off":
        return "none, switched off or not for this system"
    if (line := helped.connect(helped.address())) is None:
        return "none is waiting; `dlgrade check` in a terminal starts one"
    line.close()
    return "one is waiting for the next check; DLGRADE_HELPER=off does without"


def _outer_wall(style: Style) -> None:
    from grader.batch import isolation
    from grader.sandbox import bubblewrap

    problem = bubblewrap.problem()
    use = "a view of the machine without your files, around all that `dlgrade grade` runs"
    _line(style, "isolation, bubblewrap", problem is None, problem or use)
    if around := isolation.container(Path("/")):
        tell(f"  This system seems to run in {around}.", indent="  ")


def _packages(style: Style) -> None:
    import importlib.metadata

    for name in ("numpy", "torch"):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            _line(style, name, False, f"not installed; {install(name)}")
        else:
            _line(style, name, True, version)
            if name == "torch":
                _gpus(style)


def _gpus(style: Style) -> None:
    found = [devices.ask(device)[1] for device in ("cuda", "mps") if devices.ask(device)[0]]
    text = ", ".join(found) or "none that torch finds; trainings use the CPU"
    _line(style, "GPU", bool(found), text, needed=False)


def _data(style: Style) -> None:
    here = find.present("mnist", PROFILE, find.homes(folder()))
    text = "here, see `dlgrade data`" if here else "not here; run `dlgrade data get mnist` to train on it"
    _line(style, "MNIST", here, text, needed=False)


def _line(style: Style, what: str, works: bool, text: str, needed: bool = True) -> None:
    lacks = style.paint(style.failed, fg="red") if needed else style.paint(style.empty, dim=True)
    tell(f"{what}: {text}", mark=style.paint(style.passed, fg="green") if works else lacks)
