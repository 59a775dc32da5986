"""What is done and what is broken, in which order: a pure function of the seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum, auto

from apps.crash_points import CrashPoint


class Doing(StrEnum):
    """What students and staff do."""

    ENROLL = auto()
    PAY = auto()
    PAY_TWICE_AT_ONCE = auto()
    CANCEL = auto()
    LEARN = auto()
    REVIEW = auto()
    JOIN_WAITING_LIST = auto()
    LEAVE_WAITING_LIST = auto()
    ACCEPT_OFFER = auto()
    LOOK = auto()
    COMPLETE = auto()
    APPROVE_BY_STAFF = auto()
    REGISTER_COURSE = auto()
    WITHDRAW_COURSE = auto()


class Breaking(StrEnum):
    """What is broken meanwhile. ``DIES_AT`` and the name of a crash point: whoever comes there."""

    WEB_WORKER_KILLED = auto()
    WEB_SERVER_KILLED = auto()
    WORKER_KILLED = auto()
    CERTIFICATION_KILLED = auto()
    POOL_PROCESS_KILLED = auto()
    BEAT_KILLED = auto()
    REDIS_STOPPED = auto()
    REDIS_STARTED_EMPTY = auto()
    REDIS_FROZEN = auto()
    POSTGRES_RESTARTED = auto()
    POSTGRES_KILLED = auto()
    CONNECTIONS_CUT = auto()
    GATEWAY_SLOW = auto()
    GATEWAY_FAILING = auto()
    GATEWAY_DOWN = auto()
    GATEWAY_TIMES_OUT_AFTER_CAPTURE = auto()
    GATEWAY_ANSWERS_TWICE = auto()
    PAY_BY_REACHED = auto()
    WORKER_OUTLIVES_ITS_LEASE = auto()
    DELIVERED_TWICE = auto()
    CROWD_AT_THE_DOOR = auto()
    DIES_AT_SEAT_TAKEN = auto()
    DIES_AT_CHARGE_BEGUN = auto()
    DIES_AT_CHARGE_CAPTURED = auto()
    DIES_AT_CHARGE_BOOKED = auto()
    DIES_AT_WITHDRAWAL_HALFWAY = auto()
    DIES_AT_REFUND_MADE = auto()
    DIES_AT_CERTIFICATE_WRITTEN = auto()
    DIES_AT_DELIVERY_HANDLED = auto()
    DIES_AT_BULK_ITEM_DONE = auto()
    DIES_AT_POST_DONE = auto()
    DIES_AT_REMOVAL_HALFWAY = auto()
    DIES_AT_MAIL_HANDED_OVER = auto()

    @property
    def crash_point(self) -> CrashPoint | None:
        name = self.value.removeprefix("dies_at_")
        return CrashPoint(name) if name != self.value else None


STUDENTS = 80
SHARES = {
    Doing.ENROLL: 240,
    Doing.PAY: 190,
    Doing.PAY_TWICE_AT_ONCE: 25,
    Doing.CANCEL: 55,
    Doing.LEARN: 220,
    Doing.REVIEW: 25,
    Doing.JOIN_WAITING_LIST: 40,
    Doing.LEAVE_WAITING_LIST: 10,
    Doing.ACCEPT_OFFER: 40,
    Doing.LOOK: 60,
    Doing.COMPLETE: 50,
    Doing.APPROVE_BY_STAFF: 30,
    Doing.REGISTER_COURSE: 3,
    Doing.WITHDRAW_COURSE: 2,
}
TOKENS = {
    "tok_approved": 80,
    "tok_declined": 6,
    "tok_insufficient_funds": 4,
    "tok_slow": 6,
    "tok_timeout_after_capture": 4,
}


@dataclass(frozen=True)
class Step:
    """One operation. ``draw`` (0 to 1) chooses among what the actor has when its time comes."""

    number: int
    doing: Doing
    actor: int
    draw: float
    token: str


@dataclass(frozen=True)
class Fault:
    """One fault, begun before the operation of this number."""

    before: int
    breaking: Breaking
    draw: float


@dataclass(frozen=True)
class Schedule:
    """``step`` gives every operation; after the last of ``operations`` there are always more."""

    seed: int
    operations: int
    faults: tuple[Fault, ...]

    def step(self, number: int) -> Step:
        dice = random.Random(f"{self.seed}/{number}")
        (doing,) = dice.choices(list(SHARES), list(SHARES.values()))
        (token,) = dice.choices(list(TOKENS), list(TOKENS.values()))
        return Step(number, doing, dice.randrange(STUDENTS), dice.random(), token)


def draw_schedule(
    *, seed: int, operations: int, rounds: int, kinds: tuple[Breaking, ...] = tuple(Breaking)
) -> Schedule:
    """Draw operations by their shares, and faults in strata: each kind once in every round."""
    dice = random.Random(seed)
    order = [kind for _round in range(rounds) for kind in dice.sample(kinds, len(kinds))]
    return Schedule(seed, operations, tuple(_spread(order, operations, dice)))


def _spread(order: list[Breaking], operations: int, dice: random.Random) -> list[Fault]:
    """Give each fault a stretch of the operations, and a place in it by chance."""
    first = min(operations // 10, 200)
    stretch = (operations - first) / max(len(order), 1)
    return [
        Fault(int(first + stretch * (place + dice.random())), kind, dice.random())
        for place, kind in enumerate(order)
    ]
