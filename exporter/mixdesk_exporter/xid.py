"""Errors that the driver reports while they happen: a thread that waits for them, and never rests."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from mixdesk_exporter.nvml import XID_EVENTS, XidCounts

log = logging.getLogger(__name__)

WAIT_MS = 1000


def listen(nvml: Any, counts: XidCounts) -> Callable[[], None]:
    """Starts the thread; the function that is returned ends it. Devices that report no events are left out."""
    over = threading.Event()
    threading.Thread(target=_run, args=(nvml, counts, over), name="mixdesk xid", daemon=True).start()
    return over.set


def _run(nvml: Any, counts: XidCounts, over: threading.Event) -> None:
    try:
        events = nvml.nvmlEventSetCreate()
        uuids = _registered(nvml, events)
        while uuids and not over.is_set():
            _wait(nvml, events, counts)
        nvml.nvmlEventSetFree(events)
    except nvml.NVMLError as error:
        log.debug("XID errors are not heard of: %s", error)


def _registered(nvml: Any, events: Any) -> list[int]:
    registered = []
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            nvml.nvmlDeviceRegisterEvents(nvml.nvmlDeviceGetHandleByIndex(index), XID_EVENTS, events)
        except nvml.NVMLError:
            continue
        registered.append(index)
    return registered


def _wait(nvml: Any, events: Any, counts: XidCounts) -> None:
    try:
        event = nvml.nvmlEventSetWait_v2(events, WAIT_MS)
    except nvml.NVMLError_Timeout:
        return
    uuid = nvml.nvmlDeviceGetUUID(event.device)
    counts.note(uuid.decode() if isinstance(uuid, bytes) else uuid, int(event.eventData), time.time())
