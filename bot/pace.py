"""Pace: how often something may happen, remembered by key."""

from bot.adapter import Rate

MOST_KEPT = 2000


class Pace:
    """Times are seconds of a clock that only goes forward."""

    def __init__(self) -> None:
        self._even_at: dict[str, float] = {}
        """When as much will have happened as the rate allows until then."""

    def wait(self, key: str, rate: Rate, now: float) -> float:
        """Seconds until it may happen again; 0 or less: now."""
        even_at = self._even_at.get(key, now)
        return round(even_at - now - (rate.burst - 1) * rate.seconds / rate.count, 6)  # 30.16 - 30 - 0.16 is not 0

    def count(self, key: str, rate: Rate, now: float) -> None:
        """It happens now."""
        if len(self._even_at) > MOST_KEPT:
            self._even_at = {one: at for one, at in self._even_at.items() if at > now}
        self._even_at[key] = max(self._even_at.get(key, now), now) + rate.seconds / rate.count

    def hold(self, key: str, rate: Rate, until: float) -> None:
        """Nothing before then, whatever the burst."""
        self._even_at[key] = until + (rate.burst - 1) * rate.seconds / rate.count
