"""The school as it should be, in plain Python: no database, no gateway, no concurrency.

Every command answers with what the real one must answer: ``ok``, what became of a charge, or the
code of the refusal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVE = ("requested", "approved", "completed")
WAITS = ("waiting", "offered")
LESSONS = 3
THRESHOLD_PERCENT = 60
HOLD = timedelta(hours=24)
HELD_FOR_WAITING = timedelta(hours=24)
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
class Place:
    """A place in the queue for an offer; an offered one holds a seat ``until`` then."""

    student: int
    offer: Offer
    status: str = "waiting"
    until: datetime | None = None


@dataclass
class School:
    now: datetime
    offers: list[Offer]
    gateway: str = "working"
    takings: list[Taking] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def request(self, student: int, offer: Offer) -> str:
        if offer.is_withdrawn:
            return "course_not_open"
        if self._is_enrolled(student, offer):
            return "already_enrolled"
        queue = self._queue(offer)
        held = [each for each in queue if each.student == student and each.status == "offered"]
        if held and (held[0].until or self.now) <= self.now:
            return "offer_lapsed"
        if not held and (self.free_seats(offer) == 0 or any(e.status == "waiting" for e in queue)):
            return "course_full"
        for place in held:
            place.status = "accepted"
        taking = Taking(student, offer, self.now + HOLD)
        if offer.price_minor == 0:
            taking.status = "approved"
        self.takings.append(taking)
        return "ok"

    def free_seats(self, offer: Offer) -> int:
        live = [each for each in self.takings if each.offer is offer and each.status in LIVE]
        held = [each for each in self._queue(offer) if each.status == "offered"]
        return offer.capacity - len(live) - len(held)

    def _is_enrolled(self, student: int, offer: Offer) -> bool:
        own = [e for e in self.takings if e.offer is offer and e.student == student]
        return any(each.status in LIVE for each in own)

    def _queue(self, offer: Offer) -> list[Place]:
        return [each for each in self.places if each.offer is offer and each.status in WAITS]

    def join(self, student: int, offer: Offer) -> str:
        if offer.is_withdrawn:
            return "course_not_open"
        if self._is_enrolled(student, offer):
            return "already_enrolled"
        queue = self._queue(offer)
        if any(each.student == student for each in queue):
            return "already_waiting"
        if self.free_seats(offer) and not queue:
            return "seat_is_free"
        self.places.append(Place(student, offer))
        return "ok"

    def leave(self, place: Place) -> str:
        if place.status not in WAITS:
            return "not_waiting"
        held, place.status = place.status == "offered", "left"
        if held:
            self._pass_on(place.offer)
        return "ok"

    def _pass_on(self, offer: Offer) -> None:
        """Offer what is free to those who wait longest."""
        for place in self._queue(offer):
            if place.status == "waiting" and self.free_seats(offer) and not offer.is_withdrawn:
                place.status, place.until = "offered", self.now + HELD_FOR_WAITING

    def keep_waiting_lists(self) -> None:
        for offer in self.offers:
            for place in self._queue(offer):
                if offer.is_withdrawn or (place.until and place.until <= self.now):
                    place.status = "lapsed"
            self._pass_on(offer)

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
        self._pass_on(taking.offer)
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
        for place in self.places:
            if place.offer.is_withdrawn and place.status in WAITS:
                place.status = "lapsed"

    def expire(self) -> None:
        for taking in self.takings:
            if taking.status == "requested" and taking.pay_by <= self.now:
                self._ask(taking)
                if taking.status == "requested":
                    taking.status = "expired"
                    self._pass_on(taking.offer)

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
