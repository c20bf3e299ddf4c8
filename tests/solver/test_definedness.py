"""What C leaves undefined is refuted where it can be reached, and only there."""

import pytest

from spteproof.running.pipeline import prove_text


@pytest.fixture
def defined(implicit):
    def call(body, parameters="u64 n, int i in -3..70"):
        text = (
            f"theorem t({parameters}) for layout in l against nobody {{ {body} *sptep = 0; prove changes only ~0ULL; }}"
        )
        return implicit(text).get("every expression is defined")

    return call


@pytest.mark.parametrize(
    "body, expected",
    [
        ("u64 x = 1ULL << n;", "refuted"),
        ("u64 x = 1ULL << (n & 63);", "proved"),
        ("u64 x = n >> 63;", None),
        ("u64 x = n >> i;", "refuted"),
        ("u64 x = i >= 0 && i < 64 ? n >> i : 0;", "proved"),
        ("u64 x = i >= 0 ? n >> i : 0;", "refuted"),
        ("if (n < 64) { u64 x = 1ULL << n; }", "proved"),
        ("if (n <= 64) { u64 x = 1ULL << n; }", "refuted"),
        ("assume(n < 64); u64 x = 1ULL << n;", "proved"),
        ("u64 x = 1ULL << n; assume(n < 64);", "refuted"),
        ("u64 x = __ffs64(n);", "refuted"),
        ("u64 x = __ffs64(n | M3);", "proved"),
        ("if (n) { u64 x = __ffs64(n); }", "proved"),
        ("bool b = n && __ffs64(n) == 3;", "proved"),
        ("bool b = n || __ffs64(n) == 3;", "refuted"),
        ("int x = i * 2147483647;", "refuted"),
        ("int x = i * 1000; int y = -i; int z = i - 3;", "proved"),
        ("int k = any; int x = k + 1;", "refuted"),
        ("int k = any; int x = -k;", "refuted"),
        ("int k = any; if (k < 5) { int x = k + 1; }", "proved"),
        ("set_bit(i, sptep);", "refuted"),
        ("set_bit(3, sptep);", None),
        ("if (n == 5 && n == 6) { u64 x = 1ULL << 64 + n; }", "proved"),
    ],
)
def test_undefined_where_reached(defined, body, expected):
    assert defined(body) == expected


@pytest.mark.parametrize(
    "claim, expected",
    [
        ("that (1ULL << n) == (1ULL << n)", "refuted"),
        ("that n < 64 -> (1ULL << n) != 0", "proved"),
        ("that n >= 64 || (1ULL << n) != 0", "proved"),
        ("that (n < 64 ? 1ULL << n : 1) != 0", "proved"),
    ],
)
def test_a_fact_that_is_undefined_somewhere_does_not_hold(verdict, claim, expected):
    assert verdict(f"lemma t(u64 n) for layout in l {{ prove {claim}; }}") == expected


@pytest.mark.parametrize("claim", ["preserves 1ULL << n", "changes only ~(1ULL << n)", "preserves M1 except 1ULL << n"])
def test_a_mask_that_is_undefined_somewhere_keeps_nothing(prove, claim):
    text = f"theorem t(u64 n) for layout in l against nobody {{ atomic64_and(~0ULL, sptep); prove {claim}; }}"
    (result,) = prove(text)
    assert (result.verdict, result.losing) == ("refuted", ())


@pytest.mark.parametrize("claim", ["preserves 1ULL << n", "changes only ~(1ULL << n)", "preserves M1 except 1ULL << n"])
def test_a_mask_that_is_defined_where_the_program_gets_is_a_mask(verdict, claim):
    body = "assume(n < 64); atomic64_and(~0ULL, sptep);"
    assert verdict(f"theorem t(u64 n) for layout in l against nobody {{ {body} prove {claim}; }}") == "proved"


@pytest.mark.parametrize("low, high, value", [(-3, 3, -2), (0, 7, 7), (-2, -1, -1)])
def test_an_int_parameter_takes_all_values_of_its_range_and_no_other(prove, low, high, value):
    text = f"theorem t(int i in {low}..{high}) for layout in l {{ WRITE_ONCE(*sptep, i); "
    inside, outside = prove(text + f"prove ensures i != {value}; prove ensures i >= {low} && i <= {high}; }}")
    assert (inside.verdict, outside.verdict) == ("refuted", "proved")


def test_an_int_input_is_an_int(verdict):
    assert (
        verdict("theorem t for layout in l { int k = any; prove that k <= 2147483647 && k >= -2147483647 - 1; }")
        == "proved"
    )
    assert verdict("theorem t for layout in l { int k = any; prove that k < 2147483647; }") == "refuted"


@pytest.mark.parametrize(
    "condition", ["shifted(N) == 0", "warned(N)", "1ULL << N == 0", "__ffs64(A) < 65", "!A || 1ULL << __ffs64(A) == A"]
)
def test_an_assert_of_a_layout_must_have_a_value(condition):
    text = f"layout s {{ A = some bit or none; value N = 70; assert {condition}; }}\n"
    text += "function shifted(u64 x) -> u64 = 1ULL << x;\npredicate warned(u64 x) { assert(!(x & 2)); return true; }\n"
    (found,) = prove_text(text).results
    assert found.verdict == ("proved" if condition.startswith("!A") else "refuted")
    assert found.verdict == "proved" or "has no value here" in found.reason
