"""What Alertmanager tells of alerts, and the pages that say what to do about them."""
