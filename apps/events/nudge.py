"""Tell a worker that a delivery waits, without ever making the request wait for the broker.

A daemon thread per process sends the messages; what it cannot send is dropped, because the sweep
finds every row anyway. So a refused or a black-holed broker costs a request nothing.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
import time

logger = logging.getLogger(__name__)

QUEUE_LIMIT = 1000
PAUSE_AFTER_FAILURE_SECONDS = 5.0


class _Nudger:
    def __init__(self) -> None:
        self._waiting: queue.Queue[tuple[int, str]] = queue.Queue(QUEUE_LIMIT)
        self._lock = threading.Lock()
        self._pid = 0

    def add(self, delivery_id: int, celery_queue: str) -> None:
        self._ensure_thread()
        try:
            self._waiting.put_nowait((delivery_id, celery_queue))
        except queue.Full:
            logger.warning("Nudge for delivery %s dropped: the sweep will find it", delivery_id)

    def _ensure_thread(self) -> None:
        """Start the thread once per process: a fork takes the object along but not its thread."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid != os.getpid():
                self._waiting = queue.Queue(QUEUE_LIMIT)
                threading.Thread(target=self._send_all, daemon=True, name="nudge").start()
                self._pid = os.getpid()

    def _send_all(self) -> None:
        waiting = self._waiting
        while True:
            delivery_id, celery_queue = waiting.get()
            try:
                _send(delivery_id, celery_queue)
            except Exception as error:  # noqa: BLE001  (whatever it is, the sweep delivers)
                logger.warning("Broker not reachable, the sweep delivers: %s", error)
                time.sleep(PAUSE_AFTER_FAILURE_SECONDS)
                _drop_all(waiting)


def _send(delivery_id: int, celery_queue: str) -> None:
    from apps.events.tasks import deliver  # the task module imports the services that nudge

    deliver.apply_async(args=[delivery_id], queue=celery_queue, retry=False, ignore_result=True)


def _drop_all(waiting: queue.Queue[tuple[int, str]]) -> None:
    while not waiting.empty():
        waiting.get_nowait()


_nudger = _Nudger()


def nudge(*, delivery_id: int, queue: str) -> None:
    """Ask a worker of the queue to carry out the delivery soon. Never blocks, never raises."""
    _nudger.add(delivery_id, queue)
