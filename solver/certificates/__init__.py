"""Certificates: what a stranger needs to check an answer of the solver, and the check itself."""
