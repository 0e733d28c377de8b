"""The path through the built-in exercises: prerequisites exist, come first, and lead to every exercise."""

from graphlib import TopologicalSorter
from pathlib import Path

from grader import curriculum

ITEMS = curriculum.items(Path(__file__).parents[1])
NUMBERS = {item.entry.number for item in ITEMS}


def test_there_are_46_exercises() -> None:
    assert len(ITEMS) == len(NUMBERS) == 46
    assert {number for number in NUMBERS if "-" not in number} == {str(n) for n in range(1, 21)}


def test_prerequisites_exist_and_never_go_round_in_circles() -> None:
    assert {number for item in ITEMS for number in item.prerequisites} <= NUMBERS
    order = TopologicalSorter({item.entry.number: item.prerequisites for item in ITEMS}).static_order()
    assert set(order) == NUMBERS


def test_next_leads_to_every_exercise_and_to_its_prerequisites_first() -> None:
    solved: list[str] = []
    while item := curriculum.next_up(ITEMS, solved):
        assert set(item.prerequisites) <= set(solved)
        solved.append(item.entry.number)
    assert sorted(solved) == sorted(NUMBERS)


def test_the_path_begins_easily_and_gets_harder() -> None:
    first = curriculum.next_up(ITEMS, [])
    assert first is not None and first.difficulty <= 2 and not first.prerequisites
    harder = {item.entry.number: item.difficulty for item in ITEMS}
    for item in ITEMS:
        assert all(harder[number] <= item.difficulty + 1 for number in item.prerequisites), item.entry.number
