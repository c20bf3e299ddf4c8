"""The language's words in the groups that highlighters colour alike. `editors/generate.py` writes what editors read."""

from spteproof.grammar.bodies import BUILT_IN, ENTRY_WORDS
from spteproof.grammar.memory_operations import SIGNATURES

ITEMS = (
    "use", "layout", "family", "ghost", "entry", "predicate", "function", "helper", "agent", "step", "interface", "era",
    "theorem", "lemma", "invariant", "alias", "thread",
)  # fmt: skip
"""What begins a declaration."""

CLAUSES = (
    "extends", "overlaps", "value", "drop", "disjoint", "lockless", "holding", "when", "saw", "implements", "for", "in",
    "where", "has", "against", "number", "of", "on", "rely", "except", "only", "exactly", "into", "expect", "losing",
    "with", "bit", "some", "or",
)  # fmt: skip

STATEMENTS = ("if", "else", "return", "atomic", "parallel", "retry", "until", "assume", "assert", "prove")

PROPERTIES = (
    "preserves", "changes", "conserves", "resurrects", "refines", "ensures", "always", "that", "equivalent", "keeps",
    "invariants", "nothing",
)  # fmt: skip

CONSTANTS = ("true", "false", "none", "any", "all", "nobody")
VERDICTS = ("proved", "refuted", "vacuous")
SORTS = ("u64", "int", "bool")
OPERATIONS = (*(name for name in SIGNATURES if not name.startswith("plain_")), *BUILT_IN)
INSTANTS = ("sptep", *sorted(ENTRY_WORDS))

NUMBER = r"0[xX][0-9a-fA-F]+(?:ULL|UL|ull|ul)?|[0-9]+(?:ULL|UL|ull|ul)?"
OPERATOR = r"->|<<=|>>=|[|&^+<>=!-]=|\|\||&&|<<|>>|\.\.|[-+*~!&|^<>=?:]"
