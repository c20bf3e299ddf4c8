"""A generated tree as the text of a module."""

from .tree import (
    Agent,
    Assign,
    Assume,
    Atomic,
    Binary,
    Call,
    Choice,
    Cleared,
    Declare,
    Helper,
    HelperCall,
    If,
    Instant,
    Layout,
    Name,
    Number,
    Operation,
    Parallel,
    Parameter,
    Perform,
    Property,
    Retry,
    Return,
    Step,
    Text,
    Theorem,
    Unary,
)


def expression(node) -> str:
    """Every operator in brackets."""
    match node:
        case Name():
            return node.name
        case Number():
            return f"{node.value}"
        case Unary():
            return f"{node.operator}{expression(node.operand)}"
        case Binary():
            return f"({expression(node.left)} {node.operator} {expression(node.right)})"
        case Choice():
            return f"({expression(node.condition)} ? {expression(node.then)} : {expression(node.other)})"
        case Call():
            return f"{node.predicate}({expression(node.argument)})"
        case Instant():
            which, _, entry = node.which.partition(" ")
            if which == "now":
                return f"*{entry or 'sptep'}"
            return f"{which}({entry})" if entry else which
        case Cleared():
            return f"cleared({expression(node.mask)})"
        case Operation():
            return _operation(node)
        case HelperCall():
            return _call(node)
    raise ValueError(node)


def _operation(node: Operation) -> str:
    arguments = [expression(each) for each in node.arguments]
    kind = node.kind
    if kind == "*":
        return f"*{node.entry}"
    if kind in ("READ_ONCE", "WRITE_ONCE"):
        return f"{kind}({', '.join(['*' + node.entry, *arguments])})"
    if kind.startswith("*"):
        return f"*{node.entry} {kind[1:]} {arguments[0]}"
    if kind == "try_cmpxchg64":
        return f"{kind}({node.entry}, {node.reference}, {arguments[0]})"
    if kind.endswith("_bit"):
        return f"{kind}(__ffs64({arguments[0]}), {node.entry})"
    if kind.startswith("atomic64_") and kind not in ("atomic64_read", "atomic64_set", "atomic64_xchg"):
        return f"{kind}({arguments[0]}, {node.entry})"
    return f"{kind}({', '.join([node.entry, *arguments])})"


def _call(node: HelperCall) -> str:
    arguments = [
        ("&" if number in node.references else "") + expression(each) for number, each in enumerate(node.arguments)
    ]
    return f"{node.helper}({', '.join([*([node.entry] if node.entry else []), *arguments])})"


def _statements(body, deep: int) -> list[str]:
    return [line for each in body for line in _statement(each, deep)]


def _statement(node, deep: int) -> list[str]:
    pad = "    " * deep
    match node:
        case Declare():
            return [f"{pad}{node.sort} {node.name} = {'any' if node.value is None else expression(node.value)};"]
        case Assign():
            return [f"{pad}{node.target} {node.operator} {expression(node.value)};"]
        case Perform():
            return [f"{pad}{expression(node.value)};"]
        case If():
            head = f"{pad}if ({'!' if node.negated else ''}{expression(node.condition)}) {{"
            lines = [head, *_statements(node.then, deep + 1)]
            if node.other:
                lines += [f"{pad}}} else {{", *_statements(node.other, deep + 1)]
            return [*lines, f"{pad}}}"]
        case Return():
            return [f"{pad}return;" if node.value is None else f"{pad}return {expression(node.value)};"]
        case Atomic():
            return [f"{pad}atomic {{", *_statements(node.body, deep + 1), f"{pad}}}"]
        case Assume():
            return [f"{pad}assume({expression(node.condition)});"]
        case Retry():
            return [
                f"{pad}retry {{",
                *_statements(node.body, deep + 1),
                f"{pad}}} until ({expression(node.until)});",
            ]
        case Parallel():
            lines = [f"{pad}parallel {{"]
            for name, body in node.threads:
                lines += [f"{pad}    thread {name} {{", *_statements(body, deep + 2), f"{pad}    }}"]
            return [*lines, f"{pad}}}"]
    raise ValueError(node)


def _parameter(node: Parameter) -> str:
    text = f"{node.sort} {'*' if node.by_reference else ''}{node.name}"
    if node.choices:
        text += f" in {{{', '.join(node.choices)}}}"
    if node.bounds:
        text += f" in {node.bounds[0]}..{node.bounds[1]}"
    return text


def _parameters(parameters: tuple[Parameter, ...]) -> str:
    return ", ".join(_parameter(each) for each in parameters)


def _layout(node: Layout) -> list[str]:
    words = {"some": "some bit", "maybe": "some bit or none", None: "none"}
    lines = [f"layout {node.name} {{"]
    for name, place in node.places:
        lines.append(f"    {name} = {f'bit {place}' if isinstance(place, int) else words[place]};")
    lines += [f"    {name} = {'true' if on else 'false'};" for name, on in node.flags]
    if node.disjoint:
        lines.append(f"    disjoint({', '.join(node.disjoint)});")
    if node.closed:
        lines.append(f"    invariant closed: !(spte & ~({' | '.join(name for name, _ in node.places)}));")
    lines += [f"    invariant {name}: {expression(condition)};" for name, condition in node.invariants]
    return [*lines, "}"]


def _step(node: Step) -> list[str]:
    head = f"    step {node.name}{f'({_parameters(node.parameters)})' if node.parameters else ''}:"
    if node.when is not None:
        head += f" when {expression(node.when)}"
    if node.saw is not None:
        head += f" saw {expression(node.saw)}"
    return [head + " {", *_statements(node.body, 2), "    }"]


def _agent(node: Agent) -> list[str]:
    lines = [f"agent {node.name}{f'({_parameters(node.parameters)})' if node.parameters else ''} lockless {{"]
    for step in node.steps:
        lines += _step(step)
    return [*lines, *_statements(node.program, 1), "}"]


def _helper(node: Helper) -> list[str]:
    result = f" -> {node.sort}" if node.sort else ""
    return [f"helper {node.name}({_parameters(node.parameters)}){result} {{", *_statements(node.body, 1), "}"]


def property_text(node: Property) -> str:
    """What stands between `prove` and `;`."""
    on = f" on {node.on}" if node.on != "sptep" else ""
    match node.kind:
        case "preserves":
            exempt = f" except {expression(node.exempt)}" if node.exempt is not None else ""
            return f"preserves {expression(node.mask)}{on}{exempt}"
        case "changes only" if node.mask == Number(0):
            return f"changes nothing{on}"
        case "changes only":
            return f"changes only {expression(node.mask)}{on}"
        case "conserves":
            return f"conserves {'exactly ' if node.exactly else ''}{expression(node.mask)}{on} into {node.into}"
        case "resurrects":
            return f"resurrects nothing in {expression(node.mask)}{on}"
        case "refines":
            return f"refines {{ {' '.join(line.strip() for line in _statements(node.block, 0))} }}"
        case "keeps invariants":
            return "keeps invariants"
        case _:
            return f"{node.kind} {expression(node.condition)}"


def _theorem(node: Theorem, text: Text) -> list[str]:
    lines = [f"{'lemma' if node.lemma else 'theorem'} {node.name}({_parameters(node.parameters)})"]
    lines.append(f"    for layout in {', '.join(each.name for each in text.layouts)}")
    if not node.lemma:
        uses = [name + (f" on {entry}" if entry != "sptep" else "") for name, entry in node.against]
        lines.append(f"    against {'any number of ' + ', '.join(uses) if uses else 'nobody'}")
    lines += ["{", *_statements(node.body, 1)]
    lines += [f"    prove {property_text(each)};" for each in node.properties]
    return [*lines, "}"]


def spte_text(text: Text) -> str:
    """The whole module."""
    lines = [line for layout in text.layouts for line in _layout(layout)]
    lines += [f"ghost {sort} {name};" for sort, name in text.ghosts]
    lines += [f"entry {name};" for name in text.entries]
    lines += [f"predicate {each.name}(u64 spte) = {expression(each.body)};" for each in text.predicates]
    for helper in text.helpers:
        lines += _helper(helper)
    for agent in text.agents:
        lines += _agent(agent)
    for theorem in text.theorems:
        lines += _theorem(theorem, text)
    return "\n".join(lines) + "\n"
