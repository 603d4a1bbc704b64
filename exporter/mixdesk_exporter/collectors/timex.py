"""How well the clock is kept, by adjtimex(2)."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable

from mixdesk_exporter.collectors.collector import Collector
from mixdesk_exporter.errors import Absent
from mixdesk_exporter.family import Descriptor, Family, counter, gauge
from mixdesk_exporter.host import Host

TIME_ERROR = 5  # what the call returns while the clock is not synchronised
STA_NANO = 0x2000  # offset and jitter are in nanoseconds, not microseconds
PPM = 1 / 65536 / 1e6  # frequencies are parts per million, with 16 bits behind the point


class Timex(ctypes.Structure):
    """struct timex of sys/timex.h."""

    _fields_ = [
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", ctypes.c_long * 2),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    ]


Figures = dict[Descriptor, float]

SYNCED = gauge("node_timex_sync_status", "1 while the clock is synchronised.")
STATUS = gauge("node_timex_status", "Status bits.")
OFFSET = gauge("node_timex_offset_seconds", "Offset from the reference clock.")
MAX_ERROR = gauge("node_timex_maxerror_seconds", "Largest possible error.")
ERROR = gauge("node_timex_estimated_error_seconds", "Estimated error.")
FREQUENCY = gauge("node_timex_frequency_adjustment_ratio", "How much faster than its hardware the clock is run.")
CONSTANT = gauge("node_timex_loop_time_constant", "Time constant of the phase-locked loop.")
TICK = gauge("node_timex_tick_seconds", "Time between ticks.")
TAI = gauge("node_timex_tai_offset_seconds", "International Atomic Time ahead of UTC.")
PPS_FREQUENCY = gauge("node_timex_pps_frequency_hertz", "Frequency by the pulse per second.")
PPS_JITTER = gauge("node_timex_pps_jitter_seconds", "Jitter of the pulse per second.")
PPS_SHIFT = gauge("node_timex_pps_shift_seconds", "Length of a calibration interval.")
PPS_STABILITY = gauge("node_timex_pps_stability_hertz", "Mean of the recent changes of frequency.")
PPS_JITTERS = counter("node_timex_pps_jitter_total", "Pulses beyond the limit of jitter.")
PPS_CALIBRATIONS = counter("node_timex_pps_calibration_total", "Calibration intervals.")
PPS_ERRORS = counter("node_timex_pps_error_total", "Calibration errors.")
PPS_UNSTABLE = counter("node_timex_pps_stability_exceeded_total", "Times that the limit of stability was exceeded.")


def read() -> Figures:
    """Asks the kernel; changes nothing (modes 0). Raises Absent where the call is not allowed or not there."""
    timex = Timex()
    try:
        state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    except AttributeError as error:
        raise Absent("this C library has no adjtimex") from error
    if state < 0:
        raise Absent(f"adjtimex: {os.strerror(ctypes.get_errno())}")
    return figures(timex, state)


def figures(timex: Timex, state: int) -> Figures:
    """In base units."""
    part = 1e9 if timex.status & STA_NANO else 1e6
    return {
        SYNCED: int(state != TIME_ERROR),
        STATUS: timex.status,
        OFFSET: timex.offset / part,
        MAX_ERROR: timex.maxerror / 1e6,
        ERROR: timex.esterror / 1e6,
        FREQUENCY: 1 + timex.freq * PPM,
        CONSTANT: timex.constant,
        TICK: timex.tick / 1e6,
        TAI: timex.tai,
        PPS_FREQUENCY: timex.ppsfreq / 65536 / 1e6,
        PPS_JITTER: timex.jitter / part,
        PPS_SHIFT: timex.shift,
        PPS_STABILITY: timex.stabil / 65536 / 1e6,
        PPS_JITTERS: timex.jitcnt,
        PPS_CALIBRATIONS: timex.calcnt,
        PPS_ERRORS: timex.errcnt,
        PPS_UNSTABLE: timex.stbcnt,
    }


def collector(_: Host, ask: Callable[[], Figures] = read) -> Collector[Figures]:
    """The collector of this host."""
    return Collector("timex", ask, families, live=False)


def families(reading: Figures) -> Iterable[Family]:
    """One sample each."""
    return [descriptor.one(value) for descriptor, value in reading.items()]
