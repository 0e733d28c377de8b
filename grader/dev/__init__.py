"""For authors of a kit: prove it, see what its cases tell apart, mutate its solutions, add an exercise."""
