"""What was done and broken, and what the system has promised by its answers."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Deed:
    """One operation as it went; ``about`` names the rows that it touched."""

    number: int
    doing: str
    actor: int
    began_at: float
    about: dict[str, int] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    ended_at: float = 0.0

    def __str__(self) -> str:
        rows = " ".join(f"{name} {pk}" for name, pk in self.about.items())
        said = ", ".join(self.answers) or "nothing to do"
        return (
            f"{self.began_at:7.2f} s  #{self.number} {self.doing} by {self.actor}: {rows}: {said}"
        )


@dataclass
class Damage:
    """One fault as it went; ``back_seconds`` is when what was killed was there again."""

    before: int
    breaking: str
    began_at: float
    ended_at: float = 0.0
    back_seconds: float | None = None
    note: str = ""
    happened: bool = True

    def __str__(self) -> str:
        back = "" if self.back_seconds is None else f", back after {self.back_seconds:.1f} s"
        missed = "" if self.happened else " (did not come about)"
        return f"{self.began_at:7.2f} s  {self.breaking}{missed} {self.note}{back}"


@dataclass(frozen=True)
class Promise:
    """An answer that must hold for ever: ``kept`` says of which row, and what it said."""

    what: str
    row: int
    number: int
    amount_minor: int = 0


class Journal:
    """Shared by all threads; times are seconds since the load began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began_at = time.monotonic()
        self.deeds: list[Deed] = []
        self.damages: list[Damage] = []
        self.promises: list[Promise] = []
        self.outrages: list[str] = []

    def now(self) -> float:
        return time.monotonic() - self._began_at

    def note(self, deed: Deed) -> None:
        with self._lock:
            self.deeds.append(deed)

    def note_damage(self, damage: Damage) -> None:
        with self._lock:
            self.damages.append(damage)

    def promise(self, what: str, row: int, deed: Deed, amount_minor: int = 0) -> None:
        with self._lock:
            self.promises.append(Promise(what, row, deed.number, amount_minor))

    def outrage(self, deed: Deed, answer: Any) -> None:
        """Note an answer that no fault excuses, such as a 500."""
        with self._lock:
            body = str(getattr(answer, "body", ""))[:300]
            self.outrages.append(f"{deed}\n    {body}")

    def deeds_about(self, name: str, row: int) -> list[Deed]:
        return [deed for deed in self.deeds if deed.about.get(name) == row]

    def damage_near(self, moment: float) -> Damage | None:
        """Return the fault under way at the moment, or the last before it."""
        earlier = [damage for damage in self.damages if damage.began_at <= moment + 0.5]
        return max(earlier, key=lambda damage: damage.began_at, default=None)
