"""Who may do what: tokens, sessions, login codes and tickets, and the guard that every route declares."""
