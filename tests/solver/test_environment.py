"""What an agent's event may rest on: what it read, took or was told before is any value, another each time it runs."""

import pytest

SOURCES = {
    "what it read": "u64 old = READ_ONCE(*sptep);",
    "what it takes": "u64 old = any;",
    "what it read of another entry": "u64 old = READ_ONCE(*child);",
    "what a ghost held": "u64 old = word;",
}
USES = {
    "a condition": "if (old & M2) { set_bit(0, sptep); } else { set_bit(1, sptep); }",
    "an assumption": "bool b = any; if (b) { assume(old & M2); set_bit(0, sptep); } "
    "else { assume(!(old & M2)); set_bit(1, sptep); }",
    "what it writes": "u64 bit = (old & M2) ? M0 : M1; atomic64_or(bit, sptep);",
    "what it notes": "flag = old & M2;",
}
BOTH = "u64 s = READ_ONCE(*sptep); u64 e = READ_ONCE(*sptep); prove that (s & (M0 | M1)) || !(e & M0) || !(e & M1);"
BACK = "bool a = flag, b = flag, d = flag; prove that a == b || b == d;"
STATE = "ghost bool flag;\nghost u64 word;\nentry child;\n"


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("source", SOURCES)
def test_what_an_event_rests_on_is_another_each_time(verdict, source, use):
    text = f"{STATE}agent late lockless {{ {SOURCES[source]} {USES[use]} }}\n"
    body = BACK if "flag" in USES[use] else BOTH
    assert verdict(f"{text}theorem t for layout in l against any number of late {{ {body} }}") == "refuted"


VALID = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; invariant i: !(spte & MASK); }\n"


@pytest.mark.parametrize(("mask", "expected"), [("M2", "proved"), ("M3", "refuted")])
@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("source", ["what it read", "what it read of another entry"])
def test_what_an_event_rests_on_was_valid(verdict, source, use, mask, expected):
    text = f"{STATE}agent late lockless {{ {SOURCES[source]} {USES[use]} }}\n"
    body = (
        "bool a = flag, b = flag; prove that a || !b;"
        if "flag" in USES[use]
        else "u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0);"
    )
    text += f"theorem t for layout in l against any number of late {{ {body} }}"
    assert verdict(text, layout=VALID.replace("MASK", mask)) == expected


CHOSEN = {"a word": "u64 v", "a truth value": "bool v"}
STEPS = {
    "when it runs": "step s(PARAMETER): when v != 0 { spte |= M0; } step t(PARAMETER): when v == 0 { spte |= M1; }",
    "a condition": "step s(PARAMETER): { if (v != 0) { spte |= M0; } else { spte |= M1; } }",
    "what it writes": "step s(PARAMETER): { spte |= v != 0 ? M0 : M1; }",
    "what it notes": "step s(PARAMETER): { flag = v != 0; }",
    "what it does elsewhere": "step s(PARAMETER): { if (v != 0) { *child |= M0; } else { *child |= M1; } }",
}


@pytest.mark.parametrize("use", STEPS)
@pytest.mark.parametrize("parameter", CHOSEN)
def test_what_a_step_chooses_is_another_each_time(verdict, parameter, use):
    steps = STEPS[use].replace("PARAMETER", CHOSEN[parameter])
    if parameter == "a truth value":
        steps = steps.replace("v != 0", "v").replace("v == 0", "!v")
    body = BACK if "flag" in steps else BOTH.replace("sptep", "child") if "child" in steps else BOTH
    text = f"{STATE}agent late lockless {{ {steps} }}\n"
    assert verdict(f"{text}theorem t for layout in l against any number of late {{ {body} }}") == "refuted"


@pytest.mark.parametrize(("mask", "expected"), [("M2", "proved"), ("M3", "refuted")])
def test_what_a_step_saw_was_valid_and_is_another_each_time(verdict, mask, expected):
    text = f"""agent late lockless {{ step s: saw spte & M2 {{ spte |= M0; }} step t: saw !(spte & M2) {{ spte |= M1; }} }}
        theorem t for layout in l against any number of late {{ {BOTH} }}"""
    assert verdict(text, layout=VALID.replace("MASK", mask)) == expected


NO_INT = "n + 0ULL > 0x7fffffffULL && n + 0ULL < 0xffffffff80000000ULL"


@pytest.mark.parametrize("guards", ["", "saw spte & M2", "when spte & M2", "when spte & M3 saw spte & M2"])
def test_an_int_that_a_step_chooses_is_one_whatever_else_it_waits_for(verdict, guards):
    text = f"agent late lockless {{ step s(int n): {guards} {{ if (NUMBER) {{ spte |= M0; }} }} }}\n"
    text += "theorem t for layout in l against any number of late "
    text += "{ u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0); }"
    assert verdict(text.replace("NUMBER", NO_INT)) == "proved"
    assert verdict(text.replace("NUMBER", "n == -0x7fffffff - 1 || n == 0x7fffffff")) == "refuted"


@pytest.mark.parametrize("before", ["", "u64 old = READ_ONCE(*sptep); if (old & M2) "])
def test_an_int_that_a_program_takes_is_one(verdict, before):
    text = f"agent late lockless {{ int n = any; {before} {{ if (NUMBER) set_bit(0, sptep); }} }}\n"
    text += "theorem t for layout in l against any number of late "
    text += "{ u64 s = READ_ONCE(*sptep), e = READ_ONCE(*sptep); prove that (s & M0) || !(e & M0); }"
    assert verdict(text.replace("NUMBER", NO_INT)) == "proved"
    assert verdict(text.replace("NUMBER", "n == -0x7fffffff - 1 || n == 0x7fffffff")) == "refuted"
