"""Random texts of many theorems, decided by the tool and by a walk through all states that shares no code with it."""
