"""Mixdesk's own form, version 1: for receivers that people write themselves. docs/notifications.md describes it."""

from __future__ import annotations

from typing import Any

from mixdesk import wire
from mixdesk_control.notify.event import About, Event, Saved, Space
from mixdesk_control.notify.formats.posted import Posted, as_json
from mixdesk_control.notify.texts import Message

VERSION = 1


def posted(event: Event, message: Message, path: str) -> Posted:
    """The whole event, and the words for it."""
    return as_json(path, document(event, message))


def document(event: Event, message: Message) -> dict[str, Any]:
    """Every key is always there; null where it is of no use."""
    return {
        "v": VERSION,
        "id": event.key,
        "event": event.event,
        "at": wire.now_text(event.at),
        "severity": message.severity,
        "title": message.title,
        "text": message.text,
        "link": message.link,
        "error": event.error,
        "since_seconds": event.since,
        "job": None if event.job is None else _job(event.job),
        "checkpoint": None if event.checkpoint is None else _checkpoint(event.checkpoint),
        "disk": None if event.space is None else _disk(event.space),
    }


def _job(job: About) -> dict[str, Any]:
    return {
        "job_id": job.job_id,
        "job_type": job.job_type,
        "name": job.name,
        "owner": job.owner,
        "host": job.host,
        "attempt": job.attempt,
        "status": job.status,
        "progress_percent": round(job.progress, 3),
        "phase": job.phase,
        "epoch": job.epoch,
        "epochs": job.epochs,
        "step": job.step,
        "steps": job.steps,
        "ran_seconds": job.ran_s,
    }


def _checkpoint(saved: Saved) -> dict[str, Any]:
    return {"path": saved.path, "epoch": saved.epoch, "step": saved.step, "size": saved.size, "reason": saved.reason}


def _disk(space: Space) -> dict[str, Any]:
    return {"folder": space.folder, "free_bytes": space.free, "needed_bytes": space.needed}
