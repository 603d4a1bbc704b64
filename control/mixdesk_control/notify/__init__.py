"""Messages to people about their jobs: what happened, kept until it is sent, and its form for each receiver."""
