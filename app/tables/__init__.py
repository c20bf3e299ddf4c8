"""`table`: verdicts side by side."""
