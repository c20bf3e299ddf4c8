/* What the extracted functions need around them. Written for these tests: nothing here is the kernel's. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long u64;
typedef unsigned char u8;
typedef u64 gfn_t;
typedef u64 kvm_pfn_t;
typedef u64 hpa_t;

#define CONFIG_X86_64 1
#define CONFIG_DYNAMIC_PHYSICAL_MASK 1
#define BIT_ULL(n) (1ULL << (n))
#define GENMASK_ULL(high, low) ((~0ULL >> (63 - (high))) & (~0ULL << (low)))
#define static_assert(condition) _Static_assert(condition, #condition)
#define PAGE_SHIFT 12
#define PAGE_SIZE (1ULL << PAGE_SHIFT)
#define PG_LEVEL_4K 1
#define KVM_PAGES_PER_HPAGE(level) (1ULL << (9 * ((level) - 1)))
#define __read_mostly
#define __init
#define __always_inline inline
#define likely(x) (x)
#define unlikely(x) (x)
#define BUILD_BUG_ON(x)
#define KBUILD_MODNAME "kvm"
#define pgprintk(...)
#define __pa(x) ((u64)(unsigned long)(x))

static bool warned;
#define WARN_ON(x) ({ bool now_ = !!(x); warned |= now_; now_; })
#define WARN_ON_ONCE WARN_ON
#define WARN_ONCE(x, ...) WARN_ON(x)
#define MMU_WARN_ON WARN_ON
#define KVM_MMU_WARN_ON WARN_ON
#define KVM_BUG_ON(x, kvm) WARN_ON(x)
#define BUG_ON(x) do { if (x) abort(); } while (0)

struct kvm { struct { u64 shadow_mmio_value; } arch; };
struct zero_check { int none; };
struct mmu { struct zero_check shadow_zero_check; };
struct kvm_vcpu { struct kvm *kvm; struct { struct mmu *mmu; } arch; };
struct kvm_memory_slot { int none; };
struct kvm_page_fault { bool exec, write; };
union kvm_mmu_page_role { struct { int level, access; bool ad_disabled; }; };
struct kvm_mmu_page { union kvm_mmu_page_role role; };

static u64 physical_mask = (1ULL << 52) - 1;
static u64 sme_me_mask;
static int c_bit;
#define cpuid_eax(leaf) 0x8000001fU
#define cpuid_ebx(leaf) c_bit
#define MSR_AMD64_SYSCFG 0
#define MSR_AMD64_SYSCFG_MEM_ENCRYPT 1
#define rdmsrl(msr, value) ((value) = c_bit ? MSR_AMD64_SYSCFG_MEM_ENCRYPT : 0)

static struct { int maxphyaddr; } kvm_host;
static int shadow_phys_bits, stub_phys_bits;
#define kvm_get_shadow_phys_bits() stub_phys_bits
static struct { int x86_phys_bits, x86_cache_bits; } boot_cpu_data;
#define X86_BUG_L1TF 0
static bool has_l1tf;
#define boot_cpu_has_bug(bug) has_l1tf
static bool enable_mmio_caching = true, allow_mmio_caching = true;

static u64 stub_memtype;
static bool stub_unsync_fails, stub_nx_huge_page, stub_write_protect;
#define kvm_x86_call(name) stub_##name
#define static_call(name) stub_##name
#define stub_get_mt_mask(...) stub_memtype
#define stub_kvm_x86_get_mt_mask(...) stub_memtype
#define kvm_is_mmio_pfn(pfn) false
#define mmu_try_to_unsync_pages(...) stub_unsync_fails
#define is_nx_huge_page_enabled(kvm) stub_nx_huge_page
#define kvm_mmu_page_ad_need_write_protect(sp) stub_write_protect
#define is_rsvd_spte(...) false
#define get_rsvd_bits(...) 0ULL
#define kvm_slot_dirty_track_enabled(slot) false
#define mark_page_dirty_in_slot(...)

static struct { u64 generation; } stub_memslots;
#define kvm_vcpu_memslots(vcpu) (&stub_memslots)
