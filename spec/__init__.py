"""The library, in the language; a package only so that its texts are found wherever spteproof is installed."""
