"""Broken twins: a text with one small change, and where it was made."""
