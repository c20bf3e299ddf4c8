"""The checker of refutations. Certificates trust this file; it uses nothing but the language.

A refutation is a list of lemmas in the format LRAT (Cruz-Filipe and others, "Efficient Certified RAT Verification",
2017): a number, a clause, 0, and the numbers of earlier clauses, 0. Where the clause is false, each of these has one
literal left, which then holds, and the last has none. No other kind of step is known.
"""


class NoRefutation(ValueError):
    """The lemmas do not refute the clauses; the message says which line fails."""


def check_refutation(dimacs: str, lemmas: str) -> None:
    """Shows that the clauses of a DIMACS CNF text cannot hold together. Raises NoRefutation."""
    header, *lines = dimacs.splitlines()
    clauses = {at: _literals(line.split()) for at, line in enumerate(lines, 1)}
    if header.split()[:2] != ["p", "cnf"]:
        raise NoRefutation("the clauses have no header")
    for line in lemmas.splitlines():
        number, *rest = line.split()
        middle = rest.index("0") + 1 if "0" in rest else len(rest)
        clause, hints = _literals(rest[:middle]), _literals(rest[middle:])
        if not number.isdecimal() or int(number) in clauses:
            raise NoRefutation(line)
        if not hints or any(hint not in clauses for hint in hints):
            raise NoRefutation(line)
        holding = {-literal for literal in clause}
        for at, hint in enumerate(hints, 1):
            left = {literal for literal in clauses[hint] if -literal not in holding}
            if len(left) != (at < len(hints)):
                raise NoRefutation(line)
            holding |= left
        if not clause:
            return
        clauses[int(number)] = clause
    raise NoRefutation("no lemma is the empty clause")


def _literals(words: list[str]) -> list[int]:
    """Numbers up to the 0 at the end."""
    numbers = [int(word) for word in words]
    if numbers.count(0) != 1 or numbers[-1] != 0:
        raise NoRefutation("a clause does not end with its one 0")
    return numbers[:-1]
