"""Second opinions: other solvers, and enumeration without any, are asked what Z3 was asked."""
