"""What supervisord runs, and the file that tells it and supervisorctl so."""

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from elearning.embedded import servers, tied

CELERY = ["celery", "-A", "elearning"]
WORKER = [*CELERY, "worker", "--without-mingle", "--without-gossip", "--loglevel", "INFO"]
BEAT_SCHEDULE = "beat-schedule.json"
APPLICATION = "app"  # the group: its programs stop all at once, groups one after the other


@dataclass(frozen=True, kw_only=True)
class Program:
    """What the supervisor starts, and restarts whenever it ends."""

    name: str
    command: list[str]
    autostart: bool = False
    priority: int = 999  # the highest stop first, and the next wait until they have
    stop_signal: str = "TERM"


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Everything in supervisord.conf, which is read in the data folder: logs are relative to it.

    The socket is private; the password is a second lock.
    """

    data_dir: Path
    socket: Path
    user: str
    password: str
    embedded: list[Program]
    application: list[Program]

    @property
    def file(self) -> Path:
        return self.data_dir / "supervisord.conf"

    @property
    def access(self) -> dict[str, str]:
        url = f"unix://{self.socket}"
        return {"serverurl": url, "username": self.user, "password": self.password}

    def write(self) -> None:
        descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write("\n".join(_section(name, values) for name, values in self._sections()))

    def _sections(self) -> list[tuple[str, dict[str, str]]]:
        credentials = {"username": self.user, "password": self.password}
        interface = "supervisor.rpcinterface:make_main_rpcinterface"
        names = ",".join(program.name for program in self.application)
        return [
            ("supervisord", self._daemon()),
            ("unix_http_server", {"file": str(self.socket), "chmod": "0700", **credentials}),
            ("supervisorctl", self.access),
            ("rpcinterface:supervisor", {"supervisor.rpcinterface_factory": interface}),
            (f"group:{APPLICATION}", {"programs": names}),
            *((f"program:{program.name}", self._program(program)) for program in self.embedded),
            *((f"program:{program.name}", self._program(program)) for program in self.application),
        ]

    def _daemon(self) -> dict[str, str]:
        as_root = {"user": "root"} if os.geteuid() == 0 else {}
        return {
            "nodaemon": "true",
            "logfile": "logs/supervisord.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": "2",
            "pidfile": "supervisord.pid",
            **as_root,
        }

    def _program(self, program: Program) -> dict[str, str]:
        return {
            "command": shlex.join(program.command),
            "directory": str(servers.ROOT),
            "autostart": str(program.autostart).lower(),
            "autorestart": "true",
            "priority": str(program.priority),
            "startretries": "1000",
            "stopsignal": program.stop_signal,
            "stopwaitsecs": "12",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": f"logs/{program.name}.log",
            "stdout_logfile_maxbytes": "5MB",
            "stdout_logfile_backups": "2",
        }


def embedded_programs(names: list[str], data_dir: Path) -> list[Program]:
    return [
        Program(
            name=name,
            command=servers.command(name, data_dir),
            autostart=True,
            priority=1,
            stop_signal=servers.STOP_SIGNALS[name].name.removeprefix("SIG"),
        )
        for name in names
    ]


def application_programs(data_dir: Path, bind: str) -> list[Program]:
    web = ["gunicorn", "elearning.wsgi", "--bind", bind, "--preload", "--no-control-socket"]
    web += ["--worker-class", "foundation.web.worker.BufferedWorker", "--workers", "2"]
    web += ["--threads", "16"]
    web += ["--graceful-timeout", "5"]
    schedule = ["--scheduler", "elearning.supervision.schedule:FileScheduler"]
    schedule += ["--schedule", str(data_dir / BEAT_SCHEDULE), "--pidfile="]
    commands = {
        "web": web,
        "worker": [*WORKER, "-Q", "default", "-c", "2", "-n", "default@%h"],
        "certification": [*WORKER, "-Q", "certification", "-c", "1", "-n", "certification@%h"],
        "beat": [*CELERY, "beat", *schedule, "--loglevel", "INFO"],
    }
    return [Program(name=name, command=tied.command(rest)) for name, rest in commands.items()]


def _section(name: str, values: dict[str, str]) -> str:
    lines = [f"{key}={value.replace('%', '%%')}" for key, value in values.items()]
    return "\n".join([f"[{name}]", *lines, ""])
