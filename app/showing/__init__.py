"""`show`: what a word means."""
