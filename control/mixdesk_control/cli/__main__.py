"""`python -m mixdesk_control.cli`: the same as `mixdesk`."""

from mixdesk_control.cli import main

main()
