"""From text to checked trees: source, surface syntax, names and sorts, diagnostics. It knows no solver."""
