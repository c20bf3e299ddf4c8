"""`init`: something to begin with."""
