"""Who gets in: tokens, other users, other roles, keys."""
