"""Beat's schedule is kept whatever happens to beat, and however Python was built."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from celery.utils.imports import symbol_by_name

from elearning.celery import app
from elearning.supervision.configuration import BEAT_SCHEDULE, application_programs
from elearning.supervision.schedule import FileScheduler

NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
HOURLY = "lectures.remind_of_lessons"


@pytest.fixture
def schedule_file(tmp_path: Path) -> Path:
    return tmp_path / BEAT_SCHEDULE


@pytest.fixture
def start_beat(schedule_file: Path, monkeypatch):
    """Return a beat as a start would make it; what it sends goes nowhere."""
    monkeypatch.setattr(FileScheduler, "send_task", lambda *args, **kwargs: None)
    for task in app.tasks.values():
        monkeypatch.setattr(task, "apply_async", lambda *args, **kwargs: None)
    return lambda: FileScheduler(
        app, schedule_filename=str(schedule_file), Producer=lambda *args, **kwargs: None
    )


def due_within(scheduler: FileScheduler, name: str) -> float:
    is_due, seconds = scheduler.schedule[name].is_due()
    return 0 if is_due else seconds


@pytest.mark.usefixtures("db")
def test_beat_sends_what_came_due_while_it_was_dead(start_beat):
    with time_machine.travel(NOW, tick=False):
        beat = start_beat()
        beat.apply_async(beat.schedule[HOURLY])  # and is killed: nothing is closed or synced
    with time_machine.travel(NOW + timedelta(minutes=40), tick=False):
        assert due_within(start_beat(), HOURLY) == pytest.approx(20 * 60)
    with time_machine.travel(NOW + timedelta(minutes=61), tick=False):
        assert due_within(start_beat(), HOURLY) == 0


def test_schedule_is_written_at_start_with_every_entry(start_beat, schedule_file):
    beat = start_beat()

    assert set(json.loads(schedule_file.read_text())) == set(beat.schedule) >= {HOURLY}


@pytest.mark.parametrize("content", ["", "{", "[]", '{"lectures.remind_of_lessons": "soon"}'])
def test_unreadable_schedule_starts_anew(start_beat, schedule_file, content, caplog):
    schedule_file.write_text(content)

    with time_machine.travel(NOW, tick=False):
        assert due_within(start_beat(), HOURLY) == pytest.approx(3600)
    assert "not readable" in caplog.text


def test_entry_that_is_gone_is_dropped(start_beat, schedule_file):
    schedule_file.write_text(json.dumps({"gone": NOW.isoformat()}))

    start_beat()

    assert "gone" not in json.loads(schedule_file.read_text())


def test_supervisor_starts_beat_with_this_scheduler(tmp_path):
    beat = next(p for p in application_programs(tmp_path, "127.0.0.1:1") if p.name == "beat")
    scheduler = beat.command[beat.command.index("--scheduler") + 1]

    assert symbol_by_name(scheduler) is FileScheduler
    assert str(tmp_path / BEAT_SCHEDULE) in beat.command
