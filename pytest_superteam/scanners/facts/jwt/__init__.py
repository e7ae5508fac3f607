"""What the code does with JSON Web Tokens, in one form for all languages; a reader for each language and library."""
