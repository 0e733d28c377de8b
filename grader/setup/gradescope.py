"""An autograder for Gradescope: the files of its zip, and the zip.

The form is that of https://gradescope-autograders.readthedocs.io/en/latest/specs/.
"""

import os
import shlex

from grader.errors import UsageError
from grader.setup.archive import zipped
from grader.setup.plan import EXECUTABLE, PRIVATE, TORCH, File, Plan, template

PROGRAMS = ("setup.sh", "run_autograder")


def files(plan: Plan) -> dict[str, File]:
    """Everything by path: `autograder.zip`, and below `autograder` what is in it."""
    content = _content(plan)
    modes = dict.fromkeys(PROGRAMS, EXECUTABLE) | {"seed": PRIVATE}
    unpacked = {f"autograder/{path}": File(text, modes.get(path, 0o644)) for path, text in content.items()}
    secret = PRIVATE if plan.seed_env else 0o644
    return unpacked | {"autograder.zip": File(zipped(content, PROGRAMS), secret)}


def _content(plan: Plan) -> dict[str, bytes]:
    bundle = plan.bundle
    values = {
        "torch": f'"$root/venv/bin/python" -I -m pip install {TORCH}' if plan.torch else "",
        "requirement": f'"$root/source/{bundle.name}"' if bundle else shlex.quote(plan.requirement or ""),
        "options": plan.options() + (' --seed-file "$root/source/seed"' if plan.seed_env else ""),
    }
    texts = {name: template(f"gradescope/{name}", values) for name in (*PROGRAMS, "student.py", "not_graded.json")}
    content = {name: text.encode() for name, text in texts.items()}
    if bundle:
        content[bundle.name] = bundle.content
    if plan.seed_env:
        content["seed"] = _seed(plan.seed_env)
    return content


def _seed(variable: str) -> bytes:
    if not (value := os.environ.get(variable)):
        raise UsageError(
            f"the variable {variable} is empty; put the secret seed into it, as in `export {variable}=...`"
        )
    return os.fsencode(value)
