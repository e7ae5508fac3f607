"""What is seen of a run while it goes: events, the run log, the live view."""
