"""Broken twins of the library's theorems."""
