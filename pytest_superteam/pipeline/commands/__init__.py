"""What is answered without a run: how far one is, what it cost, what waits for a person; and a clean state."""
