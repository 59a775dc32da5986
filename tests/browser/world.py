"""What the demo school holds that pages are about, found over the API, and what is added to it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.running import Api, System


@dataclass
class World:
    """``places`` fills the blanks of a scene's path: ``{alice.learning}`` is a lecture's id."""

    system: System
    places: dict[str, str] = field(default_factory=dict)

    def path(self, template: str, more: dict[str, str] | None = None) -> str:
        for name, value in (self.places | (more or {})).items():
            template = template.replace(f"{{{name}}}", value)
        assert "{" not in template, f"the demo school has no {template}"
        return template


def build_world(system: System) -> World:
    world = World(system)
    for who in ("alice", "bob"):
        api = system.api.log_in(f"{who}@example.com")
        for lecture in _all(api, "/api/v1/lectures/"):
            world.places.setdefault(f"{who}.{_state(lecture)}", str(lecture["id"]))
            world.places.setdefault(f"{who}.{_state(lecture)}.course", str(lecture["course"]))
            if lecture["payment"]:
                payment = lecture["payment"]
                world.places.setdefault(f"{who}.payment", str(payment["id"]))
                world.places.setdefault(f"{who}.payment.{payment['status']}", str(payment["id"]))
        for certificate in _all(api, "/api/v1/certificates/"):
            world.places.setdefault(f"{who}.certificate", certificate["code"])
            world.places.setdefault(
                f"{who}.certificate.{certificate['status']}", certificate["code"]
            )
    world.places["staff_setup"] = staff_setup_path(system)
    world.places["unsubscribe"] = unsubscribe_path(system, "alice@example.com")
    world.places["second_factor_reset"] = second_factor_reset_path(system)
    carol = system.api.log_in("carol@example.com")
    for certificate in _all(carol, "/api/v1/certificates/"):
        world.places.setdefault(f"certificate.{certificate['status']}", certificate["code"])
    for course in _all(carol, "/api/v1/courses/"):
        world.places.setdefault(f"course.{course['status']}", course["slug"])
        world.places.setdefault(f"course.{course['status']}.id", str(course["id"]))
        if course["status"] == "open" and course["capacity"] == course["seats_taken"]:
            world.places.setdefault("course.full", course["slug"])
    return world


def staff_setup_path(system: System) -> str:
    """Return where the link that ``create_staff`` prints leads."""
    printed = system.manage("create_staff", "dana@example.com", "--minutes", "60")
    return "/" + printed.split("://")[1].split("/", 1)[1].strip()


def unsubscribe_path(system: System, email: str) -> str:
    """Return where the link of an e-mail leads, as the running system signs it."""
    return mailed_path(
        system,
        "from django.contrib.auth import get_user_model;"
        "from apps.students.services.mail_switches import SWITCHES, unsubscribe_url;"
        f"student = get_user_model().objects.get(email={email!r});"
        "print(unsubscribe_url(student.pk, next(iter(SWITCHES))))",
    )


def second_factor_reset_path(system: System) -> str:
    """Return where the link of the e-mail leads, of a student who takes part in no scene."""
    return mailed_path(
        system,
        "from allauth.mfa.totp.internal.auth import TOTP;"
        "from django.contrib.auth import get_user_model;"
        "from apps.students.services.links import second_factor_url;"
        "students = get_user_model().objects.filter(is_staff=False, is_active=True);"
        "student = students.exclude(email__in=['alice@example.com', 'bob@example.com']).first();"
        "TOTP.activate(student, 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');"
        "print(second_factor_url(student))",
    )


def mailed_path(system: System, code: str) -> str:
    """Return the path of the URL that the code prints last."""
    url = system.manage("shell", "--no-imports", "-c", code).strip().splitlines()[-1]
    return "/" + url.split("/", 3)[3]


def request(student: Api, slug: str) -> dict:
    course = next(one for one in _all(student, "/api/v1/courses/") if one["slug"] == slug)
    answer = student("POST", "/api/v1/lectures/", {"course": course["id"]})
    assert answer.status == 201, answer.body
    return answer.body


def pay(student: Api, lecture: dict, token: str = "tok_approved") -> None:
    charges = f"/api/v1/payments/{lecture['payment']['id']}/charges/"
    assert student("POST", charges, {"token": token}).status in (201, 202, 402)


def _all(api: Api, path: str) -> list[dict]:
    found: list[dict] = []
    while path:
        answer = api("GET", path)
        assert answer.status == 200, answer.body
        found += answer.body["results"]
        path = (answer.body["next"] or "").removeprefix(api.url)
    return found


def _state(lecture: dict) -> str:
    payment = lecture["payment"]
    if lecture["status"] == "approved":
        return "learning"
    if lecture["status"] == "requested" and payment["status"] != "pending":
        return str(payment["status"])
    return str(lecture["status"])
