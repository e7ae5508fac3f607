"""One module for each family of codes; each declares its rules where the checks are written, as `SCANNER`."""
