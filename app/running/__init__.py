"""Runs: texts to verdicts, kept from one run to the next."""
