"""`watch`: proves again what a saved file touches."""
