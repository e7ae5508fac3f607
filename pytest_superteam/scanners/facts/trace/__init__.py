"""Trace context: what puts `traceparent` into outgoing requests, by hand, by a client or by an agent."""
