"""Layer 1 of services that were there before the gate: do they read, and do their own tests pass?"""
