"""Random texts, certified and verified: each bundle is right, and none is once a verdict in it is another.

    python -m tests.differential.bundles.certified --seconds 600 --seed 1 [--number 17]

The texts are those of the hunts in `generation/`, of `meeting` and of `equivalents`. A bundle may have holes, such as a question that is too
hard for the solver that writes proofs; it may not be invalid. Then each of some verdicts is replaced by another one, with
all digests put right; the bundle must be invalid.
"""

import argparse
import contextlib
import hashlib
import io
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

from spteproof.certifying.store import Store
from spteproof.certifying.writing import DIGEST, MANIFEST
from spteproof.cli import main as spteproof

from .. import meeting
from ..equivalents import cases, later_cases
from ..generation.generate import make_text
from ..generation.text import spte_text
from ..meeting import lines_with
from ..meeting_grow import Grower

REACHED = ("proved", "refuted", "vacuous")
SAYS = {0: "valid", 1: "invalid", 3: "holey"}


def text_of(seed: int, number: int) -> str:
    """The text of a number: of each hunt by turns."""
    if number % 3 == 0:
        return spte_text(make_text(seed, number))
    if number % 3 == 1:
        chance = Random(f"{seed} {number}")
        return next((cases if chance.random() < 0.5 else later_cases)(chance.randrange(1 << 32))).text()
    case = Grower(f"{seed} {number}", []).case()
    meeting.compare(case, Random(f"{seed} {number} denied"))  # which gives it claims about what it does
    return "\n".join(lines_with(case)) + "\n"


def called(*words: object) -> tuple[int, str]:
    """The exit status and everything that was printed."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = spteproof([str(word) for word in words])
        except SystemExit as left:
            status = left.code if isinstance(left.code, int) else 1
    return status, out.getvalue()


def compare(text: str, chance: Random, most: int = 3) -> tuple[list[str], Counter]:
    """What is wrong, and how many bundles of each kind there were."""
    with tempfile.TemporaryDirectory() as folder:
        spec, bundle = Path(folder, "spec.spte"), Path(folder, "made")
        spec.write_text(text)
        status, said = called("prove", spec, "--certify", bundle, "--jobs", "1", "--timeout", "2")
        if not bundle.exists():
            return ([] if status == 2 else [said]), Counter({f"no bundle, {status}": 1})
        status, said = called("verify", bundle, "--jobs", "1")
        counts = Counter({"bundles": 1, SAYS.get(status, "broken"): 1})
        if status not in (0, 3):
            return [said], counts
        wrong = []
        for what in _forged(bundle, chance, most):
            counts["forged"] += 1
            forged, said = called("verify", bundle, "--jobs", "1")
            if forged != 1:
                wrong.append(f"{what}: {said}")
        return wrong, counts


def _forged(bundle: Path, chance: Random, most: int) -> Iterator[str]:
    """Puts another verdict in the place of one, and takes it back."""
    store, before = Store(bundle), (bundle / MANIFEST).read_bytes()
    parts = json.loads(before)["parts"]
    places = [
        (name, number, at)
        for name, made in parts.items()
        for number, part in enumerate(made)
        if part is not None
        for at, _ in enumerate(json.loads(store.get(part))["verdicts"])
    ]
    for name, number, at in chance.sample(places, min(most, len(places))):
        manifest = json.loads(before)
        old = manifest["parts"][name][number]
        part = json.loads(store.get(old))
        verdict = part["verdicts"][at]
        was = verdict["verdict"]
        verdict.update(verdict=chance.choice([each for each in REACHED if each != was]), reason=None)
        manifest["parts"][name][number] = new = store.put("json", json.dumps(part))
        data = (bundle / old).read_bytes()
        (bundle / old).unlink()
        _write(bundle, json.dumps(manifest).encode())
        yield f"{name}, instance {number}, `{verdict['property']}`: {verdict['verdict']}, not {was}"
        (bundle / new).unlink()
        (bundle / old).write_bytes(data)
        _write(bundle, before)


def _write(bundle: Path, data: bytes) -> None:
    (bundle / MANIFEST).write_bytes(data)
    (bundle / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--number", type=int)
    asked = parser.parse_args()
    end, number, total, met = time.monotonic() + asked.seconds, asked.number or 0, Counter(), 0
    while time.monotonic() < end:
        text = text_of(asked.seed, number)
        wrong, counts = compare(text, Random(f"{asked.seed} {number}"))
        total += counts
        if wrong:
            met += 1
            print(f"// seed {asked.seed}, number {number}: {'; '.join(wrong)}", text, sep="\n", flush=True)
        if asked.number is not None:
            break
        number += 1
    print(f"{dict(total)}, {met} with differences")
    return 1 if met else 0


if __name__ == "__main__":
    sys.exit(main())
