"""Who may call: what counts as authentication, one module a language; `names` is what all of them read names by."""
