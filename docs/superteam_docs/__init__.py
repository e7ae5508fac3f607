"""The reference, made from the code: a module for each page, and `pages.py` which lists them."""
