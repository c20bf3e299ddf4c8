"""Why a theorem holds, or does not: what `spteproof explain THEOREM` says."""
