"""Celery beat's record of what it sent when, independent of how this Python was built.

Celery keeps it by ``shelve``, whose file format, names and moments of writing depend on the ``dbm``
modules that this Python has; with Berkeley DB a killed beat has kept nothing.
"""

import json
import logging
from datetime import datetime
from pathlib import Path
from typing import Any

from celery.beat import Scheduler

log = logging.getLogger(__name__)


class FileScheduler(Scheduler):
    """Scheduler that replaces one JSON file, entry name to time, at start and after each task.

    A task whose time came while beat was down is therefore sent as soon as it is back.
    """

    def __init__(self, *args: Any, schedule_filename: str, **kwargs: Any) -> None:
        self.file = Path(schedule_filename)
        super().__init__(*args, **kwargs, sync_every_tasks=1)

    def setup_schedule(self) -> None:
        super().setup_schedule()
        for name, sent_at in self._read().items():
            if name in self.schedule:
                self.schedule[name].last_run_at = sent_at
        self.sync()

    def sync(self) -> None:
        sent = {name: entry.last_run_at.isoformat() for name, entry in self.schedule.items()}
        unfinished = self.file.with_name(f"{self.file.name}.new")
        unfinished.write_text(json.dumps(sent, indent=1), encoding="utf-8")
        Path(unfinished).replace(self.file)

    def _read(self) -> dict[str, datetime]:
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
            return {name: datetime.fromisoformat(sent_at) for name, sent_at in kept.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError, TypeError):
            log.warning("%s is not readable: every interval starts anew.", self.file)
            return {}
