"""What a service takes and tells beyond its contract."""
