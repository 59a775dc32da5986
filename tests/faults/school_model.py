"""The school as it should be, in plain Python: no database, no gateway, no concurrency.

Every command answers with what the real one must answer: ``ok``, what became of a charge, or the
code of the refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVE = ("requested", "approved", "completed")
LESSONS = 3
THRESHOLD_PERCENT = 60
HOLD = timedelta(hours=24)
ASK_AFTER = timedelta(seconds=15)
GIVE_UP_AFTER = timedelta(seconds=60)


@dataclass
class Offer:
    capacity: int
    price_minor: int
    refund_policy: str
    is_withdrawn: bool = False


@dataclass
class Taking:
    """One student's taking of one offer. ``unknown`` is a charge that has had no answer yet.

    It is ``captured`` or ``lost`` at the gateway; ``paid_by`` is empty, ``gateway`` or ``manual``.
    """

    student: int
    offer: Offer
    pay_by: datetime
    status: str = "requested"
    unknown: str = ""
    called_at: datetime | None = None
    paid_by: str = ""
    refund_minor: int = 0
    lessons: set[int] = field(default_factory=set)

    @property
    def progress_percent(self) -> int:
        return len(self.lessons) * 100 // LESSONS

    @property
    def kept_at_gateway_minor(self) -> int:
        return self.offer.price_minor - self.refund_minor if self.paid_by == "gateway" else 0

    @property
    def payment_status(self) -> str:
        """What the payment ends as, once every refund is made."""
        if not self.paid_by:
            return "unpaid" if self.status == "requested" else "cancelled"
        if self.refund_minor == self.offer.price_minor:
            return "refunded"
        return "partially_refunded" if self.refund_minor else "approved"

    def pay_off(self, paid_by: str) -> None:
        self.paid_by, self.status = paid_by, "approved"

    def end(self) -> None:
        policy, price = self.offer.refund_policy, self.offer.price_minor
        share = 1.0 if policy == "full" or not self.lessons else 2 / 3
        self.cancel(refund_minor=price if share == 1.0 else price * 2 // 3)

    def cancel(self, *, refund_minor: int) -> None:
        self.refund_minor = refund_minor if self.paid_by else 0
        self.status = "cancelled"


@dataclass
class School:
    now: datetime
    offers: list[Offer]
    gateway: str = "working"
    takings: list[Taking] = field(default_factory=list)

    def request(self, student: int, offer: Offer) -> str:
        live = [each for each in self.takings if each.offer is offer and each.status in LIVE]
        if offer.is_withdrawn:
            return "course_not_open"
        if any(each.student == student for each in live):
            return "already_enrolled"
        if len(live) == offer.capacity:
            return "course_full"
        taking = Taking(student, offer, self.now + HOLD)
        if offer.price_minor == 0:
            taking.status = "approved"
        self.takings.append(taking)
        return "ok"

    def pay(self, taking: Taking, token: str) -> str:
        if refusal := self._refuse_payment(taking):
            return refusal
        taking.called_at, earlier = self.now, taking.unknown
        if self.gateway != "working":
            taking.unknown = earlier or ("lost" if self.gateway == "slow" else "")
            return "deferred"
        taking.unknown = ""
        if token == "tok_declined" and earlier != "captured":
            return "declined"
        if token == "tok_timeout_after_capture" and earlier != "captured":
            taking.unknown = "captured"
            return "deferred"
        taking.pay_off("gateway")
        return "approved"

    def _refuse_payment(self, taking: Taking) -> str:
        if taking.offer.price_minor == 0:
            return "enrollment_state"
        if taking.paid_by:
            return self._refuse_paid(taking)
        if taking.status != "requested":
            return "payment_closed"
        return "payment_expired" if taking.pay_by <= self.now else ""

    def approve_by_staff(self, taking: Taking) -> str:
        if taking.status == "requested":
            taking.pay_off("manual")
            return "ok"
        return self._refuse_paid(taking) if taking.paid_by else "payment_closed"

    def _refuse_paid(self, taking: Taking) -> str:
        return "payment_refunded" if taking.refund_minor else "payment_already_paid"

    def cancel(self, taking: Taking) -> str:
        self._ask(taking)
        if taking.status not in ("requested", "approved"):
            return "enrollment_state"
        taking.end()
        return "ok"

    def learn(self, taking: Taking, lesson: int) -> str:
        if taking.status not in ("approved", "completed"):
            return "not_learning"
        taking.lessons.add(lesson)
        if taking.progress_percent >= THRESHOLD_PERCENT:
            taking.status = "completed"
        return "ok"

    def complete(self, taking: Taking) -> str:
        if taking.status != "approved":
            return "enrollment_state"
        taking.status = "completed"
        return "ok"

    def withdraw(self, offer: Offer) -> str:
        if offer.is_withdrawn:
            return "course_state"
        offer.is_withdrawn = True
        return "ok"

    def deliver(self) -> None:
        for taking in self.takings:
            if taking.offer.is_withdrawn and taking.status in ("requested", "approved"):
                taking.cancel(refund_minor=taking.offer.price_minor)

    def expire(self) -> None:
        for taking in self.takings:
            if taking.status == "requested" and taking.pay_by <= self.now:
                self._ask(taking)
                if taking.status == "requested":
                    taking.status = "expired"

    def settle(self) -> None:
        for taking in self.takings:
            if taking.called_at and taking.called_at <= self.now - ASK_AFTER:
                self._ask(taking)

    def _ask(self, taking: Taking) -> None:
        """Learn what became of an unknown charge; money that nobody wants goes back."""
        if self.gateway != "working" or not taking.unknown or taking.called_at is None:
            return
        if taking.unknown == "captured":
            taking.unknown = ""
            if taking.status == "requested":
                taking.pay_off("gateway")
        elif taking.called_at <= self.now - GIVE_UP_AFTER:
            taking.unknown = ""
