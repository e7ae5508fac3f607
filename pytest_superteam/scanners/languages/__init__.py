"""The languages that are read: a parser with positions for each, and what names and values mean in it."""
