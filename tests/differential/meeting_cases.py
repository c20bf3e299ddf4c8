"""The random texts of `meeting.py`: trees of tuples, the first part of which says what they are."""

from dataclasses import dataclass, field
from typing import Any

Tree = tuple
LOCKED = ("holding slots_lock", "holding slots_lock", "holding mmu_lock(write)", "holding mmu_lock(read)")
LOCKS = ("lockless", "lockless", "lockless", "holding mmu_lock(read)", "holding mmu_lock(write)", "holding slots_lock")
KINDS = [
    "if",
    "retry",
    "retry",
    "atomic",
    "call",
    "ghost",
    "assert",
    "threads",
    "entries",
    "record",
    "refines",
    "locks",
    "lemma",
    "rely",
]
LAYOUTS = {
    "one": ("layout one {{ W = bit 0; D = bit 1; ALL = W | D overlaps W, D; invariant low: !(spte & ~ALL); {} }}", [2]),
    "bare": ("layout bare extends one {{ D = none; }}", [0]),
    "free": ("layout free extends one {{ D = some bit or none; }}", [2, 1, 0]),
    "apart": ("layout apart extends one {{ D = some bit; disjoint(W, D); }}", [2]),
}


def excludes(mine: str, other: str) -> bool:
    """Whether two clauses about locks exclude each other."""
    if "lockless" in (mine, other) or mine.split("(")[0] != other.split("(")[0]:
        return False
    return not mine == other == "holding mmu_lock(read)"


@dataclass
class Helper:
    refs: list[str]
    body: list[Tree]
    result: Tree


@dataclass
class Agent:
    """`steps` are (when, saw, assignments), or there is a program. What it takes is m and b."""

    name: str
    locks: str
    takes: int
    body: list[Tree]
    steps: list[Tree]


@dataclass
class Case:
    """One text. `members` are the helper `touch`, the predicate `odd` and the agent `other` of each era; without eras,
    of None. `uses` are who runs, with what it is given and the entry that it is put on. `further`, there is `child`;
    `record`, a ghost `w`; `rely` is
    a condition, or what agents do from one entry to another."""

    invariant: Tree
    layout: str
    helpers: dict[str, Helper]
    agents: list[Agent]
    members: dict[str | None, tuple[Helper, Tree, Agent]]
    locks: str = "lockless"
    everybody: bool = False
    further: bool = False
    record: bool = False
    uses: list[tuple[str, list[Tree], str]] = field(default_factory=list)
    choices: list[str] | None = None
    first: list[Tree] = field(default_factory=list)
    threads: list[list[Tree]] = field(default_factory=list)
    last: list[Tree] = field(default_factory=list)
    claims: list[Tree] = field(default_factory=list)
    lemma: Any = None
    rely: Tree | None = None


def without_m(tree, takes: int):
    """The tree with W for m, where it does not take one."""
    if isinstance(tree, Helper):
        return Helper(tree.refs, without_m(tree.body, takes), without_m(tree.result, takes))
    if isinstance(tree, list | tuple) and not takes:
        return ("word", "W") if tree == ("word", "m") else type(tree)(without_m(each, takes) for each in tree)
    return tree


def names_child(body: object, helpers: dict[str, Helper]) -> bool:
    """Whether it names the further entry, itself or in what it calls."""
    told = str(body)
    if "('on'," in told or "'*child'" in told:
        return True
    called = (each for name, each in helpers.items() if f"'{name}', [" in told)
    return any(names_child([each.body, each.result], {}) for each in called)


def assigned(body: object) -> set[str]:
    """The locals that statements may assign, and those that they give to helpers by reference."""
    match body:
        case ("let" | "letp" | "readg" | "readw" | "read" | "xchg" | "cas" | "and" | "or" | "xor" | "try", str(v), *_):
            return {v}
        case ("call", str(v), _, given, _):
            return {v, *given}
        case list() | tuple():
            return set().union(*map(assigned, body))
    return set()


def entry_of(claim: Tree) -> int:
    """The place in a state of the entry that a claim about events is about."""
    return 2 if claim[-1] == "child" else 0
