"""The desk's log: one line an event on stderr, whoever wrote it."""

from __future__ import annotations

import logging
import sys

import structlog


def to_stderr(level: int = logging.INFO) -> None:
    """Routes structlog and the standard logging module to stderr, in one form; quiet for what only says it is well."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(processors=_last(), foreign_pre_chain=shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def _last() -> list[structlog.typing.Processor]:
    order = ["timestamp", "level", "logger", "event"]
    return [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.LogfmtRenderer(key_order=order, drop_missing=True),
    ]
