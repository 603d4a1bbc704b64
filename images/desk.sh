#!/bin/sh
# `mixdesk` inside the desk's container. Commands speak to the desk as its admin, whose token is a file here; the link
# that `up` prints stays out of the container's log, which others may read.
set -eu
program=/opt/mixdesk/bin/mixdesk
if [ "${1:-}" = up ]; then
    echo "mixdesk: for a login link: docker compose -f docker-compose.observability.yml exec desk mixdesk login" >&2
    exec "$program" "$@" >/dev/null
fi
if [ -z "${MIXDESK_CLI_TOKEN:-}" ] && [ -r /run/secrets/admin ]; then
    MIXDESK_CLI_TOKEN=$(cat /run/secrets/admin)
    export MIXDESK_CLI_TOKEN
fi
exec "$program" "$@"
