"""The gate tried on itself: one fault at a time in a copy of a green system, and whether the gate sees it.

`faults/` holds the kinds of faults as operators on source; `bench` copies the services, puts a fault into the copy and
asks the gate's own items about it. What nobody catches is what the gate cannot see.
"""
