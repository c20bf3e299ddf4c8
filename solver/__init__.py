"""The solver: checked trees to verdicts. It knows no text and no terminal."""
