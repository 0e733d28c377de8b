"""Commands that the scripts of GitHub and GitLab share. They run in a folder that no file of a student is in."""

import shlex

from grader.setup.plan import TORCH, Plan


def values(plan: Plan, student: str, missing: str) -> dict[str, str]:
    """For the marks of a template.

    student: shell text for whose repository it is. missing: begins the message that there is no secret.
    """
    return {
        "wheel": plan.bundle.name if plan.bundle else "",
        "known": f'echo "{plan.bundle.sha256}  {plan.bundle.name}" | sha256sum --check --strict' if plan.bundle else "",
        "torch": f"venv/bin/python -I -m pip install {TORCH}" if plan.torch else "",
        "requirement": f"./{plan.bundle.name}" if plan.bundle else shlex.quote(plan.requirement or ""),
        "folder": f"/{shlex.quote(plan.whole_class)}" if plan.whole_class else "",
        "seed": _seed(plan.seed_env, missing) if plan.seed_env else "",
        "options": _options(plan, student),
        "summary": _summary(plan),
    }


def _seed(variable: str, missing: str) -> str:
    """Puts the secret into a file, where no list of processes shows it."""
    return f': "${{{variable}:?{missing}}}"\n(umask 077 && printf %s "${variable}" > seed)\nunset {variable}'


def _options(plan: Plan, student: str) -> str:
    whose = "" if plan.whole_class else f" --student {student}"
    return f"{plan.options()}{whose}" + (" --seed-file seed" if plan.seed_env else "")


def _summary(plan: Plan) -> str:
    """What has to be passed, or that the repository is a class's."""
    words = ["--class"] if plan.whole_class else ["--only", ",".join(plan.only)] if plan.only else []
    return "".join(f" {word}" for word in words)
