"""The process of a desk: state folder, lock, store, app, sockets, and a stop that keeps nobody waiting."""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mixdesk.version import __version__
from mixdesk_control import state, threads, tuning
from mixdesk_control.app import create_app
from mixdesk_control.auth.routes import login_link
from mixdesk_control.auth.token_service import any_on_purpose
from mixdesk_control.protocol import limited
from mixdesk_control.settings import Settings
from mixdesk_control.store import Store
from mixdesk_control.web import binding
from mixdesk_control.web.limits import MAX_BODY
from mixdesk_control.web.sockets import SocketProtocol

# Trainers report once a second and poll for 25; their connections are kept longer than either.
KEEP_ALIVE_S = 75
GRACE_S = 3

NO_NAME = "browsers cannot sign in: set [server] public_url to the address they use"


@dataclass(frozen=True, slots=True)
class Ready:
    """A desk that answers: its address for browsers, a login link, and what people should know."""

    browser_url: str
    login_link: str
    pid: int
    notes: tuple[str, ...] = ()


OnReady = Callable[[Ready], None]


class DeskServer(uvicorn.Server):
    """uvicorn, with a word when it is up, and one to everybody who waits when it goes down."""

    def __init__(self, config: uvicorn.Config, on_up: Callable[[], None], on_stop: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_up = on_up
        self._on_stop = on_stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Up: the sockets answer from here on."""
        await super().startup(sockets)
        self._on_up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Down: long polls and streams are told first, so that uvicorn finds nobody left to wait for."""
        self._on_stop()
        await super().shutdown(sockets)


def serve(settings: Settings, on_ready: OnReady) -> None:
    """Runs a desk until SIGINT or SIGTERM. Raises StateError, StoreError, SettingsError, TokenFileError."""
    folder = state.prepare(settings.state_dir)
    lock = state.Lock(folder)
    try:
        store = Store.open(settings.store.url, state_dir=folder)
        try:
            _serve(settings, store, on_ready)
        finally:
            store.close()
    finally:
        lock.release()
    threads.leave_if_any_hangs()


def _serve(settings: Settings, store: Store, on_ready: OnReady) -> None:
    on_purpose = bool(settings.auth.token_files) or store.read_blocking(any_on_purpose)
    binding.check(settings.server, tokens_on_purpose=on_purpose)
    sockets = binding.listen(settings.server)
    try:
        port = int(sockets[0].getsockname()[1])
        app = create_app(settings, store, port=port)
        with contextlib.ExitStack() as announced, _signals_handled():  # withdrawn while the port is still held
            up = functools.partial(_up, settings, app, port, on_ready, announced)
            _server(settings, app, up, announced.close).run(sockets=sockets)
    finally:
        for open_socket in sockets:
            open_socket.close()


def _server(settings: Settings, app: FastAPI, on_up: Callable[[], None], withdraw: Callable[[], None]) -> DeskServer:
    def on_stop() -> None:
        withdraw()
        app.state.rooms.stopping()

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http=limited(tuning.most_connections()),
        ws=SocketProtocol,
        lifespan="on",
        log_config=None,
        access_log=False,
        # The peer is the peer: what a proxy says of others is read by web/origin.py, for the audit alone.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        ws_max_size=MAX_BODY,
        ws_per_message_deflate=False,  # a compressor a viewer is memory for nothing on a LAN
        ssl_certfile=settings.server.tls_cert,
        ssl_keyfile=settings.server.tls_key,
    )
    return DeskServer(config, on_up, on_stop)


def _up(settings: Settings, app: FastAPI, port: int, on_ready: OnReady, announced: contextlib.ExitStack) -> None:
    tuning.tune()
    url = binding.url_of(settings.server, port)
    running = state.Running(url=url, version=__version__, pid=os.getpid(), started_at=time.time(), port=port)
    announcement = state.Announcement(settings.state_dir)  # after the sockets, see there
    announced.callback(announcement.withdraw)
    announcement.publish(running)
    browser_url = app.state.site.browser_url or url
    code = app.state.auth.own_code()
    notes = () if app.state.site.browser_url else (NO_NAME,)
    on_ready(Ready(browser_url, login_link(browser_url, code), os.getpid(), notes))


@contextlib.contextmanager
def _signals_handled() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more at its end; for a desk that was an orderly stop."""

    def taken(_number: int, _frame: FrameType | None) -> None:
        return None

    before = {number: signal.signal(number, taken) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
