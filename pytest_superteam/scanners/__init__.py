"""Rules that read source: the scanners of layers 3 and 4, and the engine that runs them."""
