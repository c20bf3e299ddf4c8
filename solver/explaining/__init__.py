"""Why a theorem holds, or does not: what its proof rests on, and each step's reason."""
