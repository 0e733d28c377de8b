"""The way through the exercises of a watch: where somebody has been, and what comes next."""

import functools
from pathlib import Path

from grader import curriculum, guidance
from grader.curriculum import Item
from grader.kit import Entry
from grader.store import Store


class Trail:
    """The exercises that were gone through, and where among them somebody is."""

    def __init__(self, root: Path, language: str, store: Store, entry: Entry) -> None:
        self._root, self._language, self._store = root, language, store
        self._visited, self._at = [entry], 0

    @functools.cached_property
    def items(self) -> list[Item]:
        """All exercises."""
        return curriculum.items(self._root, self._language)

    @property
    def here(self) -> Entry:
        return self._visited[self._at]

    def is_solved(self) -> bool:
        """Whether the exercise here was ever passed."""
        return self.here.number in guidance.solved(self._store.progress())

    def ahead(self) -> Item | None:
        """What to do after the exercise here: those that were left for another one come last. None: all are solved."""
        passed_over = {entry.number for entry in self._visited}
        found = guidance.upcoming(self.items, self._store.progress(), passed_over)
        return None if found and found.entry == self.here else found

    def forward(self) -> Entry:
        """Goes on: to where somebody came back from, to what comes next, or where all is solved by the numbers."""
        if self._at + 1 == len(self._visited):
            found = self.ahead()
            self._visited.append(found.entry if found else self._neighbour(1))
        self._at += 1
        return self.here

    def back(self) -> Entry:
        """Goes back to where somebody came from, or by the numbers."""
        if self._at == 0:
            self._visited.insert(0, self._neighbour(-1))
        else:
            self._at -= 1
        return self.here

    def jump(self, number: str) -> Entry:
        """Goes to an exercise."""
        self._visited[self._at + 1 :] = [next(item.entry for item in self.items if item.entry.number == number)]
        self._at += 1
        return self.here

    def _neighbour(self, step: int) -> Entry:
        entries = [item.entry for item in self.items]
        return entries[(entries.index(self.here) + step) % len(entries)]
