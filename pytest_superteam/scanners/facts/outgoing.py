"""Outgoing HTTP calls of service code: where they are and with which client."""

from __future__ import annotations

from pytest_superteam.scanners.facts.http.javascript_calls import calling_modules_js, is_browser, outgoing_calls_js
from pytest_superteam.scanners.facts.http.javascript_libraries import CLIENT_TRIGGERS as JS_TRIGGERS
from pytest_superteam.scanners.facts.http.model import Client, Outgoing
from pytest_superteam.scanners.facts.http.python_calls import calling_modules, outgoing_calls
from pytest_superteam.scanners.facts.http.python_libraries import TRIGGERS

__all__ = ["JS_TRIGGERS", "TRIGGERS", "Client", "Outgoing", "calling_modules", "calling_modules_js", "is_browser"]
__all__ += ["outgoing_calls", "outgoing_calls_js"]
