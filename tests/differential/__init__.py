"""The differential test: random cases, judged by compiled C that shares nothing with the parser, translator or
solver."""
