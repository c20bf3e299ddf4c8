"""Order by dependence, and the cycles that prevent one."""

from spteproof.grammar.ordering import dependencies_first, reachable


def test_each_comes_after_what_it_rests_on():
    order, cycles = dependencies_first({"a": ["b", "c"], "b": ["c"], "c": [], "d": ["a"]})
    assert order == ["c", "b", "a", "d"] and cycles == []


def test_a_cycle_is_a_path_back_to_its_first():
    assert dependencies_first({"a": ["b"], "b": ["c"], "c": ["b"]})[1] == [["b", "c"]]


def test_what_rests_on_itself_is_a_cycle():
    assert dependencies_first({"a": ["a"]})[1] == [["a"]]


def test_names_that_are_no_keys_are_ignored():
    assert dependencies_first({"a": ["elsewhere"]}) == (["a"], [])


def test_a_long_chain_needs_no_stack():
    chain = {str(number): [str(number + 1)] for number in range(50_000)}
    assert len(dependencies_first(chain)[0]) == 50_000


def test_reachable_goes_round_cycles_once():
    assert reachable(["a"], {"a": ["b"], "b": ["a", "c"]}) == {"a", "b", "c"}
