"""The kinds of change by which a fix would make the gate see or ask less: one module each."""
