"""The JSON of this room for the description of the API; `alert` and `service` make it, a test holds both alike."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

from mixdesk_control.web.paging import Page


class AlertInfo(BaseModel):
    """One alert. Names and texts are as Prometheus told them: show them as text."""

    fingerprint: str
    name: str
    state: Literal["firing", "stale", "resolved"]
    severity: str | None
    component: str | None
    summary: str | None
    description: str | None
    runbook: str | None
    labels: dict[str, str]
    annotations: dict[str, str]
    starts_at: str
    ends_at: str | None
    heard_at: str
    source: str | None


class AlertmanagerInfo(BaseModel):
    """Whether Alertmanager is heard; `silent`: its watchdog was, and is not any more."""

    last_heard_at: str
    watchdog_at: str | None
    silent: bool


class AlertList(Page[AlertInfo]):
    """One page; `firing` counts all that fire, whatever the filters. `alertmanager` is null while nothing ever came."""

    firing: int
    alertmanager: AlertmanagerInfo | None


class WebhookAnswer(BaseModel):
    """What became of a delivery.

    taken      alerts that were read
    late       of these, words that newer ones had overtaken
    dropped    older alerts that had to make room
    truncated  alerts that Alertmanager did not send
    refused    why others could not be read
    """

    taken: int
    late: int
    dropped: int
    truncated: int
    refused: list[str]


WEBHOOK: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["version", "alerts"],
                    "properties": {
                        "version": {"type": "string", "enum": ["4"]},
                        "truncatedAlerts": {"type": "integer", "minimum": 0},
                        "alerts": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["status", "labels", "startsAt", "fingerprint"],
                                "properties": {
                                    "status": {"type": "string", "enum": ["firing", "resolved"]},
                                    "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                                    "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
                                    "startsAt": {"type": "string", "format": "date-time"},
                                    "endsAt": {"type": "string", "format": "date-time"},
                                    "generatorURL": {"type": "string"},
                                    "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{1,64}$"},
                                },
                            },
                        },
                    },
                }
            }
        },
    }
}
