"""What a verdict rests on, of parts that are made by hand."""

import pytest

from spteproof.solver.certificates.following import rest_of

WHERE = {"layout": "l", "era": None, "params": {}}
VERDICT = {**WHERE, "verdict": "proved", "property": "p", "arguments": []}


@pytest.mark.parametrize("answer", ["no", "yes", "open"])
def test_a_proof_rests_on_what_agents_are_given_being_defined(answer):
    duties = {"about": "agents' duties", answer: [["undefined0"]]}
    program = {"about": "program", "no": [["violated0at0"]], "yes": [["subject0"]]}
    sections = [{"claims": None, "scripts": [0]}, {"claims": ["p"], "scripts": [1]}]
    rest = rest_of(VERDICT, {"cases": [{**WHERE, "sections": sections}], "scripts": [duties, program]})
    assert rest.wrong == (None if answer == "no" else "that what agents are given is defined is not shown")


def test_a_long_claim_takes_no_time():
    verdict = {**VERDICT, "property": "ensures " * 30_000}
    script = {"about": "program", "no": [["violated0at0"]], "yes": [["subject0"]]}
    sections = [{"claims": [verdict["property"]], "scripts": [0]}]
    assert rest_of(verdict, {"cases": [{**WHERE, "sections": sections}], "scripts": [script]}).wrong is None
