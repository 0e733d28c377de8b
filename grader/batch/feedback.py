"""What students get to see of a check whose inputs are a secret: nothing from which these could be learnt.

An exception's text, a printed line, even the name of a class or an exit status may carry inputs out, so none of these
is passed on; nor is what a training reported of itself, or how long anything took. What stays are words of ours,
counts, and the names of Python's own exceptions.

How images were dealt out for a training is never told: whoever knows it has the labels of the hidden ones.
"""

import builtins

from grader.models import CaseReport, Check, Detail

PHRASES = {
    "value": "a value is wrong",
    "shape": "the shape is wrong",
    "dtype": "the dtype is wrong",
    "type": "the type is wrong",
    "length": "the length is wrong",
    "keys": "the keys are wrong",
    "not_raised": "an exception is due, and none was raised",
    "changed": "your code changes an argument, which belongs to the caller",
    "shared": "the result shares memory with an argument: return a new array",
    "property": "the result lacks a property that is asked for",
    "slow": "right, but far slower than the solution: work on whole arrays instead of single elements",
}
STOPPED = {
    "timed_out": "stopped at a limit on time: an endless loop, far too slow, or waiting for something",
    "killed": "the process ended before it answered",
    "failed": "what came of it doesn't have the form that is asked for",
}


def undealt(check: Check) -> Check:
    """A check without the secret by which images were dealt out."""
    training = check.report.training
    return check._replace(report=check.report._replace(training=training and training._replace(split=None)))


def withheld(check: Check) -> Check:
    """A check without its inputs, expected values, and whatever a submission may have said about them."""
    report = check.report
    trained = report.parts[-1].name if report.training else None
    cases = tuple(
        case if report.verdict == "error" or (case.part == trained and case.difference) else _withheld(case)
        for case in report.cases
    )
    report = report._replace(cases=cases, seed=0, seconds=0.0, training=None)
    return Check(report, tuple(Detail("", (), detail.unwritten) for detail in check.details), "")


def _withheld(case: CaseReport) -> CaseReport:
    return case._replace(message=_words(case), difference=None)


def _words(case: CaseReport) -> str:
    if case.verdict in ("passed", "missing") or case.message == "not written yet":
        return case.message
    if case.verdict == "raised":
        name = case.message.removeprefix("raised ").split(":")[0].split(" ")[0]
        known = isinstance(getattr(builtins, name, None), type) and issubclass(getattr(builtins, name), BaseException)
        return f"raised {name}" if known else "raised an exception"
    if case.verdict == "failed" and case.difference:
        return PHRASES[case.difference.kind]
    return STOPPED[case.verdict]
