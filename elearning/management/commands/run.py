"""``manage.py run``: the whole system on this machine, in the foreground, until it is stopped."""

import http.client
import os
import signal
import socket
import time
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections

from elearning.embedded import servers
from elearning.supervision.system import (
    STOP_SIGNALS,
    SupervisionError,
    Supervisor,
    only_one,
    supervised,
)
from foundation.static_files import collect_static

PORT_SECONDS = 2
READY_SECONDS = 60
DEMO_STAFF = "carol@example.com"


class Command(BaseCommand):
    help = "Run database, broker, web server, workers and beat, until Ctrl-C or SIGTERM."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        data_dir, host = settings.DATA_DIR, os.environ.get("HOST") or "127.0.0.1"
        for stop in STOP_SIGNALS:
            signal.signal(stop, signal.default_int_handler)
        embedded = [name for name, url in servers.URL_VARIABLES.items() if not os.environ.get(url)]
        bind = f"[{host}]:{settings.PORT}" if ":" in host else f"{host}:{settings.PORT}"
        try:
            with only_one(data_dir) as lock:
                _require_free_port(host)
                with supervised(data_dir, lock=lock, embedded=embedded, bind=bind) as supervisor:
                    self._run(supervisor, embedded, host)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except SupervisionError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {error}") from error

    def _run(self, supervisor: Supervisor, embedded: list[str], host: str) -> None:
        _wait_for_servers(supervisor, embedded)
        _prepare_database()
        supervisor.start_web()  # first and alone: people wait for it, not for the workers
        _wait_until_it_answers(supervisor, host)
        supervisor.start_application()
        self._welcome()
        supervisor.process.wait()
        raise SupervisionError("supervisord ended; everything it ran has been stopped.")

    def _welcome(self) -> None:
        lines = [f"elearning is ready: {settings.SITE_URL}/", *_ways_in()]
        lines += [f"  logs      {settings.DATA_DIR / 'logs'}", "Ctrl-C stops everything."]
        self.stdout.write("\n".join(["", *lines, ""]))
        self.stdout.flush()
        _disconnect()


def _ways_in() -> list[str]:
    staff = get_user_model().objects.filter(is_staff=True, is_active=True)
    if not staff.exists():
        return ["  no staff  create the first account: manage.py create_staff ADDRESS"]
    if not staff.filter(email=DEMO_STAFF).exists():
        return []
    if settings.PRODUCTION:
        return [
            "  WARNING   This database holds the demo school. Nobody can log in with its published"
            " password; a real school starts with an empty database."
        ]
    return [
        f"  log in    {DEMO_STAFF} (staff), alice@example.com, bob@example.com",
        f"  password  {settings.DEMO_PASSWORD}",
    ]


def _require_free_port(host: str) -> None:
    found = socket.getaddrinfo(host, settings.PORT, type=socket.SOCK_STREAM)
    family, kind, _, _, address = found[0]
    deadline = time.monotonic() + PORT_SECONDS
    while True:
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                return probe.bind(address)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise CommandError(
                        f"Port {settings.PORT} on {host} is not free ({error.strerror}): stop what"
                        " uses it, or choose another with PORT=8001."
                    ) from error
        time.sleep(0.2)


def _wait_for_servers(supervisor: Supervisor, embedded: list[str]) -> None:
    deadline = time.monotonic() + servers.START_SECONDS
    for name in embedded:
        while not servers.is_ready(name, settings.DATA_DIR):
            if supervisor.process.poll() is not None or time.monotonic() > deadline:
                raise SupervisionError(f"{name} did not start.{_last_lines(name)}")
            time.sleep(0.05)


def _prepare_database() -> None:
    call_command("migrate", interactive=False, verbosity=0)
    if not settings.WHITENOISE_USE_FINDERS:
        collect_static()
    if not settings.PRODUCTION and settings.PAYMENT_GATEWAY == "sandbox":
        call_command("load_demo", if_empty=True)
    _disconnect()


def _disconnect() -> None:
    for connection in connections.all(initialized_only=True):
        connection.close()
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def _wait_until_it_answers(supervisor: Supervisor, host: str) -> None:
    loopback = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    deadline = time.monotonic() + READY_SECONDS
    while not _answers(loopback):
        if supervisor.process.poll() is not None or time.monotonic() > deadline:
            raise SupervisionError(f"The web server does not answer.{_last_lines('web')}")
        time.sleep(0.1)


def _last_lines(name: str) -> str:
    log = settings.DATA_DIR / "logs" / f"{name}.log"
    lines = log.read_text(errors="replace").splitlines()[-12:] if log.exists() else []
    return "\n".join([f" The end of {log}:", *lines])


def _answers(host: str) -> bool:
    connection = http.client.HTTPConnection(host, settings.PORT, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": settings.ALLOWED_HOSTS[0]})
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
