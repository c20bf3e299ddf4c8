"""`completion`: what a shell completes."""
