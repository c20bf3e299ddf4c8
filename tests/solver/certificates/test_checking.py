"""The checker accepts refutations and nothing else."""

import pytest

from spteproof.solver.certificates.checking import NoRefutation, check_refutation

ALL_FOUR = "p cnf 2 4\n1 2 0\n1 -2 0\n-1 2 0\n-1 -2 0\n"
GOOD = "5 1 0 1 2 0\n6 0 5 3 4 0\n"


def test_a_refutation_is_accepted():
    check_refutation(ALL_FOUR, GOOD)


def test_a_clause_that_is_empty_refutes_itself():
    check_refutation("p cnf 0 1\n0\n", "2 0 1 0\n")


@pytest.mark.parametrize(
    "lemmas",
    [
        "",
        "5 1 0 1 2 0\n",
        "5 1 0 1 0\n6 0 5 3 4 0\n",
        "5 1 0 1 3 0\n6 0 5 3 4 0\n",
        "5 1 0 1 2 0\n6 0 3 4 0\n",
        "5 1 0 2 1 2 0\n6 0 5 3 4 0\n",
        "5 0 0\n",
        "5 0\n",
        "5 0 5 0\n",
        "5 0 9 0\n",
        "5 1 0 1 2 0\n6 0 5 3 4\n",
        "4 1 0 1 2 0\n6 0 4 3 0\n",
        "5 1 0 -1 2 0\n6 0 5 3 4 0\n",
        "5 1 0 1 2 0\n5 0 5 3 4 0\n",
        "5 d 1 0\n6 0 5 3 4 0\n",
        "x 1 0 1 2 0\n6 0 5 3 4 0\n",
        "5 0 1 2 3 4 0\n",
        "5 1 00 1 2 0\n6 0 5 3 4 0\n",
        "\n" + GOOD,
    ],
)
def test_what_is_no_refutation_is_refused(lemmas):
    with pytest.raises(ValueError):
        check_refutation(ALL_FOUR, lemmas)


def test_hints_that_name_no_clause_show_nothing():
    """Two of them in a row made up any clause that holds the literal 1."""
    with pytest.raises(NoRefutation, match="^2 1 0 9 9 0$"):
        check_refutation("p cnf 1 1\n-1 0\n", "2 1 0 9 9 0\n3 0 2 1 0\n")


@pytest.mark.parametrize(
    "dimacs", ["", "1 0\n-1 0\n", "p cnf 1 2\n1 0 0\n-1 0\n", "p cnf 1 2\n1\n-1 0\n", "p sat 1 2\n1 0\n-1 0\n"]
)
def test_what_is_no_dimacs_is_refused(dimacs):
    with pytest.raises(ValueError):
        check_refutation(dimacs, "3 0 1 2 0\n")


def test_clauses_that_can_hold_are_not_refuted_by_any_single_change():
    satisfiable = ALL_FOUR.replace("-1 -2 0\n", "")
    for number in range(10):
        for at, digit in enumerate(GOOD):
            if digit.isdigit():
                with pytest.raises(ValueError):
                    check_refutation(satisfiable, GOOD[:at] + str(number) + GOOD[at + 1 :])


def test_the_message_says_which_line_fails():
    with pytest.raises(NoRefutation, match="^6 0 3 4 0$"):
        check_refutation(ALL_FOUR, "5 1 0 1 2 0\n6 0 3 4 0\n")
