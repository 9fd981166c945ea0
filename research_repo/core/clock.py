"""The time, always in UTC; rows keep it so, pages turn it into the team's zone."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The date in UTC."""
    return now().date()


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last one where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def beginning(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), UTC)
