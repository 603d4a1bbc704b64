"""The wiring of the desk: the only module that knows every room."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import Metric
from sqlalchemy import Connection
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection

from mixdesk.version import __version__
from mixdesk_control import audit, runs
from mixdesk_control.alerts import routes as alert_routes
from mixdesk_control.alerts.service import AlertService
from mixdesk_control.assets import metrics as asset_metrics
from mixdesk_control.assets import routes as asset_routes
from mixdesk_control.assets.opening import asset_service
from mixdesk_control.attribution import Attribution
from mixdesk_control.auth import routes as auth_routes
from mixdesk_control.auth.errors import AccessRefused
from mixdesk_control.auth.guard import check_every_route_has_a_role
from mixdesk_control.auth.principal import Principal
from mixdesk_control.auth.service import AuthService
from mixdesk_control.doctor import routes as doctor_routes
from mixdesk_control.jobs import metrics as job_metrics
from mixdesk_control.jobs import routes as job_routes
from mixdesk_control.jobs.otlp_metrics import JobMetricsPusher
from mixdesk_control.jobs.service import JobService
from mixdesk_control.logs import metrics as log_metrics
from mixdesk_control.logs import routes as log_routes
from mixdesk_control.logs.discovery.job_runs import JobRuns
from mixdesk_control.logs.opening import log_service
from mixdesk_control.meters import routes as meter_routes
from mixdesk_control.meters.opening import meters, pushes
from mixdesk_control.notify import metrics as notify_metrics
from mixdesk_control.notify import routes as notify_routes
from mixdesk_control.notify.service import NotifyService
from mixdesk_control.operations import OperationService
from mixdesk_control.operations import metrics as operation_metrics
from mixdesk_control.operations import routes as operation_routes
from mixdesk_control.settings import Settings
from mixdesk_control.store import Store
from mixdesk_control.telling import Teller
from mixdesk_control.web import about, exposition, links, openapi, pages, probes, problems
from mixdesk_control.web.admin import BuiltAdmin, folder_of
from mixdesk_control.web.binding import site_of
from mixdesk_control.web.gate import Gate
from mixdesk_control.web.idempotency import prune
from mixdesk_control.web.lane import Lane
from mixdesk_control.web.origin import Site, client_address
from mixdesk_control.web.policies import origins
from mixdesk_control.web.seats import Seats
from mixdesk_control.web.streams import MOST_STREAMS
from mixdesk_control.whereabouts import Whereabouts
from mixdesk_exporter.family import Family
from mixdesk_exporter.otlp_target import OtlpError
from mixdesk_exporter.report import read_boot_id

HOUSE_S = 60.0

log = logging.getLogger("mixdesk.app")


def create_app(settings: Settings, store: Store, *, port: int | None = None, ui: Path | None = None) -> FastAPI:
    """The desk over an open store. `port` is the one that is bound, where the settings leave it to the system; `ui`
    the folder of the built page, where it is not the usual one.

    Raises SettingsError, TokenFileError, and RuntimeError for a route that declares no role.
    """
    site = site_of(settings.server, settings.server.port if port is None else port)
    auth = AuthService(
        store,
        state_dir=settings.state_dir,
        given=settings.auth.token_files,
        secure=(site.public_url or f"{site.scheme}://").startswith("https://"),
        loopback=not site.proxies,
    )
    auth.load()
    rooms = Rooms(settings, store, auth)
    app = FastAPI(
        title="Mixdesk",
        version=__version__,
        description="Meters and faders for machines that train and serve voice models.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asked of every request, and of no use here
        lifespan=rooms.lifespan,
    )
    app.state.auth, app.state.site, app.state.rooms = auth, site, rooms
    app.state.requests = Counter()
    app.state.streams = Seats("streams", MOST_STREAMS)
    _add_routes(app, rooms, ui)
    _add_edges(app, rooms, site)
    check_every_route_has_a_role(app.routes)
    return app


class Rooms:
    """What lives as long as the desk does."""

    def __init__(self, settings: Settings, store: Store, auth: AuthService) -> None:
        self.settings = settings
        self.store = store
        self.auth = auth
        self.denials = audit.DenialLog(store)
        self.operations = OperationService(store)
        self.meters = meters(settings)
        self._pushes = pushes(settings)
        self._boot_id = read_boot_id(settings.exporter.procfs)
        self.attribution = Attribution(
            self.meters,
            lambda: self.jobs.board.jobs(),
            lambda: self.assets.owned(),
            boot_id=self._boot_id,
            whereabouts=Whereabouts(settings.exporter.procfs),
        )
        self.jobs = JobService(
            store,
            self.operations,
            settings=settings.jobs,
            metrics_settings=settings.metrics,
            endpoint=settings.otel.endpoint,
            state_dir=settings.state_dir,
            gpu_use=self.attribution.use_of,
            host_of=self.meters.host_of,
        )
        self.assets = asset_service(
            settings, store, self.operations, meters=self.attribution, jobs_of=self.attribution.jobs_in_assets
        )
        self.alerts = AlertService(store, owners=self.jobs.owners)
        self.notify = NotifyService(store, settings.notify, public_url=settings.server.public_url)
        self.teller = Teller(self.jobs.board, self.notify, boot_id=self._boot_id, stalled_s=settings.notify.stalled_s)
        self.runs = JobRuns(self.assets.outputs)
        self.logs = log_service(
            settings, outputs=self.assets.outputs, runs=self.runs, owners=self.jobs.owners, note=self._note_download
        )

    @contextlib.asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Starts the rooms, keeps house, and stops them: jobs are written before assets and meters are waited for."""
        await self.jobs.start()
        await self.notify.start()
        await self.teller.start()
        await self.meters.start()
        await self.assets.start()
        await self.logs.start()
        pusher = await self._pushing(app.state.requests)
        house = asyncio.create_task(self._keep_house())
        told = runs.tell(self.runs, self.jobs.board.jobs, self.attribution.jobs_in_assets, boot_id=self._boot_id)
        telling = asyncio.create_task(told)
        try:
            yield
        finally:
            await self._stop([house, telling], pusher)

    async def _stop(self, tasks: Sequence[asyncio.Task[None]], pusher: JobMetricsPusher | None) -> None:
        """All of them, whichever fails: the last that is named here is the first to be stopped."""
        async with contextlib.AsyncExitStack() as last:
            last.callback(self.auth.tokens.flush_use)
            last.push_async_callback(_canceled, tasks)
            last.push_async_callback(self.meters.stop)
            last.push_async_callback(self.assets.stop)
            last.push_async_callback(self.notify.stop)  # what the jobs still tell at their end is noted
            last.push_async_callback(self.jobs.stop)
            last.push_async_callback(self.teller.stop)
            last.push_async_callback(self.logs.stop)
            if pusher is not None:
                last.push_async_callback(pusher.stop)

    async def _pushing(self, requests: Counter[tuple[str, str]]) -> JobMetricsPusher | None:
        if not self._pushes:
            return None
        pusher = JobMetricsPusher(lambda: self._collect_own(requests), self.settings.otel.endpoint)
        try:
            await pusher.start()
        except OtlpError as error:
            log.warning("%s", error)
        return pusher

    def stopping(self) -> None:
        """The desk is told to stop: whoever waits on it is let go, before the server waits for them."""
        self.auth.stopping()
        self.jobs.board.waiters.close()

    async def _note_download(self, principal: Principal, source: str, origin: str) -> None:
        await self.store.write(
            lambda conn: audit.record(
                conn, principal, action="logs.download", target=source, origin=origin, outcome=audit.DONE
            )
        )

    async def note_test(self, principal: Principal, origin: str, outcome: str) -> None:
        """Who tried whether messages arrive, and how that went."""
        await self.store.write(
            lambda conn: audit.record(
                conn, principal, action="notify.test", target="notify", origin=origin, outcome=outcome
            )
        )

    async def _keep_house(self) -> None:
        while True:
            try:
                await self.operations.tend()
                self.auth.keep_house()
                self.store.write_soon(lambda conn: prune(conn, time.time()))
            except Exception:  # the edge of a background task: a full disk must not end it for good
                log.exception("housekeeping failed; again in %g s", HOUSE_S)
            await asyncio.sleep(HOUSE_S)

    def collect(self, requests: Counter[tuple[str, str]]) -> Callable[[], list[Metric | Family]]:
        """The metric families of every room, fresh: what takes time is made when what is returned is called."""
        own = self._collect_own(requests)
        return lambda: exposition.joined(own(), self.meters.families())

    def _collect_own(self, requests: Counter[tuple[str, str]]) -> Callable[[], list[Metric]]:
        jobs, attributed = job_metrics.collect(self.jobs, time.time()), self.attribution.collect()
        rest = [
            *asset_metrics.families(self.assets.board),
            *log_metrics.families(self.logs.listed(), self.logs.hub.skipped),
            *operation_metrics.families(self.operations),
            *notify_metrics.families(self.notify.events, self.notify.outcomes),
            *exposition.own_families(requests, __version__),
        ]
        return lambda: [*jobs(), attributed(), *rest]


async def _canceled(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _add_routes(app: FastAPI, rooms: Rooms, ui: Path | None) -> None:
    # First and not as an included router, which FastAPI matches twice: reports are most of what comes.
    app.router.routes.extend(job_routes.router(rooms.jobs).routes)
    app.include_router(auth_routes.router(rooms.auth, _record, browser_url=app.state.site.browser_url or ""))
    app.include_router(operation_routes.router(rooms.operations))
    app.include_router(meter_routes.router(rooms.meters))
    app.include_router(asset_routes.router(rooms.assets))
    app.include_router(log_routes.router(rooms.logs))
    app.include_router(alert_routes.router(rooms.alerts))
    app.include_router(notify_routes.router(rooms.notify, rooms.note_test))
    app.include_router(audit.router(rooms.store))
    app.include_router(about.router(rooms.settings, __version__))
    app.include_router(links.router(rooms.settings))
    app.include_router(doctor_routes.router(rooms.settings))
    app.include_router(exposition.router(lambda: rooms.collect(app.state.requests)))
    app.include_router(probes.router(rooms.store, __version__))
    app.include_router(openapi.router(app))
    app.include_router(pages.router(_built_admin(rooms.settings, app.state.site, ui)))


def _built_admin(settings: Settings, site: Site, folder: Path | None) -> BuiltAdmin:
    return BuiltAdmin(
        folder_of() if folder is None else folder,
        site=site,
        frame_ancestors=settings.server.frame_ancestors,
        frames=origins([settings.grafana.shown]),
    )


def _add_edges(app: FastAPI, rooms: Rooms, site: Site) -> None:
    problems.install(app)

    async def on_refused(connection: HTTPConnection, error: Exception) -> object:
        assert isinstance(error, AccessRefused)
        rooms.denials.note(connection, error)
        return await problems.on_http_exception(connection, error)

    app.add_exception_handler(AccessRefused, on_refused)  # type: ignore[arg-type]
    app.add_middleware(Lane, routes=app.router.routes)
    app.add_middleware(
        Gate,
        site=site,
        cookie_name=rooms.auth.cookie_name,
        on_refused=rooms.denials.note,
        bodies={alert_routes.WEBHOOK: alert_routes.MOST_BODY},
    )
    if site.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=sorted(site.origins),
            allow_methods=["GET", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "X-Grafana-Action"],
            allow_credentials=False,
        )


def _record(conn: Connection, connection: HTTPConnection, principal: Principal, *, action: str, target: str) -> None:
    audit.record(conn, principal, action=action, target=target, origin=client_address(connection), outcome=audit.DONE)
