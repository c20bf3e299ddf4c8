"""Bundles of certificates of random texts; the texts are those of the hunts, the bundles are made and changed with the
tool's own store."""
