"""State that two requests share: what writes it with nothing in between that keeps them apart."""
