"""States of the running system that pass by themselves, held for as long as they are looked at.

A lock on a table holds whoever wants to write it, as a long transaction of somebody else would.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser.world import request
from tests.running import System, eventually

Places = dict[str, str]
WRITES, READS_TOO = "SHARE ROW EXCLUSIVE", "ACCESS EXCLUSIVE"


@contextmanager
def nothing(_system: System, _page: Page) -> Iterator[Places]:
    yield {}


@contextmanager
def busy(system: System, _page: Page) -> Iterator[Places]:
    """The database has no room in time for whoever wants to read reviews."""
    with locked(system, "lectures_review", READS_TOO):
        yield {}


@contextmanager
def broken(system: System, _page: Page) -> Iterator[Places]:
    """The table of reviews is not where the program expects it: an error of ours."""
    rename = "ALTER TABLE {} RENAME TO {}"
    name, other = "lectures_review", "lectures_review_mislaid"
    with system.connect() as connection:
        connection.autocommit = True
        connection.execute(rename.format(name, other))
        try:
            yield {}
        finally:
            connection.execute(rename.format(other, name))


@contextmanager
def certificate_being_issued(system: System, _page: Page) -> Iterator[Places]:
    """Bob has completed a course, and whoever issues certificates cannot write."""
    lecture = request(system.api.log_in("bob@example.com"), new_course(system)["slug"])
    carol = system.api.log_in("carol@example.com")
    with locked(system, "certification_certificate", WRITES):
        carol("PATCH", f"/api/v1/lectures/{lecture['id']}/", {"status": "completed"})
        yield {"lecture": str(lecture["id"])}


@contextmanager
def payment_in_progress(system: System, _page: Page) -> Iterator[Places]:
    """Bob's card is charged, and the booking of it waits."""
    bob = system.api.log_in("bob@example.com")
    lecture = request(bob, new_course(system, price_minor=30_000)["slug"])
    charge = f"/api/v1/payments/{lecture['payment']['id']}/"
    with locked(system, "payments_ledgerentry", WRITES):
        paying = Thread(target=bob, args=("POST", f"{charge}charges/", {"token": "tok_approved"}))
        paying.start()
        eventually(
            lambda: bob("GET", charge).body["status"] == "processing", seconds=20, what="the charge"
        )
        yield {"lecture": str(lecture["id"])}
    paying.join()


@contextmanager
def enrolled(system: System, _page: Page) -> Iterator[Places]:
    """Bob is in a course of his own."""
    lecture = request(system.api.log_in("bob@example.com"), new_course(system)["slug"])
    yield {"lecture": str(lecture["id"])}


@contextmanager
def job_drawn_up(system: System, page: Page) -> Iterator[Places]:
    """Carol has chosen to open a course from the list, and has not confirmed it."""
    course = new_course(system, status="draft")
    page.goto(f"/admin/courses/course/?q={course['title'].split()[-1]}")
    page.check(f"input[name=_selected_action][value='{course['id']}']")
    page.select_option("select[name=action]", "open_courses")
    page.locator("#changelist-actions button[type=submit]").click()
    page.wait_for_url("**/bulkjob/*/change/")
    yield {"job": page.url.split("/")[-3]}


@contextmanager
def job_under_way(system: System, page: Page) -> Iterator[Places]:
    """Carol has confirmed it, and the worker does not get to it."""
    with job_drawn_up(system, page) as places, worker_paused(system):
        page.locator("form[action$='/start/'] button[type=submit]").click()
        page.wait_for_selector("#bulk-progress")
        yield places


@contextmanager
def worker_paused(system: System) -> Iterator[None]:
    """The default worker takes no task."""
    worker = system.pid_of("app:worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(worker, signal.SIGCONT)


@contextmanager
def locked(system: System, table: str, mode: str) -> Iterator[None]:
    with system.connect() as connection:
        connection.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
        connection.rollback()


def new_course(system: System, *, price_minor: int = 0, status: str = "open") -> dict:
    """Register a course for one scene."""
    carol = system.api.log_in("carol@example.com")
    title = f"정규식 첫걸음 {uuid4().hex[:6]}"
    offer = {"title": title, "price_minor": price_minor, "currency": "KRW"}
    course: dict = carol("POST", "/api/v1/courses/", offer).body
    if status != "draft":
        carol("PATCH", f"/api/v1/courses/{course['id']}/", {"status": status})
    return course
