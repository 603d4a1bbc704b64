"""The desk: jobs, checkpoints, auth, API and CLI. The only part that acts."""
