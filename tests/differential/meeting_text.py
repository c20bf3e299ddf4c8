"""The texts of `meeting_cases.py`, written."""

from .meeting_cases import LAYOUTS, Agent, Case, Helper, Tree

BINARY = {"&": "&", "|": "|", "^": "^", "&~": "& ~", "&&": "&&", "||": "||", "->": "->"}


def said(e: Tree) -> str:
    match e:
        case ("word", "m"):
            return "(m & ALL)"
        case ("word" | "var", name):
            return name
        case ("some", a, mask):
            return f"({said(a)} & {said(mask)}) != 0"
        case ("!", a):
            return f"!({said(a)})"
        case ("==", a, b):
            return f"({said(a)} & ALL) == ({said(b)} & ALL)"
        case ("odd", a):
            return f"odd({said(a)})"
        case ("try", v, new):
            return f"try_cmpxchg64(sptep, {ref(v)}, {said(new)})"
        case (("true" | "false" | "b") as word,):
            return word
        case (operator, a, b):
            return f"(({said(a)}) {BINARY[operator]}({said(b)}))"
    raise AssertionError(e)


def ref(name: str) -> str:
    return name[1:] if name.startswith("*") else f"&{name}"


def block(body: list[Tree]) -> str:
    return " ".join(map(statement, body))


def statement(s: Tree) -> str:
    match s:
        case ("anyw", v):
            return f"u64 {v}0 = any; {v} = {v}0 & ALL;"
        case ("anyp", p):
            return f"bool {p}0 = any; {p} = {p}0;"
        case ("let" | "letp", v, value):
            return f"{v} = {said(value)};"
        case ("setg", value):
            return f"g = {said(value)};"
        case ("readg", p):
            return f"{p} = g;"
        case ("assert" | "assume", value):
            return f"{s[0]}({said(value)});"
        case ("if", test, then, other):
            return f"if ({said(test)}) {{ {block(then)} }}" + (f" else {{ {block(other)} }}" if other else "")
        case ("atomic", body):
            return f"atomic {{ {block(body)} }}"
        case ("retry", body, until):
            return f"retry {{ {block(body)} }} until ({said(until)});"
        case ("return", value):
            return f"return {said(value)};"
        case ("call", v, name, given, value):
            return f"{v} = {name}({', '.join([*map(ref, given), said(value)])});"
        case ("read", v):
            return f"{v} = READ_ONCE(*sptep);"
        case ("xchg", v, value):
            return f"{v} = xchg(sptep, {said(value)});"
        case ("cas", v, old, new):
            return f"{v} = cmpxchg64(sptep, {said(old)}, {said(new)});"
        case ("and", v, mask):
            return f"{v} = atomic64_fetch_andnot({said(mask)}, sptep);"
        case ("xor", v, mask):
            return f"{v} = atomic64_fetch_xor({said(mask)}, sptep);"
        case ("or", v, mask):
            return f"{v} = atomic64_fetch_or({said(mask)}, sptep);"
        case ("store", value):
            return f"WRITE_ONCE(*sptep, {said(value)});"
        case ("plain or", _, mask):
            return f"*sptep |= {said(mask)};"
        case ("plain and", _, mask):
            return f"*sptep &= ~({said(mask)});"
        case ("do", exchange):
            return f"{said(exchange)};"
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
    return f"spte = (spte & ~ALL) | ({said(value)} & ALL);" if name == "spte" else f"g = {said(value)};"


def claim(c: Tree) -> str:
    if c[0] in ("never", "never meanwhile"):
        parts = [f"({name} & ALL) == {value}" if value[0] in "WDA0" else f"{name} == {value}" for name, value in c[1]]
        return f"{'ensures' if c[0] == 'never' else 'always'} !({' && '.join(parts)})"
    words = {"preserves": "preserves {} except {}", "changes": "changes only {}", "resurrects": "resurrects nothing in {}",
             "conserves": "conserves {} into {}", "exactly": "conserves exactly {} into {}", "ensures": "ensures {}",
             "always": "always {}", "that": "that {}"}  # fmt: skip
    return words[c[0]].format(*[part if isinstance(part, str) else said(part) for part in c[1:]])


def lines_of(case: Case) -> list[str]:
    """The last of them are the claims, one a line, and the end."""
    invariant = f"invariant i: {said(case.invariant)};" if case.invariant else ""
    lines = [LAYOUTS[each][0].format(invariant) for each in dict.fromkeys(["one", case.layout])]
    lines += ["ghost bool g;"]
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
    uses = ", ".join(f"{name}({', '.join(map(said, given))})" if given else name for name, given in case.uses)
    against = "against all" if case.everybody else f"against any number of {uses}" if uses else "against nobody"
    choices = f" in {{{', '.join(case.choices)}}}" if case.choices else ""
    head = f"theorem t(u64 m{choices}, bool b) for layout in {case.layout}"
    head += "" if eras == [None] else f", era in {', '.join(map(str, eras))}"
    locks = "" if case.locks == "lockless" else f" {case.locks}"
    threads = " ".join(f"thread t{number} {{ {block(each)} }}" for number, each in enumerate(case.threads))
    parallel = f" parallel {{ {threads} }}" if threads else ""
    body = f"u64 a = 0; u64 c = 0; bool p = false; {block(case.first)}{parallel} {block(case.last)}"
    return [*lines, f"{head}{locks} {against} {{ {body}", *[f"prove {claim(each)};" for each in case.claims], "}"]
