"""A handler that kills its worker, whenever a course of this title is opened."""

import os
import signal

from apps.courses.events import CourseOpened
from apps.events.registry import later

TITLE = "Poison"


@later(CourseOpened)
def die_of_poison(event: CourseOpened) -> None:
    if event.title == TITLE:
        os.kill(os.getpid(), signal.SIGKILL)
