"""Schemathesis in process: the real application on the real database, no server in between."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from knox.models import AuthToken
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.transport.wsgi import WSGITransport

from elearning.wsgi import application

SEED = 20_261_125
REAL_IDS = 0.6
"""How often a path names something that is there."""
RULES = {
    "POST /api/v1/students/": "a password that is easily guessed",
    "POST /api/v1/courses/": "an end before the start",
    "PATCH /api/v1/courses/{course_id}/": "an end before the start",
    "POST /api/v1/lectures/": "a course or a student that does not exist",
    "POST /api/v1/waiting-list/": "a course that does not exist",
    "POST /api/v1/auth/token/": "text that is refused, such as control characters",
    "POST /api/v1/payments/{payment_id}/charges/": "text that is refused",
}
"""What the schema cannot say: there a 400 may answer what fits it."""
STILL_SHOWN = {
    "GET /api/v1/courses/{course_id}/",
    "GET /api/v1/courses/{course_id}/lessons/",
    "GET /api/v1/waiting-list/{entry_id}/",
}
"""What is deleted is withdrawn, or left: it says so to staff, and to whose it is."""
ALLOWED = ["2xx", "401", "402", "403", "404", "409", "412"]


@dataclass
class Findings:
    """What schemathesis tried, and what it found wrong."""

    cases: Counter[str] = field(default_factory=Counter)
    answers: dict[str, Counter[int]] = field(default_factory=dict)
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def note(self, event: Any) -> None:
        match event:
            case events.ScenarioFinished():
                self._note_answers(event.phase.value, event.recorder)
                self._note_failures(event.recorder)
            case events.NonFatalError():
                self.errors.append(f"{event.label}: {event.value!r}")
            case events.FatalError():
                self.errors.append(repr(event.exception))

    def _note_answers(self, phase: str, recorder: Any) -> None:
        self.cases[phase] += len(recorder.interactions)
        for case_id, interaction in recorder.interactions.items():
            label = recorder.cases[case_id].value.operation.label
            status = interaction.response.status_code if interaction.response else 0
            self.answers.setdefault(label, Counter())[status] += 1

    def _note_failures(self, recorder: Any) -> None:
        for check in (check for checks in recorder.checks.values() for check in checks):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                found = (f"{check.name}: {failure.operation}", failure.message[:200])
                self.failures[found] = check.failure_info.code_sample

    @property
    def statuses(self) -> Counter[int]:
        return sum(self.answers.values(), Counter())


def explore(
    tokens: dict[str, str],
    ids: dict[str, Iterable[int]],
    folder: Path,
    *,
    examples: int,
    **changes: Any,
) -> Findings:
    """Try the schema as the first of the tokens' owners, and what is hers as the others.

    Every check is on, and each phase: examples, coverage (with a log-in), fuzzing, stateful.
    ``changes`` are parts of the configuration to have otherwise.
    """
    config = SchemathesisConfig.from_dict(
        {
            "seed": SEED,
            "continue-on-failure": True,
            "warnings": False,
            "output": {"sanitization": {"enabled": False}},
            "generation": {
                "max-examples": examples,
                "no-shrink": True,
                "database": "none",
                "allow-x00": False,  # refused by name, see test_input; a schema cannot say it
            },
            "phases": {
                "coverage": {"enabled": bool(tokens), "unexpected-methods": ["put", "trace"]}
            },
            "checks": {"positive_data_acceptance": {"expected-statuses": ALLOWED}},
            "operations": [
                {"include-name": name, "checks": _checks_of(name)}
                for name in {*RULES, *STILL_SHOWN}
            ],
            "dictionaries": {name: {"values": list(values)} for name, values in ids.items()},
            "parameters": {
                f"path.{name}": {"dictionary": name, "probability": REAL_IDS} for name in ids
            },
            "auth": _auth(tokens, folder / "auth.json"),
        }
        | changes
    )
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", _serve, config=config)
    findings = Findings()
    for event in from_schema(schema).execute():
        findings.note(event)
    return findings


def _checks_of(operation: str) -> dict[str, Any]:
    if operation in STILL_SHOWN:
        return {"use_after_free": {"enabled": False}}
    return {"positive_data_acceptance": {"expected-statuses": [*ALLOWED, "400"]}}


def token_of(user: Any) -> str:
    return f"Token {AuthToken.objects.create(user=user)[1]}"


def _auth(tokens: dict[str, str], path: Path) -> dict[str, Any]:
    if not tokens:
        return {}
    people = [
        {"name": name, "fixedHeaders": [{"name": "Authorization", "value": token}]}
        for name, token in tokens.items()
    ]
    path.write_text(json.dumps({"auth": people}), encoding="utf-8")
    names = list(tokens)
    return {"wfc": {"path": str(path), "user": names[0], **({"peers": names} if names[1:] else {})}}


def _serve(environ: Any, start_response: Any) -> list[bytes]:
    """Answer and end the request, which closes its connection."""
    response = application(environ, start_response)
    try:
        return [b"".join(response)]
    finally:
        response.close()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Give each request a key of its own: one key with other bodies is a 422 that hides answers."""
    key = case.headers.get("Idempotency-Key")
    if isinstance(key, str) and 0 < len(key) <= 255 and key.isprintable():
        case.headers["Idempotency-Key"] = key[: 255 - len(case.id)] + case.id


_send = WSGITransport.send


def send_in_process(transport: Any, case: Any, *, session: Any = None, **kwargs: Any) -> Any:
    """Send without what only a network knows: schemathesis 4.32 hands it on when it probes."""
    if session is None:
        for name in ("max_redirects", "verify", "cert"):
            kwargs.pop(name, None)
    return _send(transport, case, session=session, **kwargs)
