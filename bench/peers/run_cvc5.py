"""Runs `seed.smt2` through cvc5 and prints its answers, one a line. Usage: python run_cvc5.py [--broken]"""

import sys
from pathlib import Path

import cvc5


def main() -> None:
    text = (Path(__file__).parent / "seed.smt2").read_text()
    if "--broken" in sys.argv[1:]:
        text = text.replace("(define-fun broken () Bool false)", "(define-fun broken () Bool true)")
    solver = cvc5.Solver(cvc5.TermManager())
    solver.setOption("incremental", "true")
    parser = cvc5.InputParser(solver)
    parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "seed.smt2")
    symbols = parser.getSymbolManager()
    while not (command := parser.nextCommand()).isNull():
        print(command.invoke(solver, symbols), end="")


if __name__ == "__main__":
    main()
