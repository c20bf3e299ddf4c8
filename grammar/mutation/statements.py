"""Mutants of statements: one dropped or moved, a guard gone, a plain operation for a locked one, a stale value."""

from collections.abc import Iterator, Sequence

from spteproof.grammar import surface as s
from spteproof.grammar.mutation.expressions import of_expression
from spteproof.grammar.mutation.writing import Edit, Writer

EMPTY = "{ }"
PLAIN = "seen_by_plain_read"
"""The local that a plain read leaves its value in."""


def of_block(writer: Writer, block: s.Block) -> Iterator[Edit]:
    """All mutants of a block's statements and of what they hold."""
    read: str | None = None
    for number, statement in enumerate(block.statements):
        yield from _of_statement(writer, statement)
        if read is not None:
            yield from _stale(writer, statement, read)
        read = read or _reads_into(statement)
        following = block.statements[number + 1 : number + 2]
        if following and _moves(statement) and _moves(following[0]):
            swapped = f"{writer.of(following[0])} {writer.of(statement)}"
            yield Edit("two statements are swapped", statement.start, following[0].end, swapped)


def _moves(statement: s.SurfaceStatement) -> bool:
    return isinstance(statement, s.Assignment | s.CallStatement)


def _of_statement(writer: Writer, statement: s.SurfaceStatement) -> Iterator[Edit]:
    yield from _made_plain(writer, statement)
    match statement:
        case s.Declaration():
            for each in statement.names:
                if each.value is not None:
                    yield from of_expression(writer, each.value)
        case s.Assignment():
            yield Edit("a statement is gone", statement.start, statement.end, EMPTY)
            word = statement.operator
            if word.text in _ASSIGNING:
                other = _ASSIGNING[word.text]
                yield Edit(f"`{other}` for `{word.text}`", word.start, word.end, other)
            yield from of_expression(writer, statement.value)
        case s.CallStatement():
            yield Edit("a statement is gone", statement.start, statement.end, EMPTY)
            for argument in statement.call.arguments:
                yield from of_expression(writer, argument)
        case s.IfStatement():
            yield from _of_if(writer, statement)
        case s.ReturnStatement():
            if statement.value is not None:
                yield from of_expression(writer, statement.value)
        case s.Block():
            yield from of_block(writer, statement)
        case s.AtomicBlock():
            yield Edit("`atomic` is gone", statement.start, statement.end, writer.of(statement.block))
            yield from of_block(writer, statement.block)
        case s.ParallelStatement():
            for thread in statement.threads:
                yield from of_block(writer, thread.block)
        case s.RetryLoop():
            yield from of_block(writer, statement.block)
            yield from of_expression(writer, statement.condition)
        case s.AssumeStatement():
            yield Edit("an assumption is gone", statement.start, statement.end, "")
            yield from of_expression(writer, statement.condition)
        case s.AssertStatement():
            yield from of_expression(writer, statement.condition)


def _of_if(writer: Writer, statement: s.IfStatement) -> Iterator[Edit]:
    then, other = writer.of(statement.then), statement.other
    yield Edit("the condition is gone", statement.start, statement.end, then)
    yield Edit("a branch is gone", statement.start, statement.end, EMPTY if other is None else writer.of(other))
    if not _tries(statement.condition):
        condition = statement.condition
        negated = writer.standing_for(condition, f"!{writer.operand(condition)}")
        yield Edit("the condition is negated", condition.start, condition.end, negated)
        yield from of_expression(writer, condition)
    for part in (statement.then, other):
        if part is not None:
            yield from _of_statement(writer, part)


def _tries(condition: s.Term) -> s.CallOf | None:
    """The compare-and-exchange that a condition consists of, negated or not."""
    inner = condition.operand if isinstance(condition, s.Prefix) and condition.operator == "!" else condition
    if isinstance(inner, s.CallOf) and inner.callee.text == "try_cmpxchg64" and len(inner.arguments) == 3:
        return inner
    return None


def _made_plain(writer: Writer, statement: s.SurfaceStatement) -> Iterator[Edit]:
    """A locked operation as a plain read and a plain write."""
    new: str | None = None
    match statement:
        case s.CallStatement(call=call):
            new = _plain_call(writer, call)
        case s.ReturnStatement(value=s.CallOf() as call) if (written := _plain_value(writer, call)) is not None:
            pointer, value = written
            new = f"{{ u64 {PLAIN} = *{pointer}; WRITE_ONCE(*{pointer}, {value}); return {PLAIN}; }}"
        case s.Declaration(names=(s.Declared(value=s.CallOf() as call) as one,)):
            if (written := _plain_value(writer, call)) is not None:
                pointer, value = written
                value = value.replace(PLAIN, one.name.text)
                new = f"u64 {one.name.text} = *{pointer}; WRITE_ONCE(*{pointer}, {value});"
        case s.IfStatement(other=None) if (tried := _tries(statement.condition)) is not None:
            write = f"WRITE_ONCE(*{writer.of(tried.arguments[0])}, {writer.of(tried.arguments[2])});"
            negated = isinstance(statement.condition, s.Prefix)
            new = write if negated else f"{{ {write} {writer.of(statement.then)} }}"
    if new is not None:
        yield Edit("a plain write for a locked one", statement.start, statement.end, new)


_ASSIGNING = {"|=": "&=", "&=": "|=", "^=": "|=", "+=": "-=", "-=": "+=", "<<=": ">>=", ">>=": "<<="}
_BIT_OPERATIONS = {"clear_bit": "__clear_bit", "set_bit": "__set_bit"}
_ASSIGNED = {"atomic64_and": "&= {0}", "atomic64_andnot": "&= ~{0}", "atomic64_or": "|= {0}"}
_FETCHED = {"atomic64_fetch_and": "& {0}", "atomic64_fetch_andnot": "& ~{0}", "atomic64_fetch_or": "| {0}"}


def _plain_call(writer: Writer, call: s.CallOf) -> str | None:
    """For a call that is a statement."""
    name, arguments = call.callee.text, call.arguments
    if name in _BIT_OPERATIONS:
        return f"{_BIT_OPERATIONS[name]}({', '.join(map(writer.of, arguments))});"
    if name in _ASSIGNED and len(arguments) == 2:
        return f"*{writer.of(arguments[1])} {_ASSIGNED[name].format(writer.operand(arguments[0]))};"
    if name == "try_cmpxchg64" and len(arguments) == 3:
        return f"WRITE_ONCE(*{writer.of(arguments[0])}, {writer.of(arguments[2])});"
    return None


def _plain_value(writer: Writer, call: s.CallOf) -> tuple[str, str] | None:
    """For a call whose value is used: the pointer, and what is written where PLAIN was read."""
    name, arguments = call.callee.text, call.arguments
    if name in _FETCHED and len(arguments) == 2:
        return writer.of(arguments[1]), f"{PLAIN} {_FETCHED[name].format(writer.operand(arguments[0]))}"
    if name == "xchg" and len(arguments) == 2:
        return writer.of(arguments[0]), writer.of(arguments[1])
    return None


def _reads_into(statement: s.SurfaceStatement) -> str | None:
    """The local into which a statement reads the entry."""
    match statement:
        case s.Declaration(names=names):
            return next((each.name.text for each in names if each.value is not None and _is_read(each.value)), None)
        case s.Assignment(target=s.Name(text=name), value=value) if _is_read(value):
            return name
    return None


def _is_read(value: s.Term) -> bool:
    match value:
        case s.Dereference():
            return True
        case s.CallOf(callee=s.Word(text="READ_ONCE")):
            return True
    return False


def _stale(writer: Writer, statement: s.SurfaceStatement, read: str) -> Iterator[Edit]:
    """A later read of the entry gives what was read before."""
    values: Sequence[s.Term | None] = ()
    match statement:
        case s.Declaration(names=names):
            values = [each.value for each in names]
        case s.Assignment(value=value):
            values = [value]
    for each in values:
        if each is not None and _is_read(each):
            yield Edit("a stale value for a fresh one", each.start, each.end, read)
