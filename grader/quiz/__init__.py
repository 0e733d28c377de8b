"""Quizzes: cards from question pages, served by a seed, answered, marked, and remembered. No terminal in here."""
