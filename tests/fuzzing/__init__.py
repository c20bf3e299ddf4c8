"""Texts that nobody would write, given to the parser, the checker, the formatter and, where they are right, to the prover."""
