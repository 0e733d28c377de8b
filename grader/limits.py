"""What a worker may use in all, unless its exercise asks for more."""

CPU_SECONDS = 60
MEMORY = 1 << 30  # bytes
LIMITS = {"cpu_seconds": CPU_SECONDS, "memory": MEMORY}
