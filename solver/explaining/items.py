"""What a proof may rest on: conjuncts of assumptions, invariants and guards, and what stands between `&&`, `||` and in
`if` of predicates, helpers and programs; and how a tree is rewritten with some of them loosened.

Never loosened is what is claimed: the properties, and the conditions of asserts. Nor is what stands in a `retry`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from spteproof.grammar import checked as c
from spteproof.grammar.source import Place
from spteproof.solver.walks import below

Key = tuple[str, int, int]
"""Where an item stands: source name, start, end. Two eras may share it."""

ASSUMPTION, INVARIANT, GUARD, DISJUNCT, CONJUNCT, CHECK = (
    "assumption",
    "invariant",
    "guard",
    "disjunct",
    "conjunct",
    "check",
)
"""The kinds of items. A check is the condition of an `if` whose arm can be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One condition, in the text of `owner` ("predicate is_last_spte"). `within` is the item that holds it. Taken out
    of the text it is replaced by `neutral`: a conjunct by true, a disjunct by false."""

    number: int
    kind: str
    owner: str
    place: Place
    within: int | None
    neutral: bool

    @property
    def text(self) -> str:
        """As it is written, in one line and without brackets around it."""
        return without_brackets(" ".join(self.place.text().split()))


Loosen = Callable[[Item, c.Expression], c.Expression]
"""What stands for an item in a rewritten tree, given its expression with the items below it rewritten."""


def without_brackets(text: str) -> str:
    """The text without a pair of brackets that holds all of it."""
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return text[1:-1].strip() if character == ")" and at and at == len(text) - 1 and text[0] == "(" else text
    return text


def key_of(place: Place) -> Key:
    return (place.source.name, place.start, place.end)


def as_written(name: str) -> str:
    """The name of the copy of a definition in which nothing is loosened."""
    return f"{name} (as written)"


def literally(node: Any) -> Any:
    """A tree whose calls are of the definitions as written."""
    if isinstance(node, tuple):
        return tuple(literally(each) for each in node)
    if not isinstance(node, c.Node):
        return node
    changed = {name: literally(getattr(node, name)) for name in node.__dataclass_fields__ if name != "place"}
    if isinstance(node, c.Call | c.HelperCall):
        changed["callee"] = as_written(node.callee)
    return replace(node, **changed)


@dataclass(slots=True)
class Rewriter:
    """Finds the items of trees, in `found` by their places, and gives the trees with each item replaced as `loosen`
    says. Where `emptied`, a disjunction of which nothing is left is no condition any more: it is true."""

    loosen: Loosen
    found: dict[Key, Item]
    owner: str = ""
    emptied: bool = True
    silent_ghosts: bool = False
    _within: Item | None = None

    def of(self, node: Any, owner: str) -> Any:
        """The tree of a definition."""
        self.owner = owner
        return self._tree(node)

    def of_agent(self, agent: c.Agent) -> c.Agent:
        """Steps read ghosts within their one event; programs read them in events of their own."""
        steps = []
        for step in agent.steps:
            self.owner, self.silent_ghosts = f"agent {agent.name}.{step.name}", True
            steps.append(
                replace(
                    step,
                    when=None if step.when is None else self._condition(step.when, GUARD, True),
                    saw=None if step.saw is None else self._condition(step.saw, GUARD, True),
                    body=self._tree(step.body),
                )
            )
        self.silent_ghosts = False
        return replace(agent, steps=tuple(steps), program=self.of(agent.program, f"agent {agent.name}"))

    def of_invariant(self, invariant: c.Invariant) -> c.Invariant:
        self.owner = f"invariant {invariant.name}"
        return replace(invariant, condition=self._condition(invariant.condition, INVARIANT, True))

    def _tree(self, node: Any) -> Any:
        if isinstance(node, tuple):
            return tuple(self._tree(each) for each in node)
        if not isinstance(node, c.Node):
            return node
        match node:
            case c.Assert() | c.Retry():
                return literally(node)
            case c.Assume():
                return replace(node, condition=self._condition(node.condition, ASSUMPTION, True))
            case c.If():
                return self._if(node)
            case c.Logic():
                return self._logic(node)
        return replace(
            node, **{name: self._tree(getattr(node, name)) for name in node.__dataclass_fields__ if name != "place"}
        )

    def _if(self, node: c.If) -> c.If:
        neutral = _without_it(node)
        condition = self._tree(node.condition) if neutral is None else self._condition(node.condition, CHECK, neutral)
        return replace(node, condition=condition, then=self._tree(node.then), other=self._tree(node.other))

    def _condition(self, node: c.Expression, kind: str, neutral: bool) -> c.Expression:
        """A condition: its parts are the items where they can be taken out one by one, else the whole is."""
        if isinstance(node, c.Logic) and node.operator == ("&&" if neutral else "||"):
            return self._parts(node, kind)
        return self._item(node, kind, neutral)

    def _logic(self, node: c.Logic) -> c.Expression:
        if node.operator == "->":
            return replace(node, right=self._tree(node.right))
        parts = self._parts(node, CONJUNCT if node.operator == "&&" else DISJUNCT)
        if self.emptied and node.operator == "||" and _is_false(parts):
            return c.Constant(place=node.place, value=1, sort=c.Sort.BOOL)
        return parts

    def _parts(self, node: c.Logic, kind: str) -> c.Logic:
        def side(part: c.Expression) -> c.Expression:
            if isinstance(part, c.Logic) and part.operator == node.operator:
                return self._parts(part, kind)
            return self._item(part, kind, node.operator == "&&")

        return replace(node, left=side(node.left), right=side(node.right))

    def _item(self, node: c.Expression, kind: str, neutral: bool) -> c.Expression:
        if isinstance(node, c.Constant) or self._happens(node):
            inner: c.Expression = self._tree(node)
            return inner
        key, outer = key_of(node.place), self._within
        item = self.found.get(key)
        if item is None:
            within = None if outer is None else outer.number
            item = self.found[key] = Item(
                number=len(self.found), kind=kind, owner=self.owner, place=node.place, within=within, neutral=neutral
            )
        self._within = item
        inner = self._tree(node)
        self._within = outer
        return self.loosen(item, inner)

    def _happens(self, node: c.Expression) -> bool:
        """Whether events happen in the expression: then it must not be left out."""
        events: tuple[type[c.Node], ...] = (c.Memory, c.HelperCall, c.Any)
        events = events if self.silent_ghosts else (*events, c.GhostName)
        return any(isinstance(each, events) for each in below(node))


def is_loosened(node: c.If) -> bool:
    """Whether all of the condition of a program's `if` is items."""
    finder = Rewriter(lambda item, inner: inner, {})
    return _without_it(node) is not None and not finder._happens(node.condition)


def _is_false(node: c.Expression) -> bool:
    """Whether nothing is left of a disjunction."""
    if isinstance(node, c.Logic):
        return node.operator == "||" and _is_false(node.left) and _is_false(node.right)
    return isinstance(node, c.Constant) and not node.value


def _without_it(node: c.If) -> bool | None:
    """What the condition is when the check is taken out: false where all that its arm does is to return, true where the
    arm is what happens on a condition; None where the `if` chooses between two ways."""
    if node.other or not node.then:
        return None
    last = node.then[-1]
    if isinstance(last, c.Return):
        return False if len(node.then) == 1 and _is_bare(last) else None
    return True


def _is_bare(node: c.Return) -> bool:
    return node.value is None or not any(isinstance(each, c.Memory | c.HelperCall) for each in below(node.value))


def called(scope: c.Scope, roots: list[object]) -> Iterator[str]:
    """The names of the definitions that some trees call where items count, themselves or through others."""
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        at = waiting.pop()
        if isinstance(at, tuple):
            waiting.extend(at)
        elif isinstance(at, c.Node) and not isinstance(at, c.Assert | c.Retry):
            waiting += [getattr(at, name) for name in at.__dataclass_fields__ if name != "place"]
            if isinstance(at, c.Call | c.HelperCall) and at.callee not in seen:
                seen.add(at.callee)
                yield at.callee
                waiting.append((scope.helpers.get(at.callee) or scope.pures[at.callee]).body)
