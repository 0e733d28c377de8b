"""Grading what a whole class handed in: taking it in, judging all of it, keeping every result, giving marks."""
