"""How a job begins: `mixdesk.job` and `mixdesk.queue`."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from pathlib import Path

from . import joblog, wire
from . import link as links
from .capture import Output
from .facts import JobFacts
from .guard import guarded, log
from .job import Job
from .jobtypes import steps_of
from .phasefacts import phases_of
from .policy import Every, Policy, Source
from .relay import Relay, inherited
from .spool import Spool
from .transport import Refused, Unreachable

_SIGTERM_MODES = ("exit", "return", None)
_RESUME_MODES = ("auto", "must", "never")
TELL_WAIT_S = 1.0


def job(
    job_type: str,
    *,
    name: str | None = None,
    version: str = "0.1",
    checkpoints: str | os.PathLike[str] | None = None,
    weights: Mapping[str, float] | None = None,
    resume: str = "auto",
    strict: bool = True,
    save_every: str | None = "15min",
    keep: int = 3,
    owner: str | None = None,
    input_file: str | os.PathLike[str] | None = None,
    on_sigterm: str | None = "exit",
    capture_output: bool | None = None,
    log_bytes: int = joblog.MOST_BYTES,
) -> Job:
    """A job, to be used as `with mixdesk.job("training_rvc", name="anton", checkpoints="checkpoints") as job:`.

    job_type     one of the known types (training_rvc, training_fine_tune, generate_song, tts_generate, voice_convert,
                 vocal_split, preprocess_audio, download_model), or any name with its own `weights`
    name         what the model or run is called; checkpoints are found by name and version
    checkpoints  folder where they are kept; without it none can be asked for
    weights      {phase key: weight}, in the order of the phases, for a type of your own
    resume       "auto": go on where a verified checkpoint is; "must": raise where there is none; "never": start afresh
    strict       False: names or shapes that do not fit the checkpoint are a warning, not an error
    save_every   "15min", "90s", "2h", "2 epochs", or None for no automatic saves
    keep         how many automatic checkpoints of this run stay
    on_sigterm   "exit": save, leave, end the process with 143; "return": save, leave, go on after the block;
                 None: leave the signal alone
    capture_output  what this process and its children print is kept in the job's log too, for the desk to show;
                 None: where MIXDESK_CAPTURE_OUTPUT is 1, as in an asset that the desk starts
    log_bytes    how large that file may become; then it is kept as `.1`, and a new one begins

    In a process that has MIXDESK_JOB it joins that job. Raises ValueError for an argument that is none of these, and
    Busy (on entering the block) where another process runs this name and version in this folder.
    """
    _check("on_sigterm", on_sigterm, _SIGTERM_MODES)
    _check("resume", resume, _RESUME_MODES)
    if keep < 1:
        msg = f"keep={keep!r}: must be 1 or more"
        raise ValueError(msg)
    if log_bytes < joblog.LEAST_BYTES:
        msg = f"log_bytes={log_bytes!r}: must be {joblog.LEAST_BYTES} or more"
        raise ValueError(msg)
    folder = None if checkpoints is None else Path(checkpoints)
    facts = _facts(job_type, name, version, weights, owner, input_file)
    given = inherited()
    if given is not None:
        facts.job_id, facts.job_key = given
    policy = Policy(Source(folder, resume, strict), Every.of(save_every), keep)
    held = Relay(links.current(), joined=given is not None, folder=folder)
    output = Output(log_bytes if _captures(capture_output) else None)
    return Job(facts, policy, held=held, on_sigterm=on_sigterm, output=output)


def _captures(asked: bool | None) -> bool:
    return os.environ.get("MIXDESK_CAPTURE_OUTPUT") == "1" if asked is None else asked


class Queued:
    """A job that waits for a process to take it up."""

    def __init__(self, facts: JobFacts) -> None:
        self._facts = facts

    @property
    def id(self) -> str:
        """The job_id."""
        return self._facts.job_id

    def environ(self) -> dict[str, str]:
        """The environment of the process that is to take it up: `{"MIXDESK_JOB": "<job_id>:<job_key>"}`."""
        return {"MIXDESK_JOB": f"{self._facts.job_id}:{self._facts.job_key}"}


def queue(
    job_type: str,
    *,
    name: str | None = None,
    version: str = "0.1",
    weights: Mapping[str, float] | None = None,
    owner: str | None = None,
    input_file: str | os.PathLike[str] | None = None,
) -> Queued:
    """Create a queued job; the process that gets its `environ()` and calls `mixdesk.job` takes it up and ends it.

    The desk is told at once; where it does not answer, the spool keeps the job until it does. Never raises because
    of a desk.
    """
    facts = _facts(job_type, name, version, weights, owner, input_file)
    facts.status = wire.QUEUED
    link = links.current()
    if link.spool_folder is not None:
        _spool(link.spool_folder, facts)
    _tell(link, facts)
    return Queued(facts)


def _facts(
    job_type: str,
    name: str | None,
    version: str,
    weights: Mapping[str, float] | None,
    owner: str | None,
    input_file: str | os.PathLike[str] | None,
) -> JobFacts:
    facts = JobFacts(job_type, _text(name), str(version), phases_of(steps_of(job_type, weights)))
    facts.owner, facts.input_file, facts.created_at = _text(owner), _text(input_file), facts.clock()
    return facts


def _text(value: object) -> str | None:
    """A path or a number serves as a name too."""
    return None if value is None else str(value)


def _spool(folder: Path, facts: JobFacts) -> None:
    try:
        spool = Spool.open(folder, facts.job_id)
        if spool is not None:
            spool.append(facts.report())
            spool.close()
    except OSError as error:
        log.warning("queued job %s is not kept in %s: %s", facts.job_id, folder, error)


def _tell(link: links.Link, facts: JobFacts) -> None:
    """Tell the desk, and wait a second for it: what hangs longer goes on by itself, and the spool has it too."""
    link.prepare()
    teller = threading.Thread(target=_put, args=(link, facts), name="mixdesk-queue", daemon=True)
    teller.start()
    teller.join(TELL_WAIT_S)


@guarded
def _put(link: links.Link, facts: JobFacts) -> None:
    transport = link.connect()
    if transport is None:
        return
    try:
        transport.put(facts.job_id, wire.encode(facts.report()))
    except (Refused, Unreachable) as error:
        log.warning("queued job %s: the desk was not told (%s)", facts.job_id, error)
    finally:
        transport.close()


def _check(name: str, value: object, allowed: tuple[object, ...]) -> None:
    if value not in allowed:
        msg = f"{name}={value!r}: must be one of {', '.join(map(repr, allowed))}"
        raise ValueError(msg)
