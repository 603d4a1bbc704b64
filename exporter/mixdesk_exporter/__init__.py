"""The meters of one host: collectors, snapshot, exposition. Reads, never acts."""
