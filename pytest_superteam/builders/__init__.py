"""Architecture to source trees."""
