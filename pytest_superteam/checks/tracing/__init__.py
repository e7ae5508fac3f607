"""Following requests and events through the services, by the trace context that they carry."""
