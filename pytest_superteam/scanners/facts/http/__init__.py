"""Outgoing HTTP: which calls leave a service, with which library, over which client object."""
