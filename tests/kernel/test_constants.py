"""Masks, predicates and functions of the library, against what the kernel's own functions give when gcc compiles them.

The kernel's source is taken from where SPTEPROOF_KERNEL_SOURCE says, or from Debian's linux-source packages where they are
installed; without one of these the tests are skipped. Nothing of it is kept.
"""

import tarfile
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from spteproof.grammar import checked as c
from spteproof.grammar.modules import load
from spteproof.running.pipeline import LIBRARY
from spteproof.solver.instances import concrete, evaluate
from spteproof.solver.placements import placements
from spteproof.solver.setting import Setting

from .program import CONSTANTS, ONLY_EPT, Compiled, compiled
from .source import VARIABLE, Tree, archives, named, unpacked

ENTRIES = 300
OLD_NAMES = {f"SPTE_TDP_AD_{kind}_MASK": f"SPTE_TDP_AD_{kind}" for kind in ("ENABLED", "DISABLED", "WRPROT_ONLY")}
MASKS = (
    "shadow_host_writable_mask", "shadow_mmu_writable_mask", "shadow_nx_mask", "shadow_x_mask", "shadow_user_mask",
    "shadow_accessed_mask", "shadow_dirty_mask", "shadow_present_mask", "shadow_memtype_mask", "shadow_acc_track_mask",
    "shadow_me_mask", "shadow_me_value", "shadow_mmio_value", "shadow_mmio_mask", "shadow_mmio_access_mask",
    "shadow_nonpresent_or_rsvd_mask", "shadow_nonpresent_or_rsvd_lower_gfn_mask",
)  # fmt: skip
WARNS_IS_FALSE = "check_spte_writable_invariants"
BY_SETUP = {
    # How the kernel is set up, and the layouts that are of that kind: of a kernel before 6.10, and of one since.
    ("legacy",): (("legacy_5_13", "npt_5_13"), ("legacy", "npt")),
    ("legacy", "maxphyaddr52"): ((), ("legacy_without_mmio",)),
    ("legacy", "l1tf"): ((), ("legacy_l1tf",)),
    ("legacy", "sme47"): ((), ("npt_sme",)),
    ("legacy", "sme51"): ((), ("npt_sme_51",)),
    ("ept", "ad", "exec_only", "mktme"): ((), ("ept_mktme",)),
    ("ept", "ad"): (("ept_5_13", "ept_wrprot_only_5_13"), ("ept_without_exec_only",)),
    ("ept", "ad", "exec_only"): (("ept_5_13_exec_only",), ("ept", "ept_wrprot_only")),
    ("ept", "ad", "exec_only", "l1tf"): ((), ("ept_l1tf",)),
    ("ept",): (("ept_no_ad_5_13",), ()),
    ("ept", "exec_only"): ((), ("ept_no_ad_until_6_12",)),
}


@dataclass(frozen=True)
class Kernel:
    program: Compiled
    since_6_10: bool

    def pairs(self) -> list[tuple[tuple[str, ...], str]]:
        return [(setup, layout) for setup, both in BY_SETUP.items() for layout in both[self.since_6_10]]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> list[Kernel]:
    folder = tmp_path_factory.mktemp("kernel")
    trees = [Tree(path) for path in named()]
    trees += [] if trees else [unpacked(archive, folder) for archive in archives()]
    if not trees:
        pytest.skip(f"no kernel source: set {VARIABLE}, or install a linux-source package")
    found = []
    for number, tree in enumerate(trees):
        place = folder / str(number)
        place.mkdir()
        program = compiled(tree, place)
        found.append(Kernel(program, "is_frozen_spte" in program.functions))
    return found


@pytest.fixture(scope="module")
def library() -> c.Library:
    loaded = load([LIBRARY], library_root=LIBRARY)
    assert loaded.library is not None
    return loaded.library


def setting_of(library: c.Library, name: str) -> Setting:
    layout = library.layouts[name]
    (values,) = placements(library, None, layout, None)
    return concrete(library, layout, values)


def called(setting: Setting, name: str, *arguments: int) -> int:
    pure = setting.scope.pures[name]
    given = zip(arguments, pure.parameters, strict=True)
    constants = tuple(c.Constant(value=value, sort=each.sort, place=pure.place) for value, each in given)
    return evaluate(c.Call(callee=name, arguments=constants, sort=pure.sort, place=pure.place), setting)


def test_every_constant_is_the_kernels(kernels, library):
    for kernel in kernels:
        for setup, layout in kernel.pairs():
            ours, theirs = setting_of(library, layout).values, kernel.program.constants(setup)
            renamed = {OLD_NAMES.get(name, name): value for name, value in theirs.items()}
            compared = [name for name in (*CONSTANTS, *ONLY_EPT, *MASKS) if name in renamed and name in ours]
            assert len(compared) >= 40
            assert {name: hex(ours[name]) for name in compared} == {name: hex(renamed[name]) for name in compared}, (
                layout
            )
            assert ours["enable_mmio_caching"] == renamed["enable_mmio_caching"]
            assert ours["kvm_ad_enabled"] == renamed["kvm_ad_enabled"]
            assert renamed["set_up_warned"] == 0


def test_another_layout_is_not_the_kernels(kernels, library):
    theirs = kernels[0].program.constants(("legacy",))
    ours = setting_of(library, "ept").values
    assert [name for name in MASKS if ours[name] != theirs[name]]


def entries(setting: Setting, dice: Random) -> list[int]:
    """Entries of which some are of the layout: made of its masks, present as a rule, with some bits at random."""
    masks = [setting.values[name] for name in setting.masks] + [setting.values["role_ad_type"]]
    special = [
        setting.values[name] for name in ("FROZEN_SPTE", "REMOVED_SPTE", "SHADOW_NONPRESENT_VALUE", "shadow_mmio_value")
    ]
    found = [0, *special, *masks]
    while len(found) < ENTRIES:
        entry = dice.getrandbits(64) if dice.random() < 0.3 else 0
        for mask in masks:
            entry = entry | mask if dice.random() < 0.4 else entry & ~mask if dice.random() < 0.4 else entry
        found.append(entry)
    return found


def expected(setting: Setting, entry: int, other: int, choices: int, theirs: dict[str, int]) -> dict[str, int]:
    """What the library's predicates and functions give where the kernel's, asked the same, do not warn."""
    page = other & setting.values["SPTE_BASE_ADDR_MASK"]
    level, exec_, write, user = 1 + choices % 3, choices >> 4 & 1, choices >> 5 & 1, choices >> 6 & 1
    ad_disabled, wrprot, huge, prefetch, host = (choices >> bit & 1 for bit in (1, 2, 0, 7, 8))
    ad_type = "DISABLED" if ad_disabled else "WRPROT_ONLY" if wrprot else "ENABLED"
    offset = (choices >> 3 & 511) << 12 + 9 * huge
    generation = entry & (1 << 19) - 1
    arguments = {
        "is_last_spte": (entry, level),
        "is_access_allowed": (exec_, write, entry),
        "kvm_tdp_mmu_spte_need_atomic_write": (entry, level),
        "generation_mmio_spte_mask": (generation,),
        "make_mmio_spte": (generation, page, choices & 7),
        "make_nonleaf_spte": (page, ad_disabled),
        "kvm_mmu_changed_pte_notifier_make_spte": (entry, page),
        "make_small_spte": (entry, offset, 1 - huge, exec_),
        "make_spte": (
            page, setting.values[f"SPTE_TDP_AD_{ad_type}"], entry, user, write, exec_, huge, prefetch, choices >> 3 & 1, host,
        ),
    }  # fmt: skip
    asked = [name for name in theirs if not name.endswith("!") and (name == WARNS_IS_FALSE or not theirs[f"{name}!"])]
    asked = [name for name in asked if is_asked(setting, name, entry, ad_disabled)]
    return {name: called(setting, name, *arguments.get(name, (entry,))) for name in asked}


OF_THE_ENTRYS_TYPE = {
    "is_accessed_spte", "mark_spte_for_access_track", "make_spte_executable", "make_small_spte",
    "kvm_mmu_changed_pte_notifier_make_spte",
}  # fmt: skip


def is_asked(setting: Setting, name: str, entry: int, ad_disabled: int) -> bool:
    """Nobody asks legacy entries for #VE. What looks at A is compared where the type "no A/D bits" is the layout's own:
    an L2 whose hypervisor wants none, on a CPU that has them, has no layout here."""
    if name == "is_ept_ve_possible":
        return "VMX_EPT_SUPPRESS_VE_BIT" in setting.values
    wanted = not setting.values["kvm_ad_enabled"]
    if name in OF_THE_ENTRYS_TYPE:
        return (entry & setting.values["SPTE_TDP_AD_MASK"] == setting.values["SPTE_TDP_AD_DISABLED"]) == wanted
    return name not in ("make_spte", "make_nonleaf_spte") or bool(ad_disabled) == wanted


def compared(library: c.Library, kernel: Kernel, setup: tuple[str, ...], layout: str) -> list[tuple[str, int, int]]:
    """For each function and entry that both were asked about: what the library gives, and the kernel."""
    setting, dice, found = setting_of(library, layout), Random(layout), []
    questions = [(entry, dice.getrandbits(64), dice.getrandbits(12)) for entry in entries(setting, dice)]
    for question, theirs in zip(questions, kernel.program.answers(setup, questions), strict=True):
        ours = expected(setting, *question, theirs)
        found += [(f"{name}{question} in {layout}", value, theirs[name]) for name, value in ours.items()]
    return found


def test_every_function_gives_what_the_kernels_gives(kernels, library):
    values: dict[str, set[int]] = {}
    for kernel in kernels:
        for setup, layout in kernel.pairs():
            for asked, ours, theirs in compared(library, kernel, setup, layout):
                assert ours == theirs, asked
                values.setdefault(asked.split("(")[0], set()).add(ours)
    assert len(values) >= 26
    assert [name for name, seen in values.items() if len(seen) == 1] == []  # each gave one thing and another


def test_a_wrong_set_up_is_told_by_most_functions(kernels, library):
    for kernel in kernels:
        layout = "ept_without_exec_only" if kernel.since_6_10 else "ept_5_13"
        found = compared(library, kernel, ("legacy",), layout)
        told = {asked.split("(")[0] for asked, ours, theirs in found if ours != theirs}
        assert {"make_spte", "mark_spte_for_access_track", "is_mmio_spte", "spte_has_volatile_bits"} <= told


def test_what_the_kernel_warns_of_is_an_assert_that_fails(kernels, library):
    """`spte_ad_enabled()` asked of what is not present: the warning is there, so is the assert."""
    for kernel in kernels:
        answers = kernel.program.answers(("ept", "ad"), [(0, 0, 0), (1 << 11 | 1, 0, 0)])
        assert [each["spte_ad_enabled!"] for each in answers] == [1, 0]
        assert [each["mark_spte_for_access_track!"] for each in answers] == [1, 0]


def test_a_package_is_unpacked_in_part(tmp_path: Path):
    tree = tmp_path / "linux-source-9.9"
    for name in ("arch/x86/kvm/mmu/spte.h", "arch/x86/include/asm/vmx.h", "fs/inode.c"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("#define A 1\n#include <b>\n/* #define C 1 */\nint f(void)\n{\n\treturn 1;\n}\n")
    archive = tmp_path / "linux-source-9.9.tar.xz"
    with tarfile.open(archive, "w:xz") as package:
        package.add(tree, "linux-source-9.9")
    found = unpacked(archive, tmp_path / "out")
    assert sorted(path.name for path in found.root.rglob("*") if path.is_file()) == ["spte.h", "vmx.h"]
    assert found.directives("arch/x86/kvm/mmu/spte.h") == "#define A 1"
    assert found.function("arch/x86/kvm/mmu/spte.h", "f") == "int f(void)\n{\n\treturn 1;\n}\n"
    assert found.function("arch/x86/kvm/mmu/spte.h", "g") is None
