"""Tiny theorems over four bits, proved in one call."""

import pytest

from spteproof.running.pipeline import prove_text

BITS = "layout l { M0 = bit 0; M1 = bit 1; M2 = bit 2; M3 = bit 3; }\n"


@pytest.fixture
def prove():
    """Proves a text that speaks of layout `l`, and gives the results that were asked for."""

    def call(text, *, layout=BITS, **options):
        return [each for each in prove_text(layout + text, **options).results if not each.implicit]

    return call


@pytest.fixture
def verdict(prove):
    """The one verdict of a text with one `prove` and one instance."""

    def call(text, **options):
        (result,) = prove(text, **options)
        return result.verdict

    return call


@pytest.fixture
def of_body(verdict):
    """The verdict on one property of a program in one environment."""

    def call(body, claim, against="nobody", before=""):
        return verdict(f"{before}\ntheorem t for layout in l against {against} {{ {body} prove {claim}; }}")

    return call


@pytest.fixture
def implicit():
    """The verdicts on what is proved without being asked, by its text."""

    def call(text, *, layout=BITS):
        return {each.property: each.verdict for each in prove_text(layout + text).results if each.implicit}

    return call
