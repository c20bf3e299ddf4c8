"""`prove --format html`: a report in one file, which can be stepped through."""
