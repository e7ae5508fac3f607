"""Sequences of steps across services: planned from the architecture, executed over HTTP."""
