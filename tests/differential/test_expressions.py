"""Random expressions: what gcc computes is what the tool proves, and nothing else is."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from .expressions import FULL, Input, Maker, Term, constant_text

COUNT = int(os.environ.get("SPTEPROOF_EXPRESSIONS", "600"))
C_HEAD = """
#include <stdbool.h>
#include <stdio.h>
typedef unsigned long long u64;
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK_ULL(h, l) ((~0ULL >> (63 - (h))) & (~0ULL << (l)))
#define __ffs64(x) ((unsigned long)__builtin_ctzll(x))
"""


@dataclass(frozen=True, slots=True)
class Example:
    """One expression with its inputs; `by_parameters`: these are parameters, `by_locals`: locals; otherwise
    constants."""

    number: int
    inputs: tuple[Input, ...]
    term: Term
    form: str


def make_example(seed: int, number: int) -> Example:
    random = Random(f"{seed} {number}")
    words = (0, 1, FULL, 1 << 63, random.getrandbits(64), random.getrandbits(64), random.getrandbits(12))
    inputs = (
        Input("a", "u64", random.choice(words)),
        Input("b", "u64", random.choice(words)),
        Input("n", "int", random.randint(-9, 63)),
        Input("k", "int", random.choice((0, 5, 31, -1, 70000, -123456))),
        Input("p", "bool", random.randrange(2)),
    )
    form = random.choice(("constants", "parameters", "locals"))
    return Example(number, inputs, Maker(random, inputs, form == "constants").term(random.randint(2, 5)), form)


def computed_by_c(examples: list[Example], folder: Path) -> list[int]:
    """Each expression's value converted to u64, as gcc's program prints it."""
    lines = [C_HEAD]
    for example in examples:
        variables = "".join(
            f"volatile {i.sort} {i.name} = {constant_text(i.sort, i.value)}; (void){i.name}; " for i in example.inputs
        )
        body = f'{{ {variables}u64 r = {example.term.c}; printf("%llu\\n", r); }}'
        lines.append(f"static void e{example.number}(void) {body}")
    lines.append("int main(void) { " + " ".join(f"e{example.number}();" for example in examples) + " return 0; }")
    source, program = folder / "expressions.c", folder / "expressions"
    source.write_text("\n".join(lines))
    flags = ["-w", "-O1", "-fsanitize=undefined", "-fno-sanitize-recover"]
    subprocess.run(["gcc", "-std=gnu11", *flags, str(source), "-o", str(program)], check=True)
    output = subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout
    return [int(line) for line in output.split()]


def lemma_text(example: Example, value: int) -> str:
    """Two claims: the value that C gives, and another one."""
    words = [i for i in example.inputs if i.sort != "int"]
    head = f"lemma e{example.number}"
    lines: list[str] = []
    if example.form == "parameters":
        head += "(" + ", ".join(f"{i.sort} {i.name}" for i in words) + ")"
    else:
        head += "()"
        lines = [f"{i.sort} {i.name} = any;" for i in words if example.form == "locals"]
    if example.form != "constants":
        lines += [f"int {i.name} = {constant_text('int', i.value)};" for i in example.inputs if i.sort == "int"]
        lines += [f"assume({' && '.join(f'{i.name} == {constant_text(i.sort, i.value)}' for i in words)});"]
    lines += [f"prove that ({example.term.text}) == {claimed:#x}ULL;" for claimed in (value, value ^ 1)]
    return f"{head} for layout in one {{\n" + "".join(f"    {line}\n" for line in lines) + "}\n"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Example, int]]:
    made = [make_example(1, number) for number in range(COUNT)]
    return list(zip(made, computed_by_c(made, tmp_path_factory.mktemp("expressions")), strict=True))


def test_the_generator_knows_what_c_computes(examples: list[tuple[Example, int]]) -> None:
    assert [example.term.c for example, value in examples if example.term.value & FULL != value] == []


def test_the_tool_proves_the_value_that_c_computes_and_refutes_another(examples: list[tuple[Example, int]]) -> None:
    wrong: list[str] = []
    for start in range(0, len(examples), 50):
        some = examples[start : start + 50]
        text = "layout one { W = bit 1; }\n" + "\n".join(lemma_text(example, value) for example, value in some)
        verdicts = _verdicts(text, f"expressions_{start}")
        for example, value in some:
            expected = {f"{value:#x}ULL": "proved", f"{value ^ 1:#x}ULL": "refuted"}
            if verdicts.get(f"e{example.number}") != expected:
                wrong.append(f"C gives {value:#x}; {verdicts.get(f'e{example.number}')}\n{lemma_text(example, value)}")
    assert not wrong, f"{len(wrong)} of {len(examples)}\n" + "\n".join(wrong[:10])


def _verdicts(text: str, name: str) -> dict[str, dict[str, str]]:
    """By lemma and by the value claimed, which ends the property's text."""
    from spteproof.running.pipeline import prove_text

    found: dict[str, dict[str, str]] = {}
    for result in prove_text(text, name).results:
        if not result.implicit:
            found.setdefault(result.theorem, {})[result.property.split()[-1]] = result.verdict
    return found
