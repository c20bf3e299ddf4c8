"""`mutate`: broken twins, judged by theorems."""
