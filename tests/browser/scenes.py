"""Every page and every state of it: who looks at it, where it is, and how it is reached.

A page that no scene shows fails ``test_every_address_has_a_scene``.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Step = Callable[[Page], None]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One picture. ``then`` goes on from the address, as a person would, to the view ``shows``.

    The desk has a theme of its own, with JavaScript and more weight; Swagger is not ours at all.
    """

    name: str
    path: str
    who: str = "visitor"
    status: int = 200
    then: Step | None = None
    shows: str = ""
    language: str = ""
    is_desk: bool = False
    is_ours: bool = True


def send(action: str, **values: str) -> Step:
    """Fill the fields of the form that goes to ``action`` and send it."""

    def step(page: Page) -> None:
        form = page.locator(f"main form[action^='{action}']").first
        for name, value in values.items():
            form.locator(f"[name={name}]").first.fill(value)
        form.evaluate("form => form.noValidate = true")
        form.locator("button[type=submit]").first.click()
        page.wait_for_load_state()

    return step


def follow(link: str) -> Step:
    """Follow the first link whose address matches the CSS pattern ``link``."""

    def step(page: Page) -> None:
        page.goto(page.locator(f"main a[{link}]").first.get_attribute("href") or "")

    return step


def guess_passwords(page: Page) -> None:
    """Try until it is too often."""
    email = f"guessed-{time.time_ns()}@example.com"
    for _try in range(11):
        send("/accounts/login/", login=email, password="a wrong guess")(page)
        if page.locator("main form[action^='/accounts/login/']").count() == 0:
            return


VISITOR = [
    Scene(name="home", path="/"),
    Scene(name="catalogue", path="/courses/"),
    Scene(name="catalogue-found", path="/courses/?search=SQL"),
    Scene(name="catalogue-empty", path="/courses/?search=nothing-like-it"),
    Scene(name="course", path="/courses/introduction-to-sql/"),
    Scene(name="course-closed", path="/courses/{course.closed}/"),
    Scene(
        name="lesson-preview",
        path="/courses/introduction-to-sql/",
        then=follow("href*='/lessons/'"),
        shows="courses:preview",
    ),
    Scene(name="verify", path="/verify/"),
    Scene(name="verify-issued", path="/verify/{alice.certificate}/"),
    Scene(name="verify-revoked", path="/verify/{certificate.revoked}/"),
    Scene(name="verify-unknown", path="/verify/0000-0000-0000/", status=404),
    Scene(name="log-in", path="/accounts/login/"),
    Scene(
        name="log-in-refused",
        path="/accounts/login/",
        then=send("/accounts/login/", login="nobody@example.com", password="wrong-password"),
    ),
    Scene(name="429", path="/accounts/login/", then=guess_passwords),
    Scene(name="course-full", path="/courses/{course.full}/"),
    Scene(name="sign-up", path="/accounts/signup/"),
    Scene(
        name="sign-up-errors",
        path="/accounts/signup/",
        then=send("/accounts/signup/", email="no-address", name="", password1="123"),
    ),
    Scene(name="verification-sent", path="/accounts/confirm-email/"),
    Scene(name="email-confirmation-unknown", path="/accounts/confirm-email/unknown/"),
    Scene(name="password-reset", path="/accounts/password/reset/"),
    Scene(name="password-reset-done", path="/accounts/password/reset/done/"),
    Scene(name="password-reset-unknown", path="/accounts/password/reset/key/1-unknown/"),
    Scene(name="password-reset-finished", path="/accounts/password/reset/key/done/"),
    Scene(name="account-inactive", path="/accounts/inactive/"),
    Scene(name="unsubscribe", path="{unsubscribe}", shows="students:unsubscribe"),
    Scene(name="unsubscribe-unknown", path="/mail/unsubscribe/unknown/", status=404),
    Scene(name="api-docs", path="/api/docs/", language="en", is_ours=False),
    Scene(name="404", path="/no-such-page/", status=404),
]
STUDENT = [
    Scene(name="home-student", path="/", who="alice"),
    Scene(name="course-enrolled", path="/courses/web-accessibility/", who="alice"),
    Scene(name="course-seat-offered", path="/courses/{course.full}/", who="alice"),
    Scene(name="my", path="/my/", who="alice"),
    Scene(name="my-bob", path="/my/", who="bob"),
    Scene(name="my-empty", path="/my/", who="newcomer"),
    Scene(name="timeline-completed", path="/my/{alice.completed}/", who="alice"),
    Scene(name="timeline-cancelled", path="/my/{alice.cancelled}/", who="alice"),
    Scene(name="timeline-expired", path="/my/{bob.expired}/", who="bob"),
    Scene(name="timeline-deferred", path="/my/{bob.deferred}/", who="bob"),
    Scene(name="checkout", path="/lectures/{alice.requested}/checkout/", who="alice"),
    Scene(name="checkout-deferred", path="/lectures/{bob.deferred}/checkout/", who="bob"),
    Scene(name="checkout-declined", path="/lectures/{bob.declined}/checkout/", who="bob"),
    Scene(name="payment-declined", path="/lectures/{bob.declined}/payment/", who="bob"),
    Scene(name="payment-deferred", path="/lectures/{bob.deferred}/payment/", who="bob"),
    Scene(name="payment-approved", path="/lectures/{bob.learning}/payment/", who="bob"),
    Scene(name="classroom", path="/lectures/{alice.learning}/", who="alice"),
    Scene(name="classroom-completed", path="/lectures/{alice.completed}/", who="alice"),
    Scene(
        name="lesson",
        path="/lectures/{alice.learning}/",
        who="alice",
        then=follow("href*='/lessons/'"),
        shows="lectures:lesson",
    ),
    Scene(name="cancellation", path="/lectures/{alice.learning}/cancellation/", who="alice"),
    Scene(name="review", path="/lectures/{alice.completed}/review/", who="alice"),
    Scene(name="styleguide", path="/styleguide/", who="carol"),
    Scene(name="verify-mine", path="/verify/{alice.certificate}/", who="alice"),
    Scene(name="account", path="/accounts/profile/", who="alice"),
    Scene(name="own-data", path="/accounts/data/", who="alice"),
    Scene(name="removal", path="/accounts/data/removal/", who="alice"),
    Scene(name="removal-newcomer", path="/accounts/data/removal/", who="newcomer"),
    Scene(name="second-factor", path="/accounts/2fa/", who="alice"),
    Scene(name="log-ins", path="/accounts/log-ins/", who="alice"),
    Scene(name="notifications", path="/accounts/notifications/", who="alice"),
    Scene(name="email-addresses", path="/accounts/email/", who="alice"),
    Scene(name="password-change", path="/accounts/password/change/", who="alice"),
    Scene(name="reauthenticate", path="/accounts/reauthenticate/", who="alice"),
    Scene(name="log-out", path="/accounts/logout/", who="alice"),
    Scene(name="403-desk", path="/admin/", who="alice", status=403),
]
DESK = [
    Scene(name=f"desk-{name}", path=f"/admin/{path}", who="carol", is_desk=True)
    for name, path in (
        ("overview", ""),
        ("courses", "courses/course/"),
        ("course-new", "courses/course/add/"),
        ("course", "courses/course/{course.open.id}/change/"),
        ("course-withdraw", "courses/course/{course.open.id}/delete/"),
        ("enrollments", "lectures/enrollment/"),
        ("enrollment", "lectures/enrollment/{alice.learning}/change/"),
        ("waiting-list", "lectures/waitinglistentry/"),
        ("certificates", "certification/certificate/"),
        ("reviews", "lectures/review/"),
        ("payments", "payments/payment/"),
        ("payment", "payments/payment/{alice.payment}/change/"),
        ("refunds", "payments/refund/"),
        ("sandbox", "payments/sandboxswitch/"),
        ("emails", "students/sentemail/"),
        ("email-previews", "students/sentemail/preview/"),
        ("email-preview", "students/sentemail/preview/approved/ko/"),
        ("import", "import/"),
        ("bulk-jobs", "elearning/bulkjob/"),
        ("course-as-student", "courses/course/{course.open.id}/as-student/"),
        ("enrollment-cancel", "lectures/enrollment/{alice.learning}/cancel_enrollment/"),
        ("payment-by-hand", "payments/payment/{bob.payment.declined}/mark_as_paid/"),
        ("audit-log", "elearning/auditentry/"),
        ("lockouts", "students/trycount/"),
        ("users", "students/user/"),
        ("user-new", "students/user/add/"),
        ("groups", "auth/group/"),
        ("events", "events/loggedevent/"),
        ("deliveries", "events/delivery/"),
        ("invariants", "elearning/invariantreport/"),
    )
]
SCENES = [*VISITOR, *STUDENT, *DESK]
