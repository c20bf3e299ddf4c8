"""What `find` finds: which masks may be passed, which predicate is enough."""
