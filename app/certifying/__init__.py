"""Certificates: a proof run's bundle of them, written and verified."""
