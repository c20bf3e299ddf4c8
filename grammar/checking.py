"""From modules to the checked library: every phase in its order."""

from collections.abc import Mapping, Sequence

from spteproof.grammar import checked as c
from spteproof.grammar.aliases import check_aliases
from spteproof.grammar.declarations import declarations
from spteproof.grammar.definitions import Definition, define
from spteproof.grammar.diagnostics import Diagnostic, Findings
from spteproof.grammar.eras import resolve_eras
from spteproof.grammar.families import expand_families
from spteproof.grammar.known import Known, declared
from spteproof.grammar.lateness import check_lateness
from spteproof.grammar.layout_bits import check_bits
from spteproof.grammar.layout_drafts import Draft, drafts, layout_key, valued
from spteproof.grammar.layouts import finish, value_names
from spteproof.grammar.loneliness import check_loneliness
from spteproof.grammar.names import Entity, Kind, Module, Names, View
from spteproof.grammar.needs import Ground, check_conditions, with_needs
from spteproof.grammar.ranges import layouts_of_eras
from spteproof.grammar.scopes import ScopeGraph, report_recursion
from spteproof.grammar.source import Source
from spteproof.grammar.theorems import state

_DEFINED = (Kind.PREDICATE, Kind.FUNCTION, Kind.HELPER, Kind.AGENT)


def named(
    modules: Sequence[Module], findings: Findings, known: Known | None = None
) -> tuple[Names, Mapping[str, Draft]]:
    """What the modules declare, and their layouts as texts: the first phase, enough to say what a name means."""
    names = declarations(modules, findings)
    resolve_eras(names, findings)
    layout_drafts = drafts(names, findings)
    value_names(names, layout_drafts, findings, {} if known is None else known.valued)
    return names, layout_drafts


def checked(modules: Sequence[Module], known: Known | None = None) -> tuple[c.Library, Names, tuple[Diagnostic, ...]]:
    """The library that the modules make up, what they declare, and what is wrong with them; with an error the library
    is not to be used. What is `known` is not checked again and nothing is said of it, errors apart; an empty one is
    filled."""
    findings = Findings()
    names, layout_drafts = named(modules, findings, known)
    for draft in layout_drafts.values():
        if known is None or layout_key(draft) not in known.valued:
            check_bits(draft, findings)
    families = expand_families(names, findings)
    had = layouts_of_eras(names, families, findings)
    now = Known(declared(names, layout_drafts, families, had)) if known is not None else Known()
    now.valued = {layout_key(draft): valued(draft) for draft in layout_drafts.values()}
    before = known if known is not None and known.declared == now.declared else Known()
    graphs = _graphs(names, findings, before, now)
    report_recursion(graphs.values(), findings)
    for draft in layout_drafts.values():
        key = layout_key(draft)
        now.layouts[key] = before.layouts.get(key) or finish(names, draft, findings)
    finished = {name: now.layouts[layout_key(draft)] for name, draft in layout_drafts.items()}
    for entity in names.of_kind(Kind.THEOREM, Kind.LEMMA):
        number = id(entity.item)
        now.theorems[number] = before.theorems.get(number) or state(names, entity, families, had, findings)
    stated = list(now.theorems.values())
    ground = Ground(
        names=names,
        graphs=graphs,
        drafts=layout_drafts,
        findings=findings,
        invariants={name: used for name, (_, used, _) in finished.items()},
        asserts={name: used for name, (_, _, used) in finished.items()},
    )
    check_conditions(ground)
    nowhere = Module(source=Source(name="", text=""), items=()).stretch(0, 0)
    library = c.Library(
        layouts={name: layout for name, (layout, _, _) in finished.items()},
        families=families,
        eras=had,
        ghosts={ghost.name: ghost.sort or c.Sort.BOOL for ghost in names.of_kind(Kind.GHOST)},
        entries=tuple(entry.name for entry in names.of_kind(Kind.ENTRY)),
        scopes={era: graph.scope(nowhere) for era, graph in graphs.items()},
        theorems={each.entity.name: with_needs(ground, each) for each in stated},
        asked=frozenset(
            each.name for each in names.of_kind(Kind.THEOREM, Kind.LEMMA, Kind.LAYOUT) if each.module.asked
        ),
    )
    if not findings.has_errors():
        check_lateness(library, findings)
        check_aliases(library, findings)
    if not findings.has_errors():
        check_loneliness(library, findings)
    if known is not None and known.declared is None and not findings.has_errors():
        known.take(now, names)
    return library, names, findings.all()


def _graphs(names: Names, findings: Findings, before: Known, now: Known) -> Mapping[str | None, ScopeGraph]:
    """Checks every definition once, but those known before, and gathers what names mean outside eras and in each."""

    def definition(entity: Entity) -> Definition:
        key = id(entity.item), entity.era
        if key not in now.definitions:
            found = before.definitions.get(key)
            view = View(names, entity.module, entity.era)
            now.definitions[key] = define(view, entity, findings) if found is None else found
        return now.definitions[key]

    outside = {each.name: definition(each) for each in names.of_kind(*_DEFINED) if each.interface is None}
    graphs: dict[str | None, ScopeGraph] = {None: ScopeGraph(era=None, definitions=outside)}
    for era, items in names.eras.items():
        inside = {name: definition(entity) for name, entity in items.items()}
        graphs[era] = ScopeGraph(era=era, definitions={**outside, **inside})
    return graphs
