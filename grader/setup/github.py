"""A workflow for GitHub Actions: a repository of one student, as GitHub Classroom makes them, or of a whole class."""

from grader.setup import shell
from grader.setup.plan import File, Plan, template

FOLDER = ".github/dlgrade"
OF_CLASS = ("gradebook.csv", "index.html", "results.jsonl", "unplaced.csv", "students/")


def files(plan: Plan) -> dict[str, File]:
    """Everything by path in the repository."""
    values = shell.values(plan, '"$GITHUB_REPOSITORY"', "this repository has no such secret")
    secret, bundle = plan.seed_env, plan.bundle
    values["fetch"] = f'cp "$GITHUB_WORKSPACE/work/{FOLDER}/{bundle.name}" .' if bundle else ""
    values["secret"] = f"env:\n  {secret}: ${{{{ secrets.{secret} }}}}" if secret else ""
    values["reports"] = "\n".join(f"${{{{ runner.temp }}}}/graded/{path}" for path in reports(plan))
    made = {".github/workflows/dlgrade.yml": File(template("github.yml", values).encode())}
    return made | ({f"{FOLDER}/{bundle.name}": File(bundle.content)} if bundle else {})


def reports(plan: Plan) -> tuple[str, ...]:
    """What may be kept of what `dlgrade grade` writes: a student gets no more than the student's own report."""
    return OF_CLASS if plan.whole_class else ("students/",)
