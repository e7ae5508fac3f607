"""The requirements document: files to text, text to blocks, blocks to sections of a kind."""
