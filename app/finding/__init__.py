"""`find`: the inverse question."""
