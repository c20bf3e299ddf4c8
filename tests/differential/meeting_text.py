"""The texts of `meeting_cases.py`, written."""

from .meeting_cases import LAYOUTS, Agent, Case, Helper, Tree

BINARY = {"&": "&", "|": "|", "^": "^", "&~": "& ~", "&&": "&&", "||": "||", "->": "->"}


def said(e: Tree, here: str = "sptep") -> str:
    match e:
        case ("on", event):
            return said(event, "child")
        case ("word", "m"):
            return "(m & ALL)"
        case ("var", "w"):
            return "(w & ALL)"
        case ("word" | "var", name):
            return name
        case ("some", a, mask):
            return f"({said(a)} & {said(mask)}) != 0"
        case ("!", a):
            return f"!({said(a)})"
        case ("==", a, b):
            return f"({said(a)} & ALL) == ({said(b)} & ALL)"
        case ("done", *pairs):
            parts = [f"(before & ALL) == {one} && (after & ALL) == {other}" for one, other in pairs]
            return f"before == after || (before & ~ALL) == (after & ~ALL) && ({' || '.join(parts) or 'false'})"
        case ("odd", a):
            return f"odd({said(a)})"
        case ("try", v, new):
            return f"try_cmpxchg64({here}, {ref(v)}, {said(new)})"
        case (("true" | "false" | "b") as word,):
            return word
        case (operator, a, b):
            return f"(({said(a)}) {BINARY[operator]}({said(b)}))"
    raise AssertionError(e)


def ref(name: str) -> str:
    return name[1:] if name.startswith("*") else f"&{name}"


def block(body: list[Tree], here: str = "sptep") -> str:
    return " ".join(statement(each, here) for each in body)


def statement(s: Tree, here: str = "sptep") -> str:
    """`here` is the entry that it is about."""
    match s:
        case ("on", inner):
            return statement(inner, "child")
        case ("anyw", v):
            return f"u64 {v}0 = any; {v} = {v}0 & ALL;"
        case ("anyp", p):
            return f"bool {p}0 = any; {p} = {p}0;"
        case ("let" | "letp", v, value):
            return f"{v} = {said(value)};"
        case ("setg", value):
            return f"g = {said(value)};"
        case ("setw", value):
            return f"w = {said(value)} & ALL;"
        case ("orw", value):
            return f"w |= {said(value)} & ALL;"
        case ("readw", v):
            return f"{v} = w & ALL;"
        case ("readg", p):
            return f"{p} = g;"
        case ("assert" | "assume", value):
            return f"{s[0]}({said(value)});"
        case ("if", test, then, other):
            tail = f" else {{ {block(other, here)} }}" if other else ""
            return f"if ({said(test, here)}) {{ {block(then, here)} }}{tail}"
        case ("atomic", body):
            return f"atomic {{ {block(body, here)} }}"
        case ("retry", body, until):
            return f"retry {{ {block(body, here)} }} until ({said(until, here)});"
        case ("return", value):
            return f"return {said(value)};"
        case ("call", v, name, given, value):
            on = [here] if here != "sptep" else []
            return f"{v} = {name}({', '.join([*on, *map(ref, given), said(value)])});"
        case ("read", v):
            return f"{v} = READ_ONCE(*{here});"
        case ("xchg", v, value):
            return f"{v} = xchg({here}, {said(value)});"
        case ("cas", v, old, new):
            return f"{v} = cmpxchg64({here}, {said(old)}, {said(new)});"
        case ("and", v, mask):
            return f"{v} = atomic64_fetch_andnot({said(mask)}, {here});"
        case ("xor", v, mask):
            return f"{v} = atomic64_fetch_xor({said(mask)}, {here});"
        case ("or", v, mask):
            return f"{v} = atomic64_fetch_or({said(mask)}, {here});"
        case ("store", value):
            return f"WRITE_ONCE(*{here}, {said(value)});"
        case ("plain or", _, mask):
            return f"*{here} |= {said(mask)};"
        case ("plain and", _, mask):
            return f"*{here} &= ~({said(mask)});"
        case ("do", exchange):
            return f"{said(exchange, here)};"
    raise AssertionError(s)


def helper(name: str, h: Helper) -> str:
    given = ", ".join(f"u64 {each}" for each in [*h.refs, "n"])
    return f"helper {name}({given}) -> u64 {{ {block(h.body)} return {said(h.result)}; }}"


def agent(a: Agent) -> str:
    takes = ", ".join(["u64 m", "bool b"][: a.takes])
    head = f"agent {a.name}{f'({takes})' if takes else ''} {a.locks}"
    if not a.steps:
        return f"{head} {{ u64 o = 0; u64 q = W; bool p = false; {block(a.body)} }}"
    return f"{head} {{ {' '.join(f'step s{number}{_step(*each)}' for number, each in enumerate(a.steps))} }}"


def _step(when: Tree | None, saw: Tree | None, sets: list[Tree]) -> str:
    clauses = (f" when {said(when)}" if when else "") + (f" saw {said(saw)}" if saw else "")
    return f":{clauses} {{ {' '.join(_set(*each) for each in sets)} }}"


def _set(name: str, value: Tree) -> str:
    """Closures of whole words are slow."""
    if name in ("g", "w", "w |="):
        return (
            f"g = {said(value)};" if name == "g" else f"{name.replace('w', 'w =', name == 'w')} ({said(value)}) & ALL;"
        )
    return f"{name} = ({name} & ~ALL) | ({said(value)} & ALL);"


def claim(c: Tree) -> str:
    if c[0] == "refines":
        return f"refines {{ {block(c[1])} }}"
    if c[0] in ("never", "never meanwhile"):
        parts = [f"({name} & ALL) == {value}" if value[0] in "WDA0" else f"{name} == {value}" for name, value in c[1]]
        return f"{'ensures' if c[0] == 'never' else 'always'} !({' && '.join(parts)})"
    words = {"preserves": "preserves {} except {}", "changes": "changes only {}", "resurrects": "resurrects nothing in {}",
             "conserves": "conserves {} into {}", "exactly": "conserves exactly {} into {}", "ensures": "ensures {}",
             "always": "always {}", "that": "that {}"}  # fmt: skip
    made = words[c[0]].format(*[part if isinstance(part, str) else said(part) for part in c[1:]])
    if c[-1] != "child":
        return made
    word = next((each for each in (" into", " except") if each in made), None)
    return made.replace(word, f" on child{word}") if word else f"{made} on child"


def _use(use: tuple[str, list[Tree], str]) -> str:
    name, given, on = use
    return name + (f"({', '.join(map(said, given))})" if given else "") + (f" on {on}" if on else "")


def layout(case: Case, name: str) -> str:
    invariant = f"invariant i: {said(case.invariant)};" if case.invariant else ""
    return LAYOUTS[name][0].format(invariant)


def lines_of(case: Case) -> list[str]:
    """The last of them are the claims, one a line, and the end."""
    lines = [layout(case, each) for each in dict.fromkeys(["one", case.layout])]
    lines += ["ghost bool g;", *["ghost u64 w;"] * case.record, *["entry child;"] * case.further]
    eras = list(case.members)
    if eras == [None]:
        touch, odd, other = case.members[None]
        lines += [f"predicate odd(u64 x) = {said(odd)};", helper("touch", touch), agent(other)]
    else:
        lines.append(
            "interface mmu { predicate odd(u64 x); helper touch(u64 *x, u64 n) -> u64; agent other lockless; }"
        )
        for era, (touch, odd, other) in case.members.items():
            inner = f"predicate odd(u64 x) = {said(odd)}; {helper('touch', touch)} {agent(other)}"
            lines.append(f"era {era} implements mmu {{ {inner} }}")
    lines += [helper(name, each) for name, each in case.helpers.items() if name != "touch"]
    lines += [agent(each) for each in case.agents]
    uses = ", ".join(map(_use, case.uses))
    against = "against all" if case.everybody else f"against any number of {uses}" if uses else "against nobody"
    choices = f" in {{{', '.join(case.choices)}}}" if case.choices else ""
    head = f"theorem t(u64 m{choices}, bool b) for layout in {case.layout}"
    head += "" if eras == [None] else f", era in {', '.join(map(str, eras))}"
    locks = "" if case.locks == "lockless" else f" {case.locks}"
    threads = " ".join(f"thread t{number} {{ {block(each)} }}" for number, each in enumerate(case.threads))
    parallel = f" parallel {{ {threads} }}" if threads else ""
    rely = f" rely {said(case.rely)}" if case.rely and against != "against nobody" else ""
    body = f"u64 a = 0; u64 c = 0; bool p = false; {block(case.first)}{parallel} {block(case.last)}"
    return [*lines, f"{head}{locks} {against}{rely} {{ {body}", *[f"prove {claim(each)};" for each in case.claims], "}"]
