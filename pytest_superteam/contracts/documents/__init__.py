"""Contract documents from outside: loaded, found, fetched, bundled, converted."""
