"""The kernel's memory operations: how each is written and what it takes. What each does stands in the solver."""

from dataclasses import dataclass

from spteproof.grammar.checked import Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """`operands` is the order of C's arguments: "entry" (`sptep`), "value" (`*sptep`), "word" (a u64), "number" (a
    bit number), "old" (`&local`). `events` is 2 where the operation reads and then writes, with room for others
    between. `result` is None where it gives nothing. `plain_store` marks a single store that is not locked."""

    operands: tuple[str, ...]
    result: Sort | None
    events: int = 1
    writes: bool = True
    plain_store: bool = False

    @property
    def kind(self) -> str:
        """A plain "load" or "store" (also the second half of two events), or "locked": no store waits past it. On x86 a
        locked operation comes after all stores before it, one that fails too (Intel SDM vol. 3A, 9.2.3.9)."""
        if not self.writes:
            return "load"
        return "store" if self.plain_store or self.events == 2 else "locked"


_READ = Signature(operands=("value",), result=Sort.U64, writes=False)
_AND = Signature(operands=("word", "entry"), result=None)
_FETCH = Signature(operands=("word", "entry"), result=Sort.U64)
_BIT = Signature(operands=("number", "entry"), result=None)
_TEST = Signature(operands=("number", "entry"), result=Sort.BOOL)
_XCHG = Signature(operands=("entry", "word"), result=Sort.U64)

SIGNATURES: dict[str, Signature] = {
    "READ_ONCE": _READ,
    "atomic64_read": Signature(operands=("entry",), result=Sort.U64, writes=False),
    "WRITE_ONCE": Signature(operands=("value", "word"), result=None, plain_store=True),
    "atomic64_set": Signature(operands=("entry", "word"), result=None, plain_store=True),
    "xchg": _XCHG,
    "atomic64_xchg": _XCHG,
    "cmpxchg64": Signature(operands=("entry", "word", "word"), result=Sort.U64),
    "try_cmpxchg64": Signature(operands=("entry", "old", "word"), result=Sort.BOOL),
    "atomic64_and": _AND,
    "atomic64_or": _AND,
    "atomic64_xor": _AND,
    "atomic64_andnot": _AND,
    "atomic64_fetch_and": _FETCH,
    "atomic64_fetch_or": _FETCH,
    "atomic64_fetch_xor": _FETCH,
    "atomic64_fetch_andnot": _FETCH,
    "set_bit": _BIT,
    "clear_bit": _BIT,
    "test_and_set_bit": _TEST,
    "test_and_clear_bit": _TEST,
    "test_bit": Signature(operands=("number", "entry"), result=Sort.BOOL, writes=False),
    "__set_bit": Signature(operands=("number", "entry"), result=None, events=2),
    "__clear_bit": Signature(operands=("number", "entry"), result=None, events=2),
    "__test_and_set_bit": Signature(operands=("number", "entry"), result=Sort.BOOL, events=2),
    "__test_and_clear_bit": Signature(operands=("number", "entry"), result=Sort.BOOL, events=2),
    "plain_and": Signature(operands=("entry", "word"), result=None, events=2),
    "plain_or": Signature(operands=("entry", "word"), result=None, events=2),
    "plain_xor": Signature(operands=("entry", "word"), result=None, events=2),
}
"""By name. `*sptep` reads as READ_ONCE, `*sptep = v` as WRITE_ONCE; `plain_...` are `*sptep &= v` and its like and
cannot be called by name."""
