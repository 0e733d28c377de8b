"""Numbers as people read them, whatever a submission said they were."""

LARGEST = 1e100  # beyond it a number is as good as infinite, and below its inverse as good as 0


def finite(value: object) -> float | None:
    """A number that can be drawn; None for anything else: nan and infinities, also as JSON's strings."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return None
    if abs(number) < 1 / LARGEST:
        return 0.0
    return number if abs(number) <= LARGEST else None


def share(value: object) -> float | None:
    """A number from 0 to 1, or None."""
    number = finite(value)
    return number if number is not None and 0 <= number <= 1 else None


def amount(value: object) -> str:
    """About three digits of a number: 0.182, 12.3, 8,000, 3.1e-07; nan and infinities by their names."""
    number = finite(value)
    if number is None:
        return str(value) if isinstance(value, float) or value in ("nan", "inf", "-inf") else "no number"
    if number == 0 or 1e-3 <= abs(number) < 999.5:
        return f"{number:.3g}"
    return f"{number:,.0f}" if 999.5 <= abs(number) < 1e9 else f"{number:.1e}"


def percent(value: float, digits: int = 1) -> str:
    """A share as a percentage."""
    return f"{100 * value:.{digits}f} %"


def seconds(value: float) -> str:
    """A time: 0.41 s, 2.1 s, 48 s, 3 min 20 s."""
    if value < 9.95:
        return f"{value:.2f} s" if value < 0.995 else f"{value:.1f} s"
    if round(value) < 120:
        return f"{value:.0f} s"
    return f"{round(value) // 60:,} min {round(value) % 60} s"


def size(count: float) -> str:
    """A number of bytes: 312 MB, 1.4 GB."""
    return f"{amount(count / 1e9)} GB" if count >= 999.5e6 else f"{amount(round(count / 1e6))} MB"
