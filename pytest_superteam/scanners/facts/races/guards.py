"""Words that show that two requests are kept apart: locks, transactions, versions, atomic updates."""

from __future__ import annotations

import re

__all__ = ["CACHE_NAME", "LOCK_NAME", "MAX_CANDIDATES", "MAX_LINES", "ROW_GUARD", "VERSIONED"]

MAX_CANDIDATES = 200
"""Writes of one function, or changes of one module, that are looked at; written code has ten."""
MAX_LINES = 2000
"""Lines of a function that is read; longer ones are generated."""

LOCK_NAME = re.compile(
    r"lock|mutex|semaphore|synchroni[sz]ed|critical|exclusive|serialize_access|limiter", re.IGNORECASE
)
"""Names of what admits one at a time."""
CACHE_NAME = re.compile(r"cache|memo|_loaded|registry|singleton|_lru|lookup_table", re.IGNORECASE)
"""Names of what harms nobody when it is filled twice."""
ROW_GUARD = re.compile(
    rb"atomic|transaction|select_for_update|with_for_update|for_update|for update|serializable|repeatable.read"
    rb"|\.begin\(|begin_nested"
    rb"|\.watch\(|register_script|\.eval\(|evalsha|\block\b|[._]lock\(|_lock\b|lock_|getlock|setlock|forupdate"
    rb"|pessimistic|optimistic"
    rb"|mutex|redlock|runexclusive|semaphore|startsession|start_session|unitofwork|withlock|advisory|\bwatch\b"
    rb"|\.multi\(\s*\)\s*\.|"
    rb"isolationlevel|isolation_level|lockmode|compare_and_set|\.cas\(",
    re.IGNORECASE,
)
"""What keeps a read and the write after it together, anywhere in the function."""
VERSIONED = re.compile(
    rb"version_id_col|optimisticConcurrency|@VersionColumn|@Version\(|versionKey\s*:\s*['\"]|version\s*:\s*true"
)
"""Models whose rows tell a write of an old version."""
