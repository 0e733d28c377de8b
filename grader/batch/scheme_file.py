"""The rules by which results turn into points, from a small TOML file described in docs/gradebook.md."""

import tomllib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from grader.batch.scheme import EVERY, Late, Scheme, Worth
from grader.errors import UsageError


class Fault(Exception):
    """What is wrong with a file, in one line without its path."""


# What may stand in the file. Descriptions complete "it must be".


def _decimal(value: Any) -> Any:
    return Decimal(value) if type(value) is int else value


def _moment(value: Any) -> Any:
    """A day alone means until its end."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value + timedelta(days=1), time.min)
    return value


Points = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=100_000, decimal_places=2)]
Some = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, le=100_000, decimal_places=2)]
Share = Annotated[Decimal, BeforeValidator(_decimal), Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=0, le=366)]
Moment = Annotated[datetime, BeforeValidator(_moment)]

POINTS = "from 0 to 100000, with at most two decimals"
MOMENT = "like 2026-12-01T23:59:00+09:00, or a day alone"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class _Course(_Strict):
    total: Some | None = Field(default=None, description="a number of points above 0")
    several: Literal["best", "last"] = Field(default="best", description='"best" or "last"')
    drop_lowest: int = Field(default=0, ge=0, le=1000, description="a whole number from 0")
    pass_only: bool = Field(default=False, description="true or false")


class _Late(_Strict):
    per_day: Share = Field(description="the share of the points that a day costs, from 0 to 1")
    deadline: Moment | None = Field(default=None, description=f"a time {MOMENT}")
    deadlines: dict[str, Moment] = Field(default={}, description=f"a table of exercises with times {MOMENT}")
    timezone: str | None = Field(default=None, description='the name of a time zone like "Asia/Seoul"')
    grace_minutes: int = Field(default=0, ge=0, le=1440, description="a whole number of minutes from 0 to 1440")
    free_days: Days = Field(default=0, description="a whole number of days from 0 to 366")
    most_days: Days | None = Field(default=None, description="a whole number of days from 0 to 366")
    extensions: dict[str, Days | dict[str, Days]] = Field(
        default={},
        description="a table of students with whole numbers of days from 0 to 366, or with a table of exercises",
    )


class _Document(_Strict):
    weights: dict[str, Points] = Field(default={}, description=f"a table of exercises with points {POINTS}")
    caps: dict[str, Some] = Field(default={}, description=f"a table of exercises with points {POINTS}, but not 0")
    course: _Course = Field(default=_Course(), description="a table")
    late: _Late | None = Field(default=None, description="a table")


TABLES: dict[str, type[BaseModel]] = {"course": _Course, "late": _Late}


def read(path: Path, exercises: Sequence[str], known: Sequence[str] = ()) -> Scheme:
    """The rules in a TOML file for `exercises`, those that are graded.

    known: all exercises that the file may name, if there are more. Raises UsageError.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8-sig"), parse_float=Decimal)
        document = _Document.model_validate(content)
    except OSError as error:
        raise UsageError(f"{path} can't be read ({error.strerror}); give the path of a scheme") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML ({error}); see docs/gradebook.md") from None
    except ValidationError as error:
        raise UsageError(f"{path}: {_told(error)}") from None
    try:
        _check(document, list(dict.fromkeys([*exercises, *known])))
        return _scheme(document, exercises)
    except Fault as fault:
        raise UsageError(f"{path}: {fault}") from None


def _told(error: ValidationError) -> str:
    """The first fault that pydantic found, in our words."""
    fault = error.errors(include_url=False)[0]
    loc = [str(part) for part in fault["loc"]]
    if loc[0] in TABLES and len(loc) > 1:
        model, name, key = TABLES[loc[0]], loc[1], f"{loc[0]}.{loc[1]}"
    else:
        model, name, key = _Document, loc[0], loc[0]
    if fault["type"] == "extra_forbidden":
        return f"there is no `{key}`; {_suggest(name, [*model.model_fields])}"
    must = model.model_fields[name].description
    if fault["type"] == "missing":
        return f"`{key}` is missing; give {must}"
    place = key if len(loc) <= key.count(".") + 1 else f'{key}."{loc[key.count(".") + 1]}"'
    what = "it" if place == key else f"`{key}`"
    return f"`{place}` is {_shown(fault['input'])}; {what} must be {must}"


def _shown(value: Any) -> str:
    text = str(value) if isinstance(value, Decimal | date | time) else ascii(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _suggest(word: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(word.lower(), allowed, 1, 0.5)
    return f"did you mean `{close[0]}`?" if close else f"allowed are {', '.join(allowed)}"


def _check(document: _Document, known: Sequence[str]) -> None:
    """What no single key can tell. Raises Fault."""
    for table, name in _names(document):
        if name not in known:  # it would silently do nothing
            close = get_close_matches(name.replace("_", "-").lstrip("exq0"), known, 1, 0.5)
            hint = f'did you mean "{close[0]}"?' if close else "`dlgrade list` shows all"
            raise Fault(f'`{table}."{name}"`: no exercise {name}; {hint}')
    weighted = sum(_points(document, exercise)[1] > 0 for exercise in known)
    drop = document.course.drop_lowest
    if not weighted:
        raise Fault("all exercises weigh 0; give one of them a weight")
    if drop >= weighted:
        raise Fault(f"`course.drop_lowest` is {drop}, which leaves none of {weighted} exercises; make it smaller")
    if drop and "total" in document.caps:
        raise Fault("`course.drop_lowest` and `caps.total` serve the same end; leave one of them out")


def _names(document: _Document) -> Iterator[tuple[str, str]]:
    """All exercises that a file names, each with the table where it does."""
    yield from (("weights", name) for name in document.weights if name != EVERY)
    yield from (("caps", name) for name in document.caps if name != "total")
    if document.late:
        yield from (("late.deadlines", name) for name in document.late.deadlines)
        for student, days in document.late.extensions.items():
            if isinstance(days, dict):
                yield from ((f'late.extensions."{student}"', name) for name in days if name != EVERY)


def _scheme(document: _Document, exercises: Sequence[str]) -> Scheme:
    course, zone = document.course, _zone(document.late)
    worths = tuple(_worth(document, exercise, zone) for exercise in exercises)
    weighted = sum(worth.most > 0 for worth in worths)
    most = document.caps.get("total")
    return Scheme(
        worths,
        course.several,
        min(course.drop_lowest, max(0, weighted - 1)),  # fewer exercises than the course has may be graded
        course.pass_only,
        None if most is None else _hundredths(most),
        None if course.total is None else _hundredths(course.total),
        _late(document.late) if document.late else None,
        zone or UTC,
    )


def _worth(document: _Document, exercise: str, zone: tzinfo | None) -> Worth:
    late = document.late
    deadline = late.deadlines.get(exercise, late.deadline) if late else None
    if deadline and deadline.tzinfo is None:
        deadline = deadline.replace(tzinfo=zone)
    return Worth(exercise, *_points(document, exercise), deadline)


def _points(document: _Document, exercise: str) -> tuple[int, int]:
    """The weight of an exercise, and as much of it as counts, in hundredths of a point."""
    weight = document.weights.get(exercise, document.weights.get(EVERY, Decimal(1)))
    return _hundredths(weight), _hundredths(min(weight, document.caps.get(exercise, weight)))


def _late(late: _Late) -> Late:
    if late.deadline is None and not late.deadlines:
        raise Fault(f"`late` has no deadline; give `late.deadline` a time {MOMENT}")
    extensions = {
        student: days if isinstance(days, dict) else {EVERY: days} for student, days in late.extensions.items()
    }
    grace = timedelta(minutes=late.grace_minutes)
    return Late(Fraction(late.per_day), late.free_days, late.most_days, grace, extensions)


def _zone(late: _Late | None) -> tzinfo | None:
    """Where times without an offset belong: the named zone, or that of the deadlines, which then must have one."""
    if late is None:
        return None
    if late.timezone is not None:
        return _named(late.timezone)
    moments = {"late.deadline": late.deadline} | {f'late.deadlines."{e}"': at for e, at in late.deadlines.items()}
    for key, moment in moments.items():
        if moment and moment.tzinfo is None:
            raise Fault(f'`{key}` has no offset like +09:00; add one, or `late.timezone = "Asia/Seoul"`')
    return next((moment.tzinfo for moment in moments.values() if moment), None)


def _named(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = 'write it like "Asia/Seoul", or give times with an offset like +09:00'
        raise Fault(f"`late.timezone` is {_shown(name)}, which is no time zone here; {known}") from None


def _hundredths(points: Decimal) -> int:
    return int(points * 100)
