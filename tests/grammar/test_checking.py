"""What checked trees say: names resolved, conversions explicit, events named."""

import pytest

from spteproof.grammar import checked as c
from spteproof.grammar.checked import Sort


@pytest.fixture
def scope(loaded):
    def of(text: str, era: str | None = None) -> c.Scope:
        found = loaded(f"use base;\n{text}")
        assert found.library is not None, [each.message for each in found.diagnostics]
        return found.library.scopes[era]

    return of


@pytest.fixture
def theorem(loaded):
    def of(text: str, name: str = "t") -> c.Theorem:
        found = loaded(f"use base;\n{text}")
        assert found.library is not None, [each.message for each in found.diagnostics]
        return found.library.theorems[name]

    return of


def result(pure: c.Pure) -> c.Expression:
    [statement] = pure.body
    assert isinstance(statement, c.Return)
    return statement.value


def test_the_result_of_a_predicate_is_converted_to_bool(scope):
    value = result(scope("predicate p(u64 a) = a & W;").pures["p"])
    match value:
        case c.Convert(sort=Sort.BOOL, operand=c.Binary(operator="&", sort=Sort.U64, right=c.LayoutName(name="W"))):
            return
    raise AssertionError(value)


def test_an_int_meets_a_word_as_a_word(scope):
    value = result(scope("predicate p(u64 a, int n) = a < n;").pures["p"])
    assert value.signed is False
    assert value.right == c.Convert(place=value.place, operand=value.right.operand, sort=Sort.U64)


def test_ints_are_compared_with_their_sign(scope):
    value = result(scope("predicate p(int n) = n < -1;").pures["p"])
    assert value.signed is True
    assert value.right == c.Constant(place=value.place, value=2**64 - 1, sort=Sort.INT)


def test_truth_values_are_compared_as_ints(scope):
    value = result(scope("predicate p(bool a, bool b) = a == b;").pures["p"])
    assert [type(side) for side in (value.left, value.right)] == [c.Convert, c.Convert]
    assert {value.left.sort, value.right.sort} == {Sort.INT}


def test_a_bit_that_is_not_constant_is_one_shifted(scope):
    value = result(scope("function f(int n) -> u64 = BIT_ULL(n);").pures["f"])
    assert isinstance(value, c.Binary) and value.operator == "<<" and value.sort is Sort.U64
    assert value.left == c.Constant(place=value.place, value=1, sort=Sort.U64)
    assert isinstance(value.right, c.Variable)


def test_plain_accesses_of_the_entry_are_operations(scope):
    body = scope("helper f(u64 a) { *sptep = a; *sptep |= a; a = *sptep; }").helpers["f"].body
    assert [body[0].expression.operation, body[1].expression.operation] == ["WRITE_ONCE", "plain_or"]
    assert body[2].value.operation == "READ_ONCE" and body[2].value.arguments == ()


def test_a_compare_and_exchange_names_what_it_refreshes(scope):
    [statement] = scope("helper f(u64 *old) -> bool { return try_cmpxchg64(sptep, old, 1); }").helpers["f"].body
    assert statement.value.reference == c.Variable(place=statement.place, name="old", sort=Sort.U64)
    assert len(statement.value.arguments) == 1


def test_a_block_is_its_statements_and_its_locals_stay_apart(scope):
    body = scope("helper f() { { u64 x = 1; } { bool x = true; } }").helpers["f"].body
    assert [(each.name, each.sort) for each in body] == [("x", Sort.U64), ("x.2", Sort.BOOL)]


def test_each_input_has_a_place_of_its_own(scope):
    body = scope("helper f() { u64 a, b, d = any; }").helpers["f"].body
    assert len({each.value.place for each in body}) == 3


def test_interface_members_are_absent_outside_eras(scope):
    outside, inside = scope(""), scope("", "v1")
    assert "tracked" not in outside.pures and "faulter" not in outside.agents
    assert "tracked" in inside.pures and "faulter" in inside.agents and "put" in inside.helpers
    assert set(outside.pures) < set(inside.pures)


def test_an_era_takes_over_what_it_does_not_give_again(scope):
    text = "era v2 extends v1 { function tracked(u64 spte) -> u64 = spte; }"
    first, second = scope(text, "v1"), scope(text, "v2")
    assert first.pures["tracked"] != second.pures["tracked"]
    assert first.pures["must_be_atomic"] == second.pures["must_be_atomic"]


def test_an_override_keeps_its_place_and_what_rests_on_it_follows(loaded):
    text = "layout a { X = bit 1; Y = X << 1; alias Z = X; }\nlayout b extends a { X = bit 4; }"
    layout = loaded(text).library.layouts["b"]
    assert {name: mask.value for name, mask in layout.masks.items()} == {"X": 16, "Y": 32}
    assert list(layout.masks) == ["X", "Y"] and layout.aliases == {"Z": "X"}


def test_a_symbolic_mask_keeps_its_definition(loaded):
    layout = loaded("layout a { X = some bit or none; Y = X << 1; flag = X != 0; }").library.layouts["a"]
    assert (layout.masks["X"].value, layout.masks["X"].some, layout.masks["X"].or_none) == (None, True, True)
    assert isinstance(layout.masks["Y"].definition, c.Binary) and layout.masks["Y"].value is None
    assert layout.values["flag"].definition is not None and layout.values["flag"].sort is Sort.BOOL


def test_families_are_expanded_once(loaded):
    library = loaded("use base;\nfamily f = both, one, g;\nfamily g = small, two;").library
    assert library.families["f"] == ("one", "two", "small")


def test_asked_names_are_those_of_the_text_itself(loaded):
    library = loaded("use base;\nlayout mine { X = bit 1; }\nlemma l { prove that true; }").library
    assert library.asked == {"mine", "l"}


def test_agents_that_locks_permit_and_that_are_not_listed_are_omitted(theorem):
    found = theorem("theorem t holding mmu_lock(write) against any number of zapper { prove changes nothing; }")
    assert [use.agent for use in found.agents] == ["zapper"]
    assert found.omitted == ("walker",)


def test_all_takes_those_whose_parameters_can_be_bound(theorem):
    found = theorem("theorem t holding mmu_lock(read) against all { prove changes nothing; }")
    assert [use.agent for use in found.agents] == ["zapper", "mapper"]
    assert found.omitted == ("walker",)


def test_members_of_interfaces_are_in_scope_where_there_are_eras(theorem):
    found = theorem("theorem t(int level) for layout in one, era in v1 against all { prove changes nothing; }")
    assert [use.agent for use in found.agents] == ["walker", "zapper", "mapper", "faulter"]


def test_parameters_of_agents_are_bound_by_name(theorem):
    found = theorem("theorem t(int level) against any number of walker, walker(3) { prove changes nothing; }")
    by_name, given = found.agents
    assert by_name.arguments == (c.Variable(place=found.place, name="level", sort=Sort.INT),)
    assert given.arguments == (c.Constant(place=found.place, value=3, sort=Sort.INT),)


def test_whether_a_theorem_says_against_is_kept(theorem):
    assert theorem("theorem t { prove changes nothing; }").against_given is False
    assert theorem("theorem t against nobody { prove changes nothing; }").against_given is True


def test_a_level_is_one_to_five(theorem):
    found = theorem("theorem t(int level, int n in -2..3, u64 m in {W, D}) { prove changes nothing; }")
    assert [each.bounds for each in found.parameters] == [(1, 5), (-2, 3), None]
    assert [choice.name for choice in found.parameters[2].choices] == ["W", "D"]


def test_needs_go_through_calls_and_agents_but_not_through_expectations(theorem):
    found = theorem(
        "theorem t(int level) against any number of walker { prove preserves W expect refuted losing {A}; }"
    )
    assert found.needs == {None: {"W", "D", "P", "on"}}


def test_needs_differ_from_era_to_era(theorem):
    text = "era v2 extends v1 { function tracked(u64 spte) -> u64 = spte & ~D; }"
    found = theorem(f"{text}\ntheorem t for era in v1, v2 {{ u64 a = tracked(1); prove changes nothing; }}")
    assert found.needs == {"v1": {"A"}, "v2": {"D"}}


def test_a_theorem_without_layouts_ranges_over_those_in_scope(theorem):
    assert theorem("theorem t { prove changes nothing; }").layouts == ("one", "two", "small")


def test_the_text_of_a_property_is_the_authors_without_space_and_comments(theorem):
    found = theorem(
        "theorem t { prove refines   { /* so */ *sptep  =\n 1; // that\n } expect refuted; prove that 1==1; }"
    )
    assert [each.text for each in found.proves] == ["refines { *sptep = 1; }", "that 1==1"]


def test_results_of_a_refinement_are_the_theorems_locals_only(theorem):
    text = "theorem t { u64 a = 1, b = 2; prove refines { u64 x = 1; x = 2; refresh(&b); if (x) a = x; }; }"
    assert [each.name for each in theorem(text).proves[0].property.results] == ["b", "a"]


def test_a_reference_parameter_is_a_variable_of_its_value(scope):
    body = scope("helper f(u64 *a) { *a = *a + 1; refresh(a); }").helpers["f"].body
    assert body[0].target == c.Variable(place=body[0].place, name="a", sort=Sort.U64)
    assert body[1].expression.arguments == (c.Reference(place=body[1].place, variable=body[0].target),)


def test_instants_are_named(theorem):
    text = "theorem t { prove ensures start == after && end == start; prove always *sptep == start; }"
    ensures, always = [each.property.condition for each in theorem(text).proves]
    assert [ensures.left.left.which, ensures.left.right.which, ensures.right.left.which] == ["start", "after", "end"]
    assert always.left.which == "now"


def test_an_expectation_names_layouts_of_the_theorem_only(theorem):
    [prove] = theorem("theorem t for layout in one { prove changes nothing expect refuted in both; }").proves
    assert prove.expectations[0].layouts == ("one",)
