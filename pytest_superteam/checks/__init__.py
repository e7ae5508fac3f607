"""What layer 2 of the gate runs against the running system."""
