"""One file a check, one list of them: what is found, what is missing, what to do."""
