"""Who calls the running system: accounts, tokens, credentials."""
