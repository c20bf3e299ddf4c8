"""A C program out of a kernel's own functions: it sets up the masks as the kernel does, and answers for given entries."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .source import Tree

HERE = Path(__file__).parent
SPTE_H, SPTE_C, MMU_C, ITER = (f"arch/x86/kvm/mmu/{name}" for name in ("spte.h", "spte.c", "mmu.c", "tdp_iter.h"))
FUNCTIONS = {
    "arch/x86/kvm/mmu.h": ("rsvd_bits",),
    SPTE_H: (
        "is_frozen_spte", "is_removed_spte", "is_mmio_spte", "is_shadow_present_pte", "is_ept_ve_possible", "kvm_ad_enabled",
        "spte_ad_enabled", "spte_ad_need_write_protect", "spte_shadow_accessed_mask", "spte_shadow_dirty_mask",
        "is_access_track_spte", "is_large_pte", "is_last_spte", "is_executable_pte", "is_accessed_spte", "is_dirty_spte",
        "is_writable_pte", "check_spte_writable_invariants", "is_mmu_writable_spte", "get_mmio_spte_generation",
        "restore_acc_track_spte",
    ),
    SPTE_C: (
        "generation_mmio_spte_mask", "make_mmio_spte", "mark_spte_for_access_track", "spte_has_volatile_bits", "make_spte", "make_spte_executable",
        "make_huge_page_split_spte", "make_nonleaf_spte", "kvm_mmu_changed_pte_notifier_make_spte",
        "kvm_mmu_set_mmio_spte_mask", "kvm_mmu_set_me_spte_mask", "kvm_mmu_set_ept_masks", "kvm_mmu_reset_all_pte_masks",
    ),
    MMU_C: ("get_mmio_spte_gfn", "is_access_allowed"),
    "arch/x86/kvm/svm/svm.c": ("svm_adjust_mmio_mask",),
    "arch/x86/kvm/vmx/vmx.c": ("vmx_setup_me_spte_mask",),
    ITER: ("kvm_tdp_mmu_spte_need_atomic_write",),
}  # fmt: skip
OPTIONAL = {
    "is_frozen_spte", "is_removed_spte", "is_ept_ve_possible", "kvm_tdp_mmu_spte_need_atomic_write",
    "kvm_mmu_changed_pte_notifier_make_spte",
}  # fmt: skip
CONSTANTS = (
    "PT_PRESENT_MASK", "PT_WRITABLE_MASK", "PT_PAGE_SIZE_MASK", "PT_ACCESSED_MASK", "PT_DIRTY_MASK", "SPTE_MMU_PRESENT_MASK",
    "SPTE_BASE_ADDR_MASK", "SPTE_TDP_AD_MASK", "SPTE_TDP_AD_ENABLED", "SPTE_TDP_AD_DISABLED", "SPTE_TDP_AD_WRPROT_ONLY",
    "SPTE_TDP_AD_ENABLED_MASK", "SPTE_TDP_AD_DISABLED_MASK", "SPTE_TDP_AD_WRPROT_ONLY_MASK", "SHADOW_ACC_TRACK_SAVED_BITS_MASK",
    "SHADOW_ACC_TRACK_SAVED_BITS_SHIFT", "DEFAULT_SPTE_HOST_WRITABLE", "DEFAULT_SPTE_MMU_WRITABLE", "EPT_SPTE_HOST_WRITABLE",
    "EPT_SPTE_MMU_WRITABLE", "SHADOW_NONPRESENT_VALUE", "REMOVED_SPTE", "FROZEN_SPTE", "MMIO_SPTE_GEN_LOW_MASK",
    "MMIO_SPTE_GEN_HIGH_MASK", "MMIO_SPTE_GEN_LOW_BITS", "MMIO_SPTE_GEN_HIGH_BITS", "SPTE_MMIO_ALLOWED_MASK",
    "VMX_EPT_ACCESS_BIT", "VMX_EPT_DIRTY_BIT",
)  # fmt: skip
ONLY_EPT = ("VMX_EPT_MT_MASK", "VMX_EPT_IPAT_BIT", "VMX_EPT_RWX_MASK", "VMX_EPT_WRITABLE_MASK", "VMX_EPT_SUPPRESS_VE_BIT",
            "VMX_EPT_MISCONFIG_WX_VALUE")  # fmt: skip


@dataclass(frozen=True)
class Compiled:
    """The program of one kernel, and which of the functions that kernel has."""

    path: Path
    functions: frozenset[str]

    def constants(self, setup: tuple[str, ...]) -> dict[str, int]:
        lines = subprocess.run(
            [self.path, "constants", *setup], check=True, capture_output=True, text=True
        ).stdout.split()
        return {name: int(value, 16) for name, value in zip(lines[::2], lines[1::2], strict=True)}

    def answers(self, setup: tuple[str, ...], questions: list[tuple[int, ...]]) -> list[dict[str, int]]:
        """For each question (an entry, an argument, twelve bits of choices) each function's value, or a warning."""
        asked = "\n".join(" ".join(f"{number:x}" for number in each) for each in questions)
        run = subprocess.run([self.path, "answers", *setup], input=asked, check=True, capture_output=True, text=True)
        return [dict(_answer(each) for each in line.split()) for line in run.stdout.splitlines()]


def _answer(text: str) -> tuple[str, int]:
    name, value = text.split("=")
    return name, int(value, 16)


def compiled(tree: Tree, folder: Path) -> Compiled:
    """The program, by gcc. Fails where a function of the kernel is not found where it was."""
    texts, found = [(HERE / "stubs.h").read_text(encoding="utf-8")], set()
    texts += [f"static u64 {name};" for name in tree.variables(SPTE_C)]
    texts += [tree.directives("arch/x86/include/asm/vmx.h", "VMX_EPT_"), tree.directives("arch/x86/kvm/mmu.h", "PT")]
    texts.append(tree.directives(SPTE_H))
    for path, names in FUNCTIONS.items():
        for name in names:
            text = tree.function(path, name)
            assert text or name in OPTIONAL, f"{name}() was not found in {path}"
            if text:
                found.add(name)
                texts.append(f"#define HAS_{name}\n{text}")
                if name == "is_mmio_spte" and "struct kvm *kvm" in text:
                    texts.append("#define MMIO_VALUE_OF_A_VM")
    texts += [_print_constants(), (HERE / "answers.h").read_text(encoding="utf-8")]
    source, program = folder / "kernel.c", folder / "kernel"
    source.write_text("\n".join(texts), encoding="utf-8")
    subprocess.run(["gcc", "-std=gnu11", "-O1", "-w", source, "-o", program], check=True)
    return Compiled(program, frozenset(found))


def _print_constants() -> str:
    lines = [f'#ifdef {name}\n\tprintf("{name} %llx\\n", (u64)({name}));\n#endif' for name in (*CONSTANTS, *ONLY_EPT)]
    return "static void print_constants(void)\n{\n" + "\n".join(lines) + "\n}\n"
