"""Bundles of certificates, and what somebody would do to them who wants to deceive."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from spteproof.certifying.checkers import Checkers
from spteproof.certifying.store import Spoilt, Store
from spteproof.certifying.verifying import judged, manifest_of
from spteproof.certifying.writing import DIGEST, MANIFEST
from spteproof.solver.certificates.parts import canonical

LEMMA = """layout one { W = bit 1; }
lemma l(u64 v) for layout in one { prove that (v & W) == 0 || (v | W) == v; }
"""


@pytest.fixture(autouse=True)
def certifier():
    pytest.importorskip("pysat", reason="python-sat is not installed")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """Where bundles are kept that many tests begin with."""
    return tmp_path_factory.mktemp("made")


@pytest.fixture
def bundle(spteproof, small, made):
    """The bundle of the small text: proofs, a refutation, an evaluated assert."""
    return _made_once(spteproof, "small.spte", made / "small", Path("made"))


@pytest.fixture
def tiny(spteproof, own_place, made):
    """The bundle of one lemma."""
    (own_place / "l.spte").write_text(LEMMA)
    return _made_once(spteproof, "l.spte", made / "tiny", Path("tiny"))


def _made_once(spteproof, spec, kept, folder):
    if not kept.exists():
        assert spteproof("prove", spec, "--certify", kept, "--jobs", "1").status == 0
    return shutil.copytree(kept, folder)


class Forger:
    """Changes bundles, with all digests put right."""

    def __init__(self, spteproof):
        self._spteproof = spteproof

    def part(self, folder, change, theorem):
        """One part changed."""
        store = Store(folder)
        made = json.loads(store.read(MANIFEST))["parts"][theorem]
        for number, name in enumerate(made):
            part = json.loads(store.get(name))
            change(part, store)
            made[number] = store.put("json", canonical(part))
            if made[number] != name:
                (folder / name).unlink()
        self.manifest(folder, lambda manifest: manifest["parts"].update({theorem: made}))

    def manifest(self, folder, change):
        """The manifest changed."""
        manifest = json.loads((folder / MANIFEST).read_text())
        change(manifest)
        self.bytes(folder, json.dumps(manifest).encode())

    @staticmethod
    def bytes(folder, data):
        """The manifest's bytes."""
        (folder / MANIFEST).write_bytes(data)
        (folder / DIGEST).write_text(hashlib.sha256(data).hexdigest() + "\n")

    def text(self, folder, change, place="spec/small.spte"):
        """A text changed."""
        path = folder / "texts" / place
        text = change(path.read_text())
        path.write_text(text)

        def tell(manifest):
            (entry,) = [each for each in manifest["texts"] if each["place"] == place]
            entry["sha256"] = hashlib.sha256(text.encode()).hexdigest()

        self.manifest(folder, tell)

    def sweep(self, folder):
        """Removes what belongs to nothing any more."""
        while not is_sound(folder):
            found = judged(Store(folder), manifest_of(Store(folder)), 1, Checkers(()))
            for line in [each for part in found for each in part.problems]:
                assert line.endswith(" belongs to nothing")
                (folder / line.split(" ")[0]).unlink()

    def said_by(self, folder, *words):
        """The report on what must be invalid."""
        answer = self._spteproof("verify", folder, *words)
        assert answer.status == 1 and answer.out.startswith(f"{folder}: invalid\n"), answer.out
        return answer.out


@pytest.fixture
def forger(spteproof):
    return Forger(spteproof)


def is_sound(folder):
    """Whether the files alone are beyond reproach."""
    store = Store(folder)
    try:
        manifest = manifest_of(store)
        return not any(each.problems for each in judged(store, manifest, 1, Checkers(())))
    except Spoilt:
        return False


@pytest.fixture(name="is_sound")
def _is_sound():
    return is_sound
