"""A pipeline for GitLab: a project of one student, or of a whole class."""

from grader.setup import shell
from grader.setup.github import reports
from grader.setup.plan import File, Plan, template

FOLDER = ".gitlab/dlgrade"


def files(plan: Plan) -> dict[str, File]:
    """Everything by path in the repository."""
    bundle = plan.bundle
    values = shell.values(plan, '"$CI_PROJECT_PATH"', "this project has no such CI/CD variable")
    values["fetch"] = f'cp "$CI_PROJECT_DIR/{FOLDER}/{bundle.name}" .' if bundle else ""
    values["reports"] = " ".join(path.rstrip("/") for path in reports(plan))
    made = {".gitlab-ci.yml": File(template("gitlab.yml", values).encode())}
    return made | ({f"{FOLDER}/{bundle.name}": File(bundle.content)} if bundle else {})
