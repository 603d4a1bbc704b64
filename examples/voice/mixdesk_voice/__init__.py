"""A small but real voice-conversion trainer: recordings of one speaker in, a converter for that voice out."""
