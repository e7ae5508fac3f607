"""The page that pytest-html writes: what stands above its table, and the gate's columns in it."""
