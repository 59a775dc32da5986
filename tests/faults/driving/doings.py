"""The operations of students and staff, over HTTP."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from tests.faults.driving.client import Answer, Client
from tests.faults.driving.journal import Deed, Journal
from tests.faults.driving.people import People, Student, Taking
from tests.faults.driving.schedule import Doing, Step
from tests.running import PASSWORD

EXPECTED = {0, 200, 201, 202, 204, 302, 402, 409, 503}
"""What may be answered under faults. 0 is no answer at all: whoever was asked has died."""
REMOVAL = "/accounts/data/removal/"
AGREED = re.compile(r'name="agreed" value="([^"]*)"')


class Driver:
    """Carries out operations, one after the other; a thread has its own."""

    def __init__(self, port: int, people: People, journal: Journal) -> None:
        self._client = Client(port)
        self._port = port
        self._people = people
        self._journal = journal
        self._deed = Deed(0, "", 0, 0.0)
        self._doings: dict[Doing, Callable[[Step, Student], None]] = {
            Doing.ENROLL: self._enroll,
            Doing.PAY: self._pay,
            Doing.PAY_TWICE_AT_ONCE: self._pay_twice_at_once,
            Doing.CANCEL: self._cancel,
            Doing.LEARN: self._learn,
            Doing.REVIEW: self._review,
            Doing.JOIN_WAITING_LIST: self._join_waiting_list,
            Doing.LEAVE_WAITING_LIST: self._leave_waiting_list,
            Doing.ACCEPT_OFFER: self._accept_offer,
            Doing.LOOK: self._look,
            Doing.COMPLETE: self._complete,
            Doing.APPROVE_BY_STAFF: self._approve_by_staff,
            Doing.REGISTER_COURSE: self._register_course,
            Doing.WITHDRAW_COURSE: self._withdraw_course,
        }

    def do(self, step: Step) -> None:
        with self._noted(step.number, step.doing, step.actor):
            self._doings[step.doing](step, self._people.students[step.actor])

    @contextmanager
    def _noted(self, number: int, doing: str, actor: int) -> Iterator[None]:
        self._deed = Deed(number, doing, actor, self._journal.now())
        self._journal.note(self._deed)
        yield
        self._deed.ended_at = self._journal.now()

    def enroll(self, student: Student, course_id: int) -> Taking | None:
        """Enroll in this course: for a fault, outside the schedule."""
        with self._noted(-course_id, Doing.ENROLL, student.number):
            return self._enroll_in(course_id, student)

    def charge(self, taking: Taking, token: str) -> None:
        with self._noted(-taking.lecture, Doing.PAY, taking.student):
            self._charge(self._people.students[taking.student], taking, token)

    def change(self, taking: Taking, status: str) -> None:
        """Cancel or complete, by staff."""
        with self._noted(-taking.lecture, f"{status} for a fault", taking.student):
            self._change(self._people.staff, taking, status)

    def withdraw(self, course_id: int) -> None:
        with self._noted(-course_id, Doing.WITHDRAW_COURSE, 0):
            self._withdraw(course_id)

    def cancel_in_bulk(self, takings: list[Taking]) -> None:
        """Tick the enrollments in the desk's list, and start the job that cancels them."""
        session = self._people.staff_session
        ticked = [taking.lecture for taking in takings]
        fields = {"action": "cancel_enrollments", "_selected_action": ticked}
        with self._noted(-takings[0].lecture, "bulk cancellation for a fault", 0):
            drafted = self._post(session, "/admin/lectures/enrollment/", fields)
            if drafted.status == 302:
                agreed = self._agreed_on(session, drafted.location)
                self._post(session, urljoin(drafted.location, "../start/"), agreed)

    def remove_account(self, leaver: Student) -> None:
        with self._noted(-leaver.id, "removal for a fault", leaver.number):
            fields = {"password": PASSWORD} | self._agreed_on(leaver.session, REMOVAL)
            answer = self._post(leaver.session, REMOVAL, fields)
            if answer.status == 302 and "login" not in answer.location:
                self._journal.promise("removed", leaver.id, self._deed)

    def _agreed_on(self, session: str, address: str) -> dict[str, str]:
        page = self._take(self._client.page(session, address))
        agreed = AGREED.search(page.body or "")
        return {"agreed": agreed[1] if agreed else ""}

    def close(self) -> None:
        self._client.close()

    def _ask(self, token: str, method: str, path: str, body: Any = None, **about: int) -> Answer:
        self._deed.about |= about
        return self._take(self._client.api(token, method, path, body))

    def _post(self, session: str, path: str, fields: dict[str, Any], **about: int) -> Answer:
        self._deed.about |= about
        return self._take(self._client.form(session, path, fields))

    def _take(self, answer: Answer) -> Answer:
        self._deed.answers.append(str(answer))
        if answer.status not in EXPECTED:
            self._journal.outrage(self._deed, answer)
        return answer

    def _enroll(self, step: Step, student: Student) -> None:
        self._enroll_in(self._people.pick_course(step.draw), student)

    def _enroll_in(self, course_id: int, student: Student) -> Taking | None:
        answer = self._ask(
            student.token, "POST", "lectures/", {"course": course_id}, course=course_id
        )
        if answer.status == 201:
            taking = self._people.learn_of(student, answer.body)
            self._deed.about |= taking.about
            self._journal.promise("enrolled", taking.lecture, self._deed)
            return taking
        if answer.code == "already_enrolled":
            self._refresh(student)
        return None

    def _pay(self, step: Step, student: Student) -> None:
        if taking := self._people.pick(student, step.draw, "requested"):
            self._charge(student, taking, step.token)

    def _charge(self, student: Student, taking: Taking, token: str) -> None:
        path = f"payments/{taking.payment}/charges/"
        self._deed.about |= taking.about
        answer = self._ask(student.token, "POST", path, {"token": token})
        if answer.status == 201:
            taking.status = "approved"
            self._journal.promise("paid", taking.payment or 0, self._deed)
        elif answer.status == 409 and answer.code != "payment_in_progress":
            self._refresh(student)

    def _pay_twice_at_once(self, step: Step, student: Student) -> None:
        taking = self._people.pick(student, step.draw, "requested")
        if taking is None:
            return
        other = Driver(self._port, self._people, self._journal)
        second = threading.Thread(target=other.charge, args=(taking, "tok_approved"))
        second.start()
        self._charge(student, taking, "tok_approved")
        second.join()
        other.close()

    def _cancel(self, step: Step, student: Student) -> None:
        taking = self._people.pick(student, step.draw, "requested", "approved")
        if taking is None:
            return
        answer = self._change(student.token, taking, "cancelled")
        if answer.status == 200:
            refund_minor = answer.body["refund"]["amount_minor"]
            self._journal.promise("cancelled", taking.lecture, self._deed, refund_minor)

    def _change(self, token: str, taking: Taking, status: str) -> Answer:
        path = f"lectures/{taking.lecture}/"
        answer = self._ask(token, "PATCH", path, {"status": status}, **taking.about)
        student = self._people.students[taking.student]
        if answer.status == 200:
            self._people.learn_of(student, answer.body)
        elif answer.status == 409:
            self._refresh(student)
        return answer

    def _learn(self, step: Step, student: Student) -> None:
        taking = self._people.pick(student, step.draw, "approved")
        lessons = self._people.lessons[taking.course] if taking else []
        if taking is None or not lessons:
            return
        lesson = lessons[taking.completed_lessons % len(lessons)]
        path = f"lectures/{taking.lecture}/lessons/{lesson}/completion/"
        answer = self._ask(student.token, "POST", path, {}, **taking.about)
        if answer.status == 200:
            self._people.learn_of(student, answer.body).completed_lessons += 1
            if answer.body["status"] == "completed":
                self._journal.promise("completed", taking.lecture, self._deed)
        elif answer.status == 409:
            self._refresh(student)

    def _review(self, step: Step, student: Student) -> None:
        if taking := self._people.pick(student, step.draw, "completed"):
            path = f"/lectures/{taking.lecture}/review/"
            fields = {"rating": str(1 + int(step.draw * 5)), "text": "Good."}
            answer = self._post(student.session, path, fields, **taking.about)
            if answer.status == 302:
                self._journal.promise("reviewed", taking.lecture, self._deed)

    def _join_waiting_list(self, step: Step, student: Student) -> None:
        course_id = self._people.sought_after[int(step.draw * len(self._people.sought_after))]
        body = {"course": course_id}
        answer = self._ask(student.token, "POST", "waiting-list/", body, course=course_id)
        if answer.status == 201:
            self._deed.about["entry"] = answer.body["id"]
            self._journal.promise("waiting", answer.body["id"], self._deed)

    def _places(self, student: Student, status: str) -> list[dict[str, Any]]:
        path = f"waiting-list/?status={status}"
        return self._ask(student.token, "GET", path).results

    def _leave_waiting_list(self, step: Step, student: Student) -> None:
        for place in self._places(student, "waiting")[:1]:
            path = f"waiting-list/{place['id']}/"
            answer = self._ask(student.token, "DELETE", path, course=place["course"])
            if answer.status == 204:
                self._journal.promise("left", place["id"], self._deed)

    def _accept_offer(self, step: Step, student: Student) -> None:
        """Look for offers, of the neighbors too: they are few and do not stand long."""
        students = self._people.students
        for number in range(step.actor, step.actor + 4):
            other = students[number % len(students)]
            for place in self._places(other, "offered")[:1]:
                self._deed.about["entry"] = place["id"]
                self._enroll_in(place["course"], other)
                return

    def _look(self, step: Step, student: Student) -> None:
        if step.draw < 0.3:
            self._ask(student.token, "GET", "history/")
        elif step.draw < 0.5:
            self._ask(student.token, "GET", "courses/")
        else:
            self._refresh(student)

    def _refresh(self, student: Student) -> None:
        for lecture in self._ask(student.token, "GET", "lectures/?page_size=100").results:
            self._people.learn_of(student, lecture)

    def _complete(self, step: Step, student: Student) -> None:
        if taking := self._people.pick_of_anyone(step.actor, step.draw, "approved"):
            answer = self._change(self._people.staff, taking, "completed")
            if answer.status == 200:
                self._journal.promise("completed", taking.lecture, self._deed)

    def _approve_by_staff(self, step: Step, student: Student) -> None:
        taking = self._people.pick_of_anyone(step.actor, step.draw, "requested")
        if taking is None or taking.payment is None:
            return
        path, body = f"payments/{taking.payment}/", {"status": "approved"}
        answer = self._ask(self._people.staff, "PATCH", path, body, **taking.about)
        if answer.status == 200:
            taking.status = "approved"
            self._journal.promise("paid", taking.payment, self._deed)
        elif answer.status == 409:
            self._refresh(self._people.students[taking.student])

    def _register_course(self, step: Step, student: Student) -> None:
        body = {
            "title": f"Course of step {step.number}",
            "price_minor": 10_000,
            "currency": "KRW",
            "status": "open",
        }
        answer = self._ask(self._people.staff, "POST", "courses/", body)
        if answer.status == 201:
            self._people.add_course(answer.body["id"])

    def _withdraw_course(self, step: Step, student: Student) -> None:
        self._withdraw(self._people.pick_course(step.draw))

    def _withdraw(self, course_id: int) -> None:
        path = f"courses/{course_id}/"
        answer = self._ask(self._people.staff, "DELETE", path, course=course_id)
        if answer.status in (204, 409):
            self._people.remove_course(course_id)
        if answer.status == 204:
            self._journal.promise("withdrawn", course_id, self._deed)
