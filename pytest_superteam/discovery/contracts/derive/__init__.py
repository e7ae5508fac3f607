"""One reader a framework: what a handler takes and answers, as far as its source says."""
