"""Models, services and components of this host: what is asked of them, what is seen of them, what they hold."""
