"""A gunicorn worker whose connections waitress reads: ``--worker-class`` names it.

gunicorn's arbiter binds the socket, forks, restarts and stops; within a worker one thread reads
every connection without waiting for any, and ``--threads`` threads answer whole requests.
"""

from __future__ import annotations

import os
import resource
import time
from typing import Any

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server
from waitress.task import ThreadedTaskDispatcher

from foundation.limits.bodies import largest_body
from foundation.web.requests import BoundedChannel

MAX_HEADER_BYTES = 32 * 1024
CONNECTIONS = 2000
"""In one worker; the oldest that wait for their client make room for more."""
KEEP_ALIVE_SECONDS = 60
DESCRIPTORS = CONNECTIONS * 2 + 500
LOOP_SECONDS = 1.0


class BufferedWorker(Worker):
    """Reads requests and sends answers for the threads, which meet no slow client."""

    def run(self) -> None:
        raise_descriptor_limit(DESCRIPTORS)
        self.connections: dict[int, Any] = {}
        self.threads = ThreadedTaskDispatcher()
        self.threads.set_thread_count(self.cfg.threads)
        create_server(
            self.wsgi,
            map=self.connections,
            _dispatcher=self.threads,
            sockets=[listener.sock for listener in self.sockets],
            connection_limit=CONNECTIONS,
            max_request_header_size=MAX_HEADER_BYTES,
            max_request_body_size=largest_body() + 1,
            channel_timeout=KEEP_ALIVE_SECONDS,
            cleanup_interval=5,
            clear_untrusted_proxy_headers=False,  # TRUSTED_PROXIES says which are believed
            asyncore_use_poll=True,
            log_socket_errors=False,
            ident=None,
        )
        for server in self._servers():
            server.channel_class = BoundedChannel
        while self.alive and os.getppid() == self.ppid:
            self._turn()
            self._close_slow(time.monotonic())
        self._stop()

    def _servers(self) -> list[BaseWSGIServer]:
        return [each for each in self.connections.values() if isinstance(each, BaseWSGIServer)]

    def _channels(self) -> list[BoundedChannel]:
        return [each for each in self.connections.values() if isinstance(each, BoundedChannel)]

    def _turn(self) -> None:
        self.notify()
        wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self.connections, count=1)

    def _close_slow(self, now: float) -> None:
        """End what has not arrived in its time, looking once a second."""
        if now < getattr(self, "looks_again_at", 0.0):
            return
        self.looks_again_at = now + LOOP_SECONDS
        for channel in self._channels():
            if channel.is_too_slow(now):
                channel.will_close = True
        for channel in crowding(self._channels(), most=CONNECTIONS):
            channel.will_close = True

    def _stop(self) -> None:
        """Take no more connections, finish what was received whole, and end."""
        for server in self._servers():
            server.del_channel()
            server.socket.close()
        ends_at = time.monotonic() + self.cfg.graceful_timeout - LOOP_SECONDS
        while time.monotonic() < ends_at and any(_is_busy(each) for each in self._channels()):
            self.notify()
            wasyncore.loop(timeout=0.1, use_poll=True, map=self.connections, count=1)
        self.threads.shutdown(timeout=0.5)


def crowding(channels: list[BoundedChannel], *, most: int) -> list[BoundedChannel]:
    """Return the oldest connections that wait for their client, once nine in ten are taken.

    They make room for the next: there is always a connection left for a probe.
    """
    if len(channels) < most * 0.9:
        return []
    waiting = [each for each in channels if not _is_busy(each)]
    return sorted(waiting, key=lambda each: each.creation_time)[: most // 5]


def _is_busy(channel: BoundedChannel) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)


def raise_descriptor_limit(wanted: int) -> None:
    """Let the process open ``wanted`` files, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
