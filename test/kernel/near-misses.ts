// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Edits that look like the planted bugs but are correct: nothing may be reported for the resulting objects.

import type { PlantedBug } from './planted-bug.js';

const nvhe = 'arch/arm64/kvm/hyp/nvhe';

export const nearMisses: readonly PlantedBug[] = [
  {
    id: 'ok-cold',
    what: 'a function marked __cold: the compiler gives it .text.unlikely, which hyp.lds takes along',
    edits: [
      {
        file: `${nvhe}/early_alloc.c`,
        append: `void __cold planted_rare(unsigned long *count)
{
	++*count;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-hyp-bss',
    what: 'a zero variable of nVHE code, in .hyp.bss, read and written (compare writable-variable)',
    edits: [
      {
        file: `${nvhe}/psci-relay.c`,
        append: `unsigned long planted_count;

unsigned long planted_next(void)
{
	return ++planted_count;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-hyp-table',
    what: 'a table of nVHE functions and strings of nVHE code, read by nVHE code (compare host-address-in-table)',
    edits: [
      {
        file: `${nvhe}/sys_regs.c`,
        append: `const char *planted_name(unsigned int i);
static const struct { const char *name; const char *(*next)(unsigned int i); } planted_table[] = {
	{ "one", planted_name },
	{ "two", planted_name },
};

const char *planted_name(unsigned int i)
{
	return i ? planted_table[i & 1].next(0) : planted_table[0].name;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-static-key',
    what: 'a static key of the host, tested as a branch and read as data through its alias (compare store-host-bss)',
    edits: [
      {
        file: `${nvhe}/tlb.c`,
        append: `#include <kvm/arm_vgic.h>

int planted_trapped(void)
{
	if (static_branch_unlikely(&vgic_v3_cpuif_trap))
		return 1;
	return vgic_v3_cpuif_trap.key.enabled.counter;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-bounds',
    what: 'addresses of linker symbols that the host aliases, as bounds of a range (compare read-host-data)',
    edits: [
      {
        file: `${nvhe}/page_alloc.c`,
        append: `#include <asm/sections.h>

bool planted_is_ours(unsigned long address)
{
	return address >= (unsigned long)__hyp_text_start && address < (unsigned long)__hyp_text_end;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-text-section',
    what: 'a function in a section of its own that the nVHE link folds into .hyp.text (compare noinstr-section)',
    edits: [
      {
        file: `${nvhe}/early_alloc.c`,
        append: `__attribute__((section(".text.planted"))) unsigned long planted_folded(void)
{
	return base;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-host-access',
    what: 'host code reads and writes data of nVHE code and takes the address of its functions (compare host-calls-hyp)',
    edits: [
      {
        file: 'arch/arm64/kvm/vmid.c',
        append: `extern unsigned long __kvm_nvhe_hyp_nr_cpus;
void __kvm_nvhe___timer_disable_traps(struct kvm_vcpu *vcpu);

void *planted_host_access(void)
{
	__kvm_nvhe_hyp_nr_cpus++;
	return __kvm_nvhe___timer_disable_traps;
}
`,
      },
    ],
    expected: [],
  },
  {
    id: 'ok-percpu',
    what: 'a per-CPU variable of nVHE code, used through its offset (compare percpu-template)',
    edits: [
      {
        file: `${nvhe}/hyp-main.c`,
        append: `unsigned long planted_params(void)
{
	return this_cpu_ptr(&kvm_init_params)->hcr_el2;
}
`,
      },
    ],
    expected: [],
  },
];
