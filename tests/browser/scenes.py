"""Every page and every state of it: who looks at it, where it is, and how it is reached.

A page that no scene shows fails ``test_every_address_has_a_scene``.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from playwright.sync_api import Page

from tests.browser import passing, steps
from tests.running import System

State = Callable[[System, Page], AbstractContextManager[dict[str, str]]]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One picture. ``then`` goes on from the address, as a person would, to the view ``shows``.

    ``during`` holds a state that passes, and fills more blanks of the path; ``has`` is what must be
    on the page, or it is another's picture. The desk has a theme of its own, with JavaScript and
    more weight; Swagger is not ours at all.
    """

    name: str
    path: str
    who: str = "visitor"
    status: int = 200
    during: State = passing.nothing
    then: steps.Step | None = None
    has: str = "h1, h2"
    shows: str = ""
    language: str = ""
    is_desk: bool = False
    is_ours: bool = True

    @property
    def passes(self) -> bool:
        """Whether somebody must hold the state: these scenes take longest."""
        return self.during is not passing.nothing


def code(number: str) -> str:
    """Return what tells the page of an error from others."""
    return f".notice-page__code:text('{number}')"


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
        then=steps.follow("href*='/lessons/'"),
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
        then=steps.send("/accounts/login/", login="nobody@example.com", password="wrong-password"),
    ),
    Scene(name="429", path="/accounts/login/", then=steps.guess_passwords, has=code("429")),
    Scene(name="course-full", path="/courses/{course.full}/"),
    Scene(name="sign-up", path="/accounts/signup/"),
    Scene(
        name="sign-up-errors",
        path="/accounts/signup/",
        then=steps.send("/accounts/signup/", email="no-address", name="", password1="123"),
    ),
    Scene(name="verification-sent", path="/accounts/confirm-email/"),
    Scene(name="email-confirmation-unknown", path="/accounts/confirm-email/unknown/"),
    Scene(name="password-reset", path="/accounts/password/reset/"),
    Scene(name="password-reset-done", path="/accounts/password/reset/done/"),
    Scene(name="password-reset-unknown", path="/accounts/password/reset/key/1-unknown/"),
    Scene(name="password-reset-finished", path="/accounts/password/reset/key/done/"),
    Scene(name="account-inactive", path="/accounts/inactive/"),
    Scene(name="unsubscribe", path="{unsubscribe}", shows="students:unsubscribe"),
    Scene(name="staff-setup", path="{staff_setup}", shows="students:staff_setup"),
    Scene(name="staff-setup-used", path="/accounts/staff-setup/unknown/", status=404),
    Scene(name="email-undo-used", path="/accounts/email/undo/unknown/", status=404),
    Scene(name="unsubscribe-unknown", path="/mail/unsubscribe/unknown/", status=404),
    Scene(
        name="second-factor-reset",
        path="{second_factor_reset}",
        shows="students:second_factor_reset",
    ),
    Scene(
        name="second-factor-reset-unknown",
        path="/accounts/second-factor-reset/unknown/",
        status=404,
    ),
    Scene(name="api-docs", path="/api/docs/", language="en", is_ours=False, has=".opblock"),
    Scene(name="404", path="/no-such-page/", status=404, has=code("404")),
    Scene(name="400", path="/courses/?search=%00", status=400, has=code("400")),
    Scene(name="403-token", path="/accounts/signup/", then=steps.forget_token, has=".notice-page"),
    Scene(
        name="500",
        path="/courses/introduction-to-sql/",
        status=500,
        during=passing.broken,
        has=code("500"),
    ),
    Scene(
        name="503",
        path="/courses/introduction-to-sql/",
        status=503,
        during=passing.busy,
        has=code("503"),
    ),
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
        then=steps.follow("href*='/lessons/'"),
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
    Scene(name="tokens", path="/accounts/tokens/", who="alice", then=steps.prove),
    Scene(name="notifications", path="/accounts/notifications/", who="alice"),
    Scene(name="email-addresses", path="/accounts/email/", who="alice"),
    Scene(name="password-change", path="/accounts/password/change/", who="alice"),
    Scene(name="reauthenticate", path="/accounts/reauthenticate/", who="alice"),
    Scene(name="log-out", path="/accounts/logout/", who="alice"),
    Scene(name="403-desk", path="/admin/", who="alice", status=403, has=code("403")),
    Scene(
        name="409",
        path="/lectures/{lecture}/review/",
        who="bob",
        status=409,
        during=passing.enrolled,
        has=".notice-page .empty__icon",
    ),
    Scene(
        name="payment-in-progress",
        path="/lectures/{lecture}/payment/",
        who="bob",
        during=passing.payment_in_progress,
        has="[hx-trigger='every 2s']",
    ),
    Scene(
        name="certificate-being-issued",
        path="/lectures/{lecture}/",
        who="bob",
        during=passing.certificate_being_issued,
        has="#certificate-state [hx-trigger]",
    ),
    Scene(
        name="timeline-moving",
        path="/my/{lecture}/",
        who="bob",
        during=passing.certificate_being_issued,
        has="#entry-state [hx-trigger]",
    ),
]
NEW_STUDENT = "email,name\nnew-student@example.com,김수려\n"
PASSING_AT_DESK = [
    Scene(
        name="desk-bulk-job-drawn-up",
        path="/admin/elearning/bulkjob/{job}/change/",
        during=passing.job_drawn_up,
        has="form[action$='/start/']",
    ),
    Scene(
        name="desk-bulk-job-in-progress",
        path="/admin/elearning/bulkjob/{job}/change/",
        during=passing.job_under_way,
        has="#bulk-progress[hx-trigger]",
    ),
    Scene(
        name="desk-import-dry-run",
        path="/admin/import/",
        then=steps.upload(NEW_STUDENT + "no-address,이름\n"),
        has="form[action$='/start/']",
    ),
    Scene(
        name="desk-import-encoding",
        path="/admin/import/",
        then=steps.upload("email,name\nalvaro@example.com,Álvaro Núñez\n", "cp1252"),
        has="[name=encoding][value=cp1252]",
    ),
    Scene(
        name="desk-import-encoding-of-draft",
        path="/admin/import/",
        then=steps.upload("email,name\nkim@example.com,김수려\n", "cp949"),
        has="form[action$='/encoding/']",
    ),
    Scene(
        name="desk-import-errors",
        path="/admin/import/",
        then=steps.upload("mail\nnew@example.com\n"),
        has="[id$=_error]",
    ),
    Scene(
        name="desk-course-errors",
        path="/admin/courses/course/add/",
        then=steps.save_empty,
        has=".errornote",
    ),
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
        ("failed-rows", "batches/batchfailure/"),
        ("invariants", "invariants/invariantcheck/"),
    )
]
DESK += [replace(scene, who="carol", is_desk=True) for scene in PASSING_AT_DESK]
SCENES = [*VISITOR, *STUDENT, *DESK]
