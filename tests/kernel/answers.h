/* Sets the masks up by the kernel's own functions, then answers. Usage: kernel constants|answers legacy|ept FLAGS... */

static struct kvm vm;
static struct mmu vcpu_mmu;
static struct kvm_vcpu vcpu = { .kvm = &vm, .arch = { .mmu = &vcpu_mmu } };

static bool given(int argc, char **argv, const char *flag)
{
	for (int i = 2; i < argc; i++)
		if (!strcmp(argv[i], flag))
			return true;
	return false;
}

static void set_up(int argc, char **argv)
{
	has_l1tf = given(argc, argv, "l1tf");
	c_bit = given(argc, argv, "sme47") ? 47 : given(argc, argv, "sme51") ? 51 : 0;
	kvm_host.maxphyaddr = stub_phys_bits = 51;
	if (given(argc, argv, "maxphyaddr52") || c_bit == 51)
		kvm_host.maxphyaddr = stub_phys_bits = 52;
	if (given(argc, argv, "mktme"))
		kvm_host.maxphyaddr = stub_phys_bits = 46;
	boot_cpu_data.x86_phys_bits = has_l1tf ? 39 : given(argc, argv, "mktme") ? 40 : c_bit ? c_bit - 4 : stub_phys_bits;
	boot_cpu_data.x86_cache_bits = has_l1tf ? 44 : stub_phys_bits;
	kvm_mmu_reset_all_pte_masks();
	if (given(argc, argv, "ept"))
		kvm_mmu_set_ept_masks(given(argc, argv, "ad"), given(argc, argv, "exec_only"));
	if (c_bit) {
		sme_me_mask = 1ULL << c_bit;
		physical_mask &= ~sme_me_mask;
		svm_adjust_mmio_mask();
		kvm_mmu_set_me_spte_mask(sme_me_mask, sme_me_mask);
	}
	if (given(argc, argv, "mktme"))
		vmx_setup_me_spte_mask();
	vm.arch.shadow_mmio_value = shadow_mmio_value;
}

#define SHOW_MASK(name) printf(#name " %llx\n", (u64)name)
static void print_masks(void)
{
	SHOW_MASK(shadow_host_writable_mask); SHOW_MASK(shadow_mmu_writable_mask); SHOW_MASK(shadow_nx_mask);
	SHOW_MASK(shadow_x_mask); SHOW_MASK(shadow_user_mask); SHOW_MASK(shadow_accessed_mask); SHOW_MASK(shadow_dirty_mask);
	SHOW_MASK(shadow_mmio_value); SHOW_MASK(shadow_mmio_mask); SHOW_MASK(shadow_mmio_access_mask);
	SHOW_MASK(shadow_present_mask); SHOW_MASK(shadow_memtype_mask); SHOW_MASK(shadow_me_mask); SHOW_MASK(shadow_me_value);
	SHOW_MASK(shadow_acc_track_mask); SHOW_MASK(shadow_nonpresent_or_rsvd_mask);
	SHOW_MASK(shadow_nonpresent_or_rsvd_lower_gfn_mask); SHOW_MASK(enable_mmio_caching);
	printf("kvm_ad_enabled %x\nset_up_warned %x\n", kvm_ad_enabled(), warned);
}

/* "name=value": what the function gives. Where it warns as well, "name!=1" follows. */
#define ANSWER(name, call) do { warned = false; u64 got_ = (call); printf(#name "=%llx " #name "!=%x ", got_, warned); } while (0)

static u64 made_spte(u64 old, u64 page, unsigned int choices)
{
	static struct kvm_mmu_page sp;
	u64 spte = 0;

	sp.role.level = choices & 1 ? 2 : 1;
	sp.role.ad_disabled = choices & 2;
	stub_write_protect = choices & 4;
	stub_unsync_fails = choices & 8;
	stub_nx_huge_page = false;
	make_spte(&vcpu, &sp, NULL, (choices & 16 ? ACC_EXEC_MASK : 0) | (choices & 32 ? ACC_WRITE_MASK : 0) |
		  (choices & 64 ? ACC_USER_MASK : 0), page >> PAGE_SHIFT, page >> PAGE_SHIFT, old, choices & 128, true,
		  choices & 256, &spte);
	return spte;
}

static u64 split(u64 huge, unsigned int choices)
{
	union kvm_mmu_page_role role = { .level = choices & 1 ? 2 : 1, .access = choices & 16 ? ACC_EXEC_MASK : 0 };

	stub_nx_huge_page = true;
	return make_huge_page_split_spte(&vm, huge, role, choices >> 3 & 511);
}

static void answer(u64 spte, u64 other, unsigned int choices)
{
	int level = 1 + choices % 3;
	struct kvm_page_fault fault = { .exec = choices & 16, .write = choices & 32 };

	ANSWER(is_shadow_present_pte, is_shadow_present_pte(spte));
	ANSWER(is_large_pte, is_large_pte(spte));
	ANSWER(is_last_spte, is_last_spte(spte, level));
	ANSWER(is_writable_pte, is_writable_pte(spte));
	ANSWER(is_mmu_writable_spte, is_mmu_writable_spte(spte));
	ANSWER(is_executable_pte, is_executable_pte(spte));
	ANSWER(is_access_allowed, is_access_allowed(&fault, spte));
	ANSWER(spte_ad_enabled, spte_ad_enabled(spte));
	ANSWER(spte_ad_need_write_protect, spte_ad_need_write_protect(spte));
	ANSWER(is_access_track_spte, is_access_track_spte(spte));
	ANSWER(is_accessed_spte, is_accessed_spte(spte));
	ANSWER(is_dirty_spte, is_dirty_spte(spte));
	ANSWER(spte_has_volatile_bits, spte_has_volatile_bits(spte));
	ANSWER(check_spte_writable_invariants, (check_spte_writable_invariants(spte), !warned));
	ANSWER(mark_spte_for_access_track, mark_spte_for_access_track(spte));
	ANSWER(restore_acc_track_spte, restore_acc_track_spte(spte));
	ANSWER(make_spte_executable, make_spte_executable(spte));
	ANSWER(get_mmio_spte_generation, get_mmio_spte_generation(spte));
	ANSWER(get_mmio_spte_gpa, get_mmio_spte_gfn(spte) << PAGE_SHIFT);
	ANSWER(generation_mmio_spte_mask, generation_mmio_spte_mask(spte & MMIO_SPTE_GEN_MASK));
	stub_memslots.generation = spte;
	ANSWER(make_mmio_spte, make_mmio_spte(&vcpu, (other & SPTE_BASE_ADDR_MASK) >> PAGE_SHIFT, choices & 7));
	ANSWER(make_nonleaf_spte, make_nonleaf_spte((u64 *)(unsigned long)(other & SPTE_BASE_ADDR_MASK), choices & 2));
	ANSWER(make_spte, made_spte(spte, other & SPTE_BASE_ADDR_MASK, choices));
	ANSWER(make_small_spte, split(spte, choices));
#ifdef MMIO_VALUE_OF_A_VM
	ANSWER(is_mmio_spte, is_mmio_spte(&vm, spte));
#else
	ANSWER(is_mmio_spte, is_mmio_spte(spte));
#endif
#ifdef HAS_is_frozen_spte
	ANSWER(is_frozen_spte, is_frozen_spte(spte));
#else
	ANSWER(is_frozen_spte, is_removed_spte(spte));
#endif
#ifdef HAS_is_ept_ve_possible
	ANSWER(is_ept_ve_possible, is_ept_ve_possible(spte));
#endif
#ifdef HAS_kvm_tdp_mmu_spte_need_atomic_write
	ANSWER(kvm_tdp_mmu_spte_need_atomic_write, kvm_tdp_mmu_spte_need_atomic_write(spte, level));
#endif
#ifdef HAS_kvm_mmu_changed_pte_notifier_make_spte
	ANSWER(kvm_mmu_changed_pte_notifier_make_spte, kvm_mmu_changed_pte_notifier_make_spte(spte, (other & SPTE_BASE_ADDR_MASK) >> PAGE_SHIFT));
#endif
	printf("\n");
}

int main(int argc, char **argv)
{
	u64 spte, other;
	unsigned int choices;

	set_up(argc, argv);
	if (!strcmp(argv[1], "constants")) {
		print_constants();
		print_masks();
		return 0;
	}
	while (scanf("%llx %llx %x", &spte, &other, &choices) == 3)
		answer(spte, other, choices);
	return 0;
}
