"""How the panels of logs select their lines."""

from __future__ import annotations

STREAMS = '{service=~"$service"}'
CHOSEN = f'{STREAMS} | detected_level=~"$level" |~ `(?i)${{filter}}`'
BAD = 'detected_level=~"error|critical|fatal"'
ERRORS = f"{STREAMS} | {BAD}"
# what the alert LogErrorBurst counts: a file of errors says 5xx once more, so access logs are not in it
ALERTING = f'{{service=~"$service", kind=~"error|application|stdout"}} | {BAD}'
FAILED = '{service=~"$service", kind="access"} |~ `" 5[0-9][0-9] `'
LEVELS = ["critical", "fatal", "error", "warn", "info", "debug", "trace", "unknown"]
QUIET = "no lines in this time"
NO_ERRORS = "no errors in this time"
NO_SOURCE = "the desk knows of no log"
