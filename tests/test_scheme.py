"""Marks: the rules from a TOML file, and what they make of results. Expected points are worked out by hand."""

import itertools
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.batch import gradebook, scheme, scheme_file
from grader.batch.choice import Open, Option, choose
from grader.batch.gradebook import DROPPED, NOT_JUDGED, UNDATED, percent, rows
from grader.batch.model import RESULT, Line, Mark, Row, Student
from grader.errors import UsageError

KIM = Student("kim", "김민수")
LATE = "[late]\ndeadline = 2026-12-01T23:59:00+09:00\nper_day = 0.1\n"


def line(exercise="17", score=1.0, submitted=None, student="kim", verdict=None, file="ex.py"):
    verdict = verdict or ("passed" if score == 1 else "failed")
    return Line(RESULT, student, exercise, file, verdict, score, (), None, 0.1, "0" * 64, "kit", "0", submitted, None)


@pytest.fixture
def rules(tmp_path):
    def rules(text, exercises=("17", "18", "3"), known=()):
        path = tmp_path / "scheme.toml"
        path.write_text(text, "utf-8")
        return scheme_file.read(path, exercises, known)

    return rules


def marked(rules, *lines):
    (row,) = rows([KIM], lines, rules)
    return row


def mark(rules, *lines) -> Mark:
    """The only mark with anything in it."""
    (found,) = [one for one in marked(rules, *lines).marks if one.verdict != "nothing"]
    return found


# Points


def test_without_a_file_every_exercise_weighs_one():
    row = marked(scheme.even(["17", "18"]), line(score=0.5))
    assert row == Row(
        KIM,
        (
            Mark("17", "failed", 0.5, 0.5, 1.0, 0, 0, ""),
            Mark("18", "nothing", 0.0, 0.0, 1.0, 0, None, "nothing handed in"),
        ),
        0.5,
        2.0,
    )
    assert percent(row) == 25.0


def test_weights_and_a_default(rules):
    row = marked(rules('[weights]\ndefault = 2\n"17" = 3.5\n'), line(score=0.5), line("18"))
    assert [one.points for one in row.marks] == [1.75, 2.0, 0.0]
    assert (row.total, row.out_of) == (3.75, 7.5)
    assert percent(row) == 50.0


@pytest.mark.parametrize(
    ("weight", "score", "points"),
    [
        (3, 0.6667, 2.0),  # reports round 2/3
        (300, 0.6667, 200.0),
        (0.03, 0.1667, 0.01),  # half a hundredth goes up: 0.03 / 6 = 0.005
        (0.01, 0.5, 0.01),
        (1, 0.125, 0.13),
        (1, 0.1249, 0.12),
        (0.5, 0.3333, 0.17),
        (0, 1.0, 0.0),
    ],
)
def test_points_are_rounded_half_up_to_two_decimals(rules, weight, score, points):
    found = marked(rules(f"[weights]\n17 = {weight}\n"), line(score=score))
    assert found.marks[0].points == points


def test_pass_only(rules):
    only = rules("[course]\npass_only = true\n")
    assert mark(only, line(score=0.75)) == Mark("17", "failed", 0.75, 0.0, 1.0, 0, 0, "no partial credit")
    assert mark(only, line()).points == 1.0


def test_a_cap_is_all_that_an_exercise_can_give(rules):
    row = marked(rules("[weights]\n17 = 3\n[caps]\n17 = 2.5\n"), line(score=0.9), line("18"))
    assert row.marks[0] == Mark("17", "failed", 0.9, 2.5, 2.5, 0, 0, "at most 2.5 points count")
    assert (row.total, row.out_of) == (3.5, 4.5)
    assert marked(rules("[weights]\n17 = 3\n[caps]\n17 = 2.5\n"), line(score=0.8)).marks[0].note == ""


def test_a_cap_on_the_total_then_the_scale(rules):
    some = rules("[weights]\ndefault = 20\n[caps]\ntotal = 40\n[course]\ntotal = 100\n")
    row = marked(some, line(), line("18", 0.75))
    assert (row.total, row.out_of) == (87.5, 100.0)  # 35 of 40
    assert (marked(some, line(), line("18"), line("3")).total, percent(row)) == (100.0, 87.5)


# Several attempts


def test_the_best_attempt_counts_or_the_last(rules):
    first = line(score=0.75, submitted="2026-11-01T10:00:00+09:00", file="a.py")
    second = line(score=0.25, submitted="2026-11-01T01:30:00Z", file="b.py")  # 10:30 in Seoul
    for lines in ([first, second], [second, first]):
        best = mark(rules(""), *lines)
        assert (best.points, lines[best.attempt]) == (0.75, first)
        last = mark(rules('[course]\nseveral = "last"\n'), *lines)
        assert (last.points, lines[last.attempt]) == (0.25, second)


def test_without_times_the_last_is_so_by_its_name(rules):
    files = ["hw/ex17.py", "hw/ex17-1.py", "hw/ex17-2.py", "hw/ex17-10.py"]
    for order in itertools.permutations(range(4)):
        found = mark(rules('[course]\nseveral = "last"\n'), *(line(score=n / 4, file=files[n]) for n in order))
        assert found.score == 0.75


def test_an_attempt_with_a_time_is_later_than_one_without(rules):
    lines = [line(score=0.5, submitted="2026-11-01T10:00:00Z", file="a.py"), line(file="z.py")]
    assert mark(rules('[course]\nseveral = "last"\n'), *lines).score == 0.5


def test_the_best_attempt_is_the_best_after_penalties(rules):
    early = line(score=0.75, submitted="2026-12-01T12:00:00+09:00")
    late = line(score=1.0, submitted="2026-12-04T12:00:00+09:00")
    found = mark(rules(LATE), late, early)
    assert (found.points, found.attempt, found.days_late) == (0.75, 1, 0)


# Not judged


def test_what_was_not_judged_is_flagged():
    row = marked(scheme.even(["17"]), line(score=0.0, verdict="not_judged"))
    assert row.marks == (Mark("17", "not_judged", 0.0, 0.0, 1.0, 0, 0, NOT_JUDGED, unjudged=True),)
    assert row.marks[0].needs_human


def test_an_attempt_that_was_not_judged_might_have_been_better(rules):
    unclear = line(score=0.0, verdict="not_judged", file="z.py")
    partly = mark(rules(""), line(score=0.5, file="a.py"), unclear)
    assert (partly.verdict, partly.points) == ("failed", 0.5)
    assert partly.note == "another attempt was not judged: ask your instructor" and partly.needs_human
    fully = mark(rules(""), unclear, line(file="a.py"))
    assert (fully.points, fully.attempt, fully.note) == (1.0, 1, "") and not fully.needs_human
    last = mark(rules('[course]\nseveral = "last"\n'), line(file="a.py"), unclear)
    assert (last.verdict, last.points) == ("not_judged", 0.0) and last.needs_human
    before = mark(rules('[course]\nseveral = "last"\n'), line(score=0.5, file="zz.py"), unclear)
    assert (before.verdict, before.note) == ("failed", "")


# Late


@pytest.mark.parametrize(
    ("submitted", "days", "points", "note"),
    [
        ("2026-12-01T23:59:00+09:00", 0, 1.0, ""),
        ("2026-12-01T14:59:00Z", 0, 1.0, ""),
        ("2026-12-01T23:59:01+09:00", 1, 0.9, "1 day late: -10 %"),
        ("2026-12-01T23:59:00", 0, 1.0, ""),  # without an offset: the deadline's
        ("2026-12-02T23:59:00+09:00", 1, 0.9, "1 day late: -10 %"),
        ("2026-12-02T23:59:00.000001+09:00", 2, 0.8, "2 days late: -20 %"),
        ("2026-12-31T00:00:00+09:00", 30, 0.0, "30 days late: -100 %"),
        (None, 0, 1.0, "when it was handed in is unknown: counted as on time"),
    ],
)
def test_each_day_that_has_begun_costs(rules, submitted, days, points, note):
    assert mark(rules(LATE), line(submitted=submitted)) == Mark("17", "passed", 1.0, points, 1.0, days, 0, note)


def test_late_by_nobody_knows_how_much_needs_a_human(rules):
    marked_late = line()._replace(late=True)
    found = mark(rules(LATE), marked_late)
    assert (found.points, found.note, found.undated, found.needs_human) == (1.0, UNDATED, True, True)
    with_a_time = mark(rules(LATE), line(submitted="2026-12-02T00:00:00+09:00")._replace(late=True))
    assert (with_a_time.points, with_a_time.undated) == (0.9, False)
    for text, one in (
        ("", marked_late),
        (LATE.replace("0.1", "0"), marked_late),  # costs nothing
        (LATE, marked_late._replace(score=0.0, verdict="failed")),
    ):
        assert not mark(rules(text), one).needs_human


def test_grace_moves_the_deadline(rules):
    kind = rules(LATE + "grace_minutes = 10\n")
    assert mark(kind, line(submitted="2026-12-02T00:09:00+09:00")).days_late == 0
    assert mark(kind, line(submitted="2026-12-02T00:09:01+09:00")).days_late == 1
    assert mark(kind, line(submitted="2026-12-03T00:09:00+09:00")).days_late == 1


def test_after_most_days_nothing_counts(rules):
    strict = rules(LATE + "most_days = 2\nfree_days = 9\n")
    assert mark(strict, line(submitted="2026-12-03T12:00:00+09:00")).points == 1.0
    last = mark(strict, line(submitted="2026-12-04T12:00:00+09:00"))
    assert (last.points, last.days_late, last.note) == (0.0, 3, "3 days late: nothing counts after 2")


def test_deadlines_of_single_exercises_and_days_alone(rules):
    text = '[late]\nper_day = 0.1\ntimezone = "Asia/Seoul"\ndeadlines = { 18 = 2026-12-01 }\n'
    handed_in = [line("17", submitted="2027-01-01T00:00:00Z"), line("18", submitted="2026-12-02T00:00:00+09:00")]
    assert [one.days_late for one in marked(rules(text), *handed_in).marks] == [0, 0, 0]
    handed_in[1] = line("18", submitted="2026-12-01T15:00:01Z")
    assert [one.days_late for one in marked(rules(text), *handed_in).marks] == [0, 1, 0]


def test_days_have_24_hours_also_where_clocks_are_changed(rules):
    text = '[late]\nper_day = 0.1\ntimezone = "Europe/Berlin"\ndeadline = 2026-10-24T12:00:00\n'
    assert mark(rules(text), line(submitted="2026-10-25T11:00:00")).days_late == 1  # 24 hours later
    assert mark(rules(text), line(submitted="2026-10-25T11:00:01")).days_late == 2


def test_extensions_by_student_and_by_exercise(rules):
    text = LATE + '[late.extensions]\nkim = 2\nlee = { default = 1, "18" = 5 }\n'
    late = "2026-12-05T12:00:00+09:00"  # four days
    students = [KIM, Student("lee"), Student("park")]
    lines = [line(e, submitted=late, student=s.id) for s in students for e in ("17", "18")]
    found = [[one.days_late for one in row.marks[:2]] for row in rows(students, lines, rules(text))]
    assert found == [[2, 2], [3, 0], [4, 4]]
    assert rules(text).strangers(students) == ()
    assert rules(text).strangers(students[:1]) == ("lee",)


def test_free_days_are_spent_where_they_give_most(rules):
    text = LATE + "free_days = 3\n[weights]\n17 = 1\n18 = 10\n"
    lines = [line("17", submitted="2026-12-03T12:00:00+09:00"), line("18", submitted="2026-12-05T12:00:00+09:00")]
    row = marked(rules(text), *lines)
    assert [(one.points, one.note) for one in row.marks[:2]] == [
        (0.8, "2 days late: -20 %"),
        (9.0, "4 days late, 3 of them free: -10 %"),
    ]


def test_free_days_that_help_nothing_are_kept(rules):
    lines = [
        line("17", 0.0, submitted="2026-12-03T12:00:00+09:00"),
        line("18", submitted="2026-12-02T12:00:00+09:00"),
        line("3", 0.5, submitted="2026-12-03T12:00:00+09:00"),
    ]
    row = marked(rules(LATE + "free_days = 3\n"), *lines)
    assert [one.note for one in row.marks] == [
        "2 days late: -20 %",
        "1 day late, free: nothing taken off",
        "2 days late, all of them free: nothing taken off",
    ]


def test_free_days_count_where_the_penalty_has_an_end(rules):
    half = rules("[late]\ndeadline = 2026-12-01T00:00:00Z\nper_day = 0.5\nfree_days = 3\n")
    found = mark(half, line(submitted="2026-12-04T12:00:00Z"))  # four days: two free ones alone would give nothing
    assert (found.points, found.note) == (0.5, "4 days late, 3 of them free: -50 %")


def test_free_days_may_make_another_attempt_the_best(rules):
    early = line(score=0.9, submitted="2026-12-01T12:00:00+09:00")
    late = line(score=1.0, submitted="2026-12-03T12:00:00+09:00")
    assert mark(rules(LATE), early, late).attempt == 0
    found = mark(rules(LATE + "free_days = 2\n"), early, late)
    assert (found.attempt, found.points) == (1, 1.0)


# Dropping


def test_the_lowest_are_dropped_and_still_told(rules):
    row = marked(rules("[course]\ndrop_lowest = 1\n"), line(score=0.5), line("18", 0.25), line("3"))
    assert [(one.points, one.note) for one in row.marks] == [(0.5, ""), (0.25, DROPPED), (1.0, "")]
    assert (row.total, row.out_of) == (1.5, 2.0)
    assert [one.dropped for one in row.marks] == [False, True, False]


def test_with_different_weights_dropping_leaves_the_largest_share(rules):
    text = "[weights]\n17 = 1\n18 = 10\n3 = 1\n[course]\ndrop_lowest = 1\n"
    row = marked(rules(text), line("17", 0.0), line("18", 0.1), line("3"))
    assert [one.dropped for one in row.marks] == [False, True, False]  # 1 of 2, instead of 2 of 11
    assert (row.total, row.out_of, percent(row)) == (1.0, 2.0, 50.0)


def test_an_exercise_without_weight_is_not_dropped(rules):
    row = marked(rules("[weights]\n17 = 0\n[course]\ndrop_lowest = 1\n"), line(), line("18"))
    assert [one.dropped for one in row.marks] == [False, False, True]


def test_of_fewer_graded_exercises_one_remains(rules):
    some = rules("[course]\ndrop_lowest = 2\n", ["17"], ["17", "18", "3"])
    assert (marked(some, line(score=0.5)).total, marked(some, line(score=0.5)).out_of) == (0.5, 1.0)


def brute(exercises, free_days, drop):
    """The largest (points / most, points) over everything that may be chosen."""
    found = []
    for picks in itertools.product(*(one.options for one in exercises)):
        if sum(option.free_days for option in picks) > free_days:
            continue
        weighted = [index for index, one in enumerate(exercises) if one.most]
        for dropped in itertools.combinations(weighted, drop):
            kept = [index for index in range(len(exercises)) if index not in dropped]
            points = sum(picks[index].points for index in kept)
            found.append((Fraction(points, sum(exercises[index].most for index in kept)), points))
    return max(found)


@st.composite
def exercises_to_choose(draw):
    found = []
    for _ in range(draw(st.integers(2, 5))):
        most = draw(st.sampled_from([0, 1, 2, 7, 10]))
        gains = sorted(draw(st.sets(st.integers(0, most), min_size=1, max_size=3)))
        found.append(Open(most, [Option(points, free) for free, points in enumerate(gains)]))
    return found


@settings(max_examples=150, deadline=None)
@given(exercises_to_choose(), st.integers(0, 4), st.integers(0, 3))
def test_no_other_choice_is_better(exercises, free_days, drop):
    assume(drop < sum(one.most > 0 for one in exercises))
    picks = choose(exercises, free_days, drop)
    assert sum(pick.dropped for pick in picks) == drop
    assert sum(pick.option.free_days for pick in picks if not pick.dropped) <= free_days
    kept = [(pick.option.points, one.most) for pick, one in zip(picks, exercises, strict=True) if not pick.dropped]
    points, most = sum(p for p, _ in kept), sum(m for _, m in kept)
    assert (Fraction(points, most), points) == brute(exercises, free_days, drop)


# Students and rows


def test_rows_of_students_in_order_then_of_others_by_id():
    found = rows(
        [Student("park"), KIM, Student("park", "twice")],
        [line(student="zoe"), line(student="ann")],
        scheme.even(["17"]),
    )
    assert [row.student for row in found] == [Student("park"), KIM, Student("ann"), Student("zoe")]
    assert [row.total for row in found] == [0, 0, 1, 1]


def test_lines_of_other_exercises_count_nothing():
    row = marked(scheme.even(["17"]), line("18"))
    assert [one.verdict for one in row.marks] == ["nothing"] and row.out_of == 1.0


# Properties

SCORES = st.sampled_from([0.0, 0.25, 0.3333, 0.5, 0.6667, 0.75, 1.0])
TIMES = st.sampled_from([None, *(f"2026-12-{day:02}T12:00:00+09:00" for day in range(1, 9))])
LINES = st.lists(
    st.builds(
        lambda exercise, score, submitted, verdict: line(exercise, score, submitted, verdict=verdict),
        st.sampled_from(["17", "18", "3"]),
        SCORES,
        TIMES,
        st.sampled_from([None, None, None, "not_judged"]),
    ),
    max_size=8,
)
SCHEMES = st.builds(
    lambda *parts: "".join(parts),
    st.sampled_from(["", "[weights]\n17 = 3\n18 = 0.5\n", "[weights]\ndefault = 0.33\n3 = 0\n"]),
    st.sampled_from(["", "[caps]\n17 = 0.3\n", "[caps]\ntotal = 1.5\n18 = 0.2\n"]),
    st.sampled_from(["[course]\n", '[course]\nseveral = "last"\n', "[course]\npass_only = true\n"]),
    st.sampled_from(["", "drop_lowest = 1\n"]),
    st.sampled_from(["", "total = 100\n", "total = 7.77\n"]),
    st.sampled_from(["", LATE, LATE + "free_days = 2\n", LATE + "free_days = 1\nmost_days = 4\ngrace_minutes = 90\n"]),
)


def read_scheme(folder: Path, text: str) -> scheme.Scheme:
    assume(not ("drop_lowest" in text and "caps]\ntotal" in text))
    path = folder / "scheme.toml"
    path.write_text(text)
    return scheme_file.read(path, ["17", "18", "3"])


@settings(max_examples=200, deadline=None)
@given(text=SCHEMES, lines=LINES)
def test_points_stay_within_what_can_be_had_and_add_up(tmp_path_factory, text, lines):
    some = read_scheme(tmp_path_factory.getbasetemp(), text)
    row = marked(some, *lines)
    assert 0 <= row.total <= row.out_of and 0 <= percent(row) <= 100
    assert all(0 <= one.points <= one.weight and round(one.points, 2) == one.points for one in row.marks)
    kept = [one for one in row.marks if not one.dropped]
    assert len(row.marks) - len(kept) == some.drop_lowest
    if some.total is None and some.most is None:
        assert round(sum(one.points for one in kept), 2) == row.total
        assert round(sum(one.weight for one in kept), 2) == row.out_of
    for one in row.marks:
        unjudged = [found for found in lines if (found.exercise, found.verdict) == (one.exercise, "not_judged")]
        judged = [found for found in lines if found.exercise == one.exercise and found not in unjudged]
        assert one.needs_human or judged or not unjudged


@settings(max_examples=150, deadline=None)
@given(text=SCHEMES, lines=LINES, data=st.data())
def test_a_better_score_never_makes_it_worse(tmp_path_factory, text, lines, data):
    assume(lines)
    some = read_scheme(tmp_path_factory.getbasetemp(), text)
    index = data.draw(st.integers(0, len(lines) - 1))
    old = lines[index]
    assume(old.verdict != "not_judged")
    score = data.draw(SCORES.filter(lambda score: score >= old.score))
    better = [*lines]
    better[index] = line(old.exercise, score, old.submitted)
    assert percent(marked(some, *better)) >= percent(marked(some, *lines))


@settings(max_examples=150, deadline=None)
@given(text=SCHEMES, lines=LINES, data=st.data())
def test_the_order_of_lines_changes_nothing(tmp_path_factory, text, lines, data):
    some = read_scheme(tmp_path_factory.getbasetemp(), text)
    named = [one._replace(file=f"attempt{number}.py") for number, one in enumerate(lines)]
    mixed = data.draw(st.permutations(named))
    plain, other = marked(some, *named), marked(some, *mixed)
    assert other._replace(marks=tuple(one._replace(attempt=None) for one in other.marks)) == plain._replace(
        marks=tuple(one._replace(attempt=None) for one in plain.marks)
    )
    for one, two in zip(plain.marks, other.marks, strict=True):
        if one.attempt is not None:
            mine = [found for found in named if found.exercise == one.exercise][one.attempt]
            assert [found for found in mixed if found.exercise == one.exercise][two.attempt] == mine


def test_shares_are_found_behind_rounded_scores():
    for parts in range(1, gradebook.PARTS + 1):
        for passed in range(parts + 1):
            assert gradebook.share(round(passed / parts, 4)) == Fraction(passed, parts)


# The file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[wieghts]\n17 = 1", "there is no `wieghts`; did you mean `weights`?"),
        ("[course]\ndrop = 1", "there is no `course.drop`; did you mean `drop_lowest`?"),
        ("[course]\nxyz = 1", "there is no `course.xyz`; allowed are total, several, drop_lowest, pass_only"),
        ("weights = 3", "`weights` is 3; it must be a table of exercises with points from 0 to 100000"),
        ("[weights]\n17 = -1", '`weights."17"` is -1; `weights` must be a table of exercises with points from 0'),
        ("[weights]\n17 = true", '`weights."17"` is True; `weights` must be'),
        ("[weights]\n17 = nan", '`weights."17"` is NaN; `weights` must be'),
        ("[weights]\n17 = 1.005", '`weights."17"` is 1.005; `weights` must be a table of exercises with points from'),
        ("[weights]\n12_1 = 1", '`weights."12_1"`: no exercise 12_1; did you mean "12-1"?'),
        ("[weights]\n99 = 1", '`weights."99"`: no exercise 99; `dlgrade list` shows all'),
        ("[weights]\ndefault = 0", "all exercises weigh 0; give one of them a weight"),
        ("[caps]\n17 = 0", '`caps."17"` is 0; `caps` must be a table of exercises with points from 0 to 100000'),
        ('[course]\nseveral = "first"', '`course.several` is \'first\'; it must be "best" or "last"'),
        ("[course]\ntotal = 0", "`course.total` is 0; it must be a number of points above 0"),
        ("[course]\ndrop_lowest = 2.5", "`course.drop_lowest` is 2.5; it must be a whole number from 0"),
        ("[course]\ndrop_lowest = 3", "`course.drop_lowest` is 3, which leaves none of 3 exercises; make it smaller"),
        ("[course]\ndrop_lowest = 1\n[caps]\ntotal = 1", "`course.drop_lowest` and `caps.total` serve the same end"),
        ("[late]\ndeadline = 2026-12-01", "`late.per_day` is missing; give the share of the points that a day costs"),
        ("[late]\nper_day = 10\ndeadline = 2026-12-01", "`late.per_day` is 10; it must be the share of the points"),
        ("[late]\nper_day = 0.1", "`late` has no deadline; give `late.deadline` a time like 2026-12-01T23:59:00+09:00"),
        ("[late]\nper_day = 0.1\ndeadline = 2026-12-01", "`late.deadline` has no offset like +09:00; add one, or"),
        ("[late]\nper_day = 0.1\ndeadlines = {17 = 2026-12-01}", '`late.deadlines."17"` has no offset like +09:00'),
        (LATE + 'timezone = "Asia/Seul"', "`late.timezone` is 'Asia/Seul', which is no time zone here; write it like"),
        (LATE + 'timezone = "../../etc/passwd"', "`late.timezone` is '../../etc/passwd', which is no time zone here"),
        (LATE + 'timezone = ""', "`late.timezone` is '', which is no time zone here"),
        ('[late]\nper_day = 0.1\ndeadline = "2026-12-01"', "`late.deadline` is '2026-12-01'; it must be a time like"),
        (LATE + "extensions = { kim = -1 }", '`late.extensions."kim"` is -1; `late.extensions` must be a table of'),
        (
            LATE + "extensions = { kim = { 171 = 1 } }",
            '`late.extensions."kim"."171"`: no exercise 171; did you mean "17"?',
        ),
        ("[weights", "is not TOML (Expected"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_a_line(rules, tmp_path, text, told):
    with pytest.raises(UsageError) as caught:
        rules(text, ["17", "18", "12-1"])
    words = str(caught.value).removeprefix(f"{tmp_path / 'scheme.toml'}").removeprefix(":").strip()
    assert words.startswith(told)
    assert "\n" not in words


def test_a_file_that_says_nothing_changes_nothing(tmp_path):
    (tmp_path / "empty.toml").write_text("")
    assert scheme_file.read(tmp_path / "empty.toml", ["17", "12-1"]) == scheme.even(["17", "12-1"])


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match=r"none\.toml can't be read \(No such file"):
        scheme_file.read(tmp_path / "none.toml", ["17"])
    (tmp_path / "korean.toml").write_bytes("# 가중치".encode("cp949"))
    with pytest.raises(UsageError, match=r"korean\.toml is not UTF-8"):
        scheme_file.read(tmp_path / "korean.toml", ["17"])
    (tmp_path / "bom.toml").write_bytes(b"\xef\xbb\xbf[weights]\r\n17 = 2\r\n")
    assert scheme_file.read(tmp_path / "bom.toml", ["17"]).worths[0].weight == 200


def test_a_file_for_the_whole_course_fits_a_part_of_it(rules):
    some = rules("[weights]\n17 = 2\n18 = 3\n", ["18"], ["17", "18", "3"])
    assert [(worth.exercise, worth.weight) for worth in some.worths] == [("18", 300)]


def test_the_example_of_the_docs_is_right(rules):
    page = (Path(__file__).parents[1] / "docs" / "gradebook.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    some = rules(example, ["17", "18", "12-1", "3"])
    assert (some.total, some.late.free_days, some.late.extensions["kim"]) == (10_000, 3, {"default": 2})
