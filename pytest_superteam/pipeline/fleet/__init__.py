"""Building all services: attempts, waits, limits of platforms, what is stuck, and how it all comes to an end."""
