"""`parallel`: a theorem's threads, and what they may share."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spteproof.grammar import checked as c
from spteproof.grammar import surface as s
from spteproof.grammar.bodies import RESERVED, Body
from spteproof.grammar.names import Kind
from spteproof.grammar.source import Place
from spteproof.grammar.statements import block, statement

FEWEST, MOST = 2, 3
"""How many threads a `parallel` may hold."""


def program(body: Body, surfaces: Sequence[s.SurfaceStatement]) -> tuple[c.Statement, ...]:
    """A theorem's program: the only place where a `parallel` may stand, and there once."""
    found: list[c.Statement] = []
    first: s.ParallelStatement | None = None
    for surface in surfaces:
        if not isinstance(surface, s.ParallelStatement) or not body.rules.events:
            found += statement(body, surface)
            continue
        if first is not None:
            body.findings.error(
                "parallel.twice:theorem",
                body.place(surface.threads[0].name),
                "a theorem holds one `parallel` at most",
                label="a second one",
                others=[(body.place(first.threads[0].name), "the first one")],
                help="make it a theorem of its own",
            )
        first = first or surface
        found.append(_parallel(body, surface))
    return tuple(found)


def check_properties(body: Body, surfaces: Sequence[s.SurfaceStatement], proves: Sequence[s.ProveStatement]) -> None:
    """Threads are not one program: what compares whole programs says nothing about them."""
    if not any(isinstance(each, s.ParallelStatement) for each in surfaces):
        return
    for prove in proves:
        if isinstance(prove.claim, s.RefinesProperty | s.EquivalentProperty):
            word = "refines" if isinstance(prove.claim, s.RefinesProperty) else "equivalent"
            body.findings.error(
                "parallel.property:kind",
                body.place(prove.claim),
                f"`{word}` speaks of one program, and this theorem has threads",
                label="not with `parallel`",
                help="say what must hold at the end by `ensures`",
            )


def _parallel(body: Body, surface: s.ParallelStatement) -> c.Parallel:
    if not FEWEST <= len(surface.threads) <= MOST:
        body.findings.error(
            "parallel.threads:count",
            body.place(surface.threads[0].name if len(surface.threads) < FEWEST else surface.threads[MOST].name),
            f"`parallel` takes {FEWEST} or {MOST} threads, not {len(surface.threads)}",
            label="alone" if len(surface.threads) < FEWEST else "one too many",
        )
    outside = {local.unique for scope in body.scopes for local in scope.values()}
    inside = body.under(replace(body.rules, what="a thread", assumes=False, retries=False))
    threads: list[c.Thread] = []
    names: dict[str, s.Word] = {}
    for each in surface.threads:
        _check_name(body, names, each.name)
        threads.append(c.Thread(place=body.place(each), name=each.name.text, body=block(inside, each.block.statements)))
    _report_shared(body, threads, outside)
    return c.Parallel(place=body.place(surface), threads=tuple(threads))


def _check_name(body: Body, names: dict[str, s.Word], name: s.Word) -> None:
    if name.text in names:
        body.findings.error(
            "name.duplicate:thread",
            body.place(name),
            f"two threads are called `{name.text}`",
            label="declared again",
            others=[(body.place(names[name.text]), "declared here")],
        )
    names.setdefault(name.text, name)
    entity = body.view.entity(name.text)
    if name.text in RESERVED or name.text == "program":
        body.findings.error(
            "name.reserved:word",
            body.place(name),
            f"`{name.text}` is a word of the language",
            label="choose another name",
        )
    elif entity is not None and entity.kind is Kind.AGENT:
        body.findings.error(
            "name.hides:declaration",
            body.place(name),
            f"a counterexample could not tell the thread `{name.text}` from the agent of that name",
            label="a thread",
            others=[(entity.place, "an agent")],
        )


def _report_shared(body: Body, threads: Sequence[c.Thread], outside: set[str]) -> None:
    """What one thread assigns of the theorem's locals, no other may mention: locals are not shared memory."""
    mentioned: list[dict[str, Place]] = []
    assigned: list[dict[str, Place]] = []
    for thread in threads:
        mentioned.append({})
        assigned.append({})
        for variable, is_target in _mentions(thread.body):
            if variable.name in outside:
                mentioned[-1].setdefault(variable.name, variable.place)
                if is_target:
                    assigned[-1].setdefault(variable.name, variable.place)
    reported: set[str] = set()
    for number, own in enumerate(assigned):
        for name, place in own.items():
            others = [each[name] for index, each in enumerate(mentioned) if index != number and name in each]
            if others and name not in reported:
                reported.add(name)
                body.findings.error(
                    "parallel.shared:local",
                    place,
                    f"thread `{threads[number].name}` assigns `{name.split('.')[0]}`, and so another thread may "
                    "neither read nor assign it",
                    label="assigned here",
                    others=[(others[0], "another thread")],
                    help="give each thread a local of its own",
                )


def _mentions(root: object) -> Iterator[tuple[c.Variable, bool]]:
    """Every variable below, in the order of the text, and whether it may be assigned there."""
    waiting: list[object] = [root]
    while waiting:
        at = waiting.pop()
        if isinstance(at, tuple):
            waiting.extend(reversed(at))
            continue
        match at:
            case c.Assign(target=target):
                yield target, True
                waiting.append(at.value)
                continue
            case c.Reference(variable=variable):
                yield variable, True
                continue
            case c.Memory(reference=c.Variable() as reference):
                yield reference, True
            case c.Variable():
                yield at, False
        if isinstance(at, c.Node):
            waiting.extend(reversed([getattr(at, name) for name in at.__dataclass_fields__ if name != "place"]))
