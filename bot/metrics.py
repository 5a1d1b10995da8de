"""What is counted while the bot works, for Prometheus. Labels are platforms and kinds, never a customer or a case."""

from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """One set for each App, so that two in a process count apart. Gauges are set when somebody asks."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self._turns = Counter("shouhou_turns", "Events handled", ["platform", "kind"], registry=self.registry)
        self._set_aside = Counter("shouhou_set_aside", "Events whose handling failed", registry=self.registry)
        self._accept = Histogram(
            "shouhou_accept_seconds",
            "From an event's arrival until its answer is stored",
            ["platform"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self._sends = Counter(
            "shouhou_sends", "Messages by what came of sending", ["platform", "outcome"], registry=self.registry
        )
        # Finding a counter by its labels costs more than counting.
        self._turns_of: Callable[[str, str], Counter] = cache(self._turns.labels)
        self._accept_of: Callable[[str], Histogram] = cache(self._accept.labels)
        self._sends_of: Callable[[str, str], Counter] = cache(self._sends.labels)
        self.set_aside_waiting = Gauge(
            "shouhou_set_aside_waiting", "Set-aside events to look at", registry=self.registry
        )
        self._parts_ended = Counter(
            "shouhou_parts_ended",
            "Ends of what runs all the time, each started again",
            ["part"],
            registry=self.registry,
        )
        self.parts_down = Gauge("shouhou_parts_down", "Parts that do not run just now", registry=self.registry)
        self.due = Gauge("shouhou_due", "Messages and errands whose time has come", ["what"], registry=self.registry)
        self.oldest_due = Gauge(
            "shouhou_oldest_due_seconds", "How long the oldest of them has waited", ["what"], registry=self.registry
        )

    def handled(self, platform: str, kind: str) -> None:
        self._turns_of(platform, kind).inc()

    def part_ended(self, part: str) -> None:
        self._parts_ended.labels(part).inc()

    def set_aside(self, count: int) -> None:
        self._set_aside.inc(count)

    def accepted(self, platform: str, seconds: float) -> None:
        self._accept_of(platform).observe(seconds)

    def sent(self, platform: str, outcome: str) -> None:
        self._sends_of(platform, outcome).inc()
