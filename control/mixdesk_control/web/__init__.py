"""What all routes share: problem+json, limits, idempotency, paging, Host and Origin rules, the stream helper."""
