"""Which services the text asks for, what stands beside them, and where each entity lives."""
