"""The run: state machine, store, phases, items and their evaluation."""
