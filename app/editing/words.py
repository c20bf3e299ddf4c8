"""The language's own words, each with what it means in a line: for hovers and completion."""

from spteproof.grammar.checked import Sort
from spteproof.grammar.memory_operations import SIGNATURES, Signature

KEYWORDS: dict[str, str] = {
    "use": "reads other modules: all their names are visible here",
    "layout": "what the bits of an entry are called, and what the hardware is like",
    "extends": "takes everything over from a layout or an era; what is said again replaces it",
    "bit": "one bit, by its number",
    "none": "no such bit in this layout: the mask is 0",
    "some": "any one of the 64 bits: proved for every placement at once",
    "or": "`some bit or none`: perhaps no bit",
    "overlaps": "masks that share a bit with this one on purpose",
    "value": "a u64 that is no mask and overlaps nothing",
    "alias": "a second name, used for display",
    "invariant": "what is kept true of every entry: assumed of the start, proved kept by every event and step",
    "drop": "`drop invariant NAME;` gives up one that was taken over",
    "disjoint": "the masks listed share no bit",
    "family": "a list of layouts, or of eras",
    "ghost": "a bool or u64 outside the entry: what has been recorded, a copy in a TLB",
    "entry": "a further entry beside `*sptep`, of the same layout",
    "predicate": "a pure truth value",
    "function": "a pure value",
    "helper": "a sequential program over the memory operations",
    "agent": "what any number of other CPUs do",
    "lockless": "an agent that holds no lock",
    "holding": "locks held: `mmu_lock(read)`, `mmu_lock(write)`, or a name alone, which is exclusive",
    "step": "one atomic action of an agent",
    "when": "tested in the same event, on the current value",
    "saw": "tested on an earlier value: the step may run on any later one",
    "interface": "predicates, helpers and agents that kernel versions supply each in its way",
    "era": "a kernel version: what it supplies for its interfaces",
    "implements": "the interfaces that an era supplies",
    "theorem": "a program with what is proved of it, for every start value, parameter and interleaving",
    "lemma": "a theorem without entry and environment",
    "for": "the layouts and eras that a theorem is proved in",
    "in": "one of what follows",
    "where": "`where layout has A`: only in layouts in which the mask exists and is not none",
    "has": "`where layout has A`: only in layouts in which the mask exists and is not none",
    "against": "the environment: any number of steps of these agents between any two events",
    "nobody": "nobody else changes the entry",
    "all": "every agent in scope that the theorem's locks let in",
    "any": "an input: any value, in each execution another",
    "number": "`against any number of`: as many of each agent as there may be",
    "of": "`against any number of`: as many of each agent as there may be",
    "on": "the entry that is meant, where it is not `*sptep`",
    "rely": "what all agents together may do, over `before` and `after`",
    "if": "as in C",
    "else": "as in C",
    "return": "as in C",
    "true": "the truth value",
    "false": "the truth value",
    "u64": "64 bits without sign; wraps",
    "int": "C's `int`: 32 bits with sign",
    "bool": "C's `_Bool`: what becomes a `bool` is asked `!= 0`",
    "atomic": "joins what stands in it into one event",
    "parallel": "threads that run against each other, and against the agents",
    "thread": "one thread of a `parallel`",
    "retry": "runs its body, and again until the condition holds",
    "until": "`retry { ... } until (e);` ends when this holds",
    "assume": "leaves out the executions in which this does not hold, from here on",
    "assert": "must hold wherever it is reached; proved unasked",
    "prove": "a property of all executions, with the verdict that is expected",
    "preserves": "no event clears a bit of this mask",
    "except": "bits that do not count",
    "changes": "`changes only M`: no event changes a bit outside M; `changes nothing`: none at all",
    "only": "`changes only M`: no event changes a bit outside M",
    "nothing": "`changes nothing`, `resurrects nothing in M`",
    "conserves": "each bit of this mask that an event clears is handed on",
    "exactly": "and what they are handed on to has no other bit of the mask",
    "into": "a local that holds the bits at the end, or a ghost that records them",
    "resurrects": "`resurrects nothing in M`: no event sets a bit that others cleared meanwhile",
    "refines": "the program is the block, run in one event",
    "ensures": "holds at the end; `start`, `after` and `end` are the entry at those instants",
    "always": "holds at every instant; `*sptep` is the entry then",
    "that": "holds of parameters and locals, whatever the entry is",
    "equivalent": "the two calls cannot be told apart",
    "keeps": "`keeps invariants`: the layout's invariants hold at every instant",
    "invariants": "`keeps invariants`: the layout's invariants hold at every instant",
    "expect": "the verdicts that are expected; the last entry that fits counts",
    "proved": "no execution violates the property",
    "refuted": "an execution violates the property, and was replayed",
    "vacuous": "nothing was shown: what the property speaks about cannot happen",
    "losing": "one execution loses all these bits at once",
    "with": "only for these choices of a parameter",
}
"""By word, for each that the grammar knows."""

BUILT_INS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "BIT_ULL": (("nr",), "u64", "the mask of one bit"),
    "GENMASK_ULL": (("high", "low"), "u64", "the mask of the bits from low to high, both included"),
    "__ffs64": (("x",), "u64", "the number of the lowest set bit; undefined for 0"),
    "cleared": (("M",), "u64", "in `ensures`: the bits of M that own events cleared"),
}
"""Parameters, result, meaning."""

INSTANTS: dict[str, str] = {
    "sptep": "the entry that the text works on; `*sptep` is its value",
    "spte": "the entry's current value",
    "start": "the entry before anything ran",
    "after": "the entry just after the program's last event; in `rely`, after any number of steps",
    "end": "the entry after the agents ran on",
    "before": "the entry before any number of steps",
}

_OPERANDS = {"entry": "sptep", "value": "*sptep", "word": "v", "number": "nr", "old": "&old"}


def operation_parameters(name: str) -> tuple[str, ...]:
    """How the arguments of a memory operation are written."""
    operands = SIGNATURES[name].operands
    if operands.count("word") == 2:
        return ("sptep", "old", "new")
    if name == "try_cmpxchg64":
        return ("sptep", "&old", "new")
    return tuple(
        "mask" if each == "word" and name.startswith("atomic64_") and name.split("_")[-1] in _MASKS else _OPERANDS[each]
        for each in operands
    )


_MASKS = ("and", "or", "xor", "andnot")


def operation_text(name: str) -> str:
    """`atomic64_fetch_and(mask, sptep) -> u64`."""
    result = SIGNATURES[name].result
    return f"{name}({', '.join(operation_parameters(name))})" + (f" -> {result.value}" if result else "")


def operation_events(name: str) -> str:
    """What happens, in a sentence."""
    signature = SIGNATURES[name]
    return f"{_events(name, signature)}; gives {_gives(name, signature)}."


def _events(name: str, signature: Signature) -> str:
    if signature.events == 2:
        return "Two events: a read, then a write; others may run between them"
    if not signature.writes:
        return "One event, a plain read"
    if signature.plain_store:
        return "One event, a plain store"
    return "One event, locked" + ("; it writes only if the value is `old`" if "cmpxchg" in name else "")


def _gives(name: str, signature: Signature) -> str:
    if signature.result is None:
        return "nothing"
    if name == "try_cmpxchg64":
        return "whether it wrote; if not, `old` becomes the value that was found"
    if signature.result is Sort.BOOL:
        return "the bit" if not signature.writes else "the bit before"
    return "the value" if not signature.writes else "the value before"


def builtin_text(name: str) -> str:
    parameters, result, _ = BUILT_INS[name]
    return f"{name}({', '.join(parameters)}) -> {result}"
