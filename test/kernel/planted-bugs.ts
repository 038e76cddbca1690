// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Bugs for Debian's linux-source-6.1 (the small gcc build with jump labels), one per row. They are of kinds that
// developers have made or that compilers cause. The expected findings come from objdump, nm and addr2line (see
// planted-truth.ts), not from hypcheck. Functions added by the rows have external linkage, because the compiler
// would remove unused static ones.

import { alias, type Edit, nvhe, one, type PlantedBug } from './planted-bug.js';

const makefile = `${nvhe}/Makefile`;

/** A compiler option for one object of the nVHE link; it comes after those that the Makefile gives to all. */
const compileWith = (object: string, option: string): Edit => ({
  file: makefile,
  append: `CFLAGS_${object}.nvhe.o += ${option}\n`,
});

/** Adds a comment after existing code. */
const mark = (file: string, anchor: string, marker: string): Edit => ({
  file,
  replace: anchor,
  text: `$& /* ${marker} */`,
});

/** The objects for a bug that kvm_nvhe.o shows by itself, too. */
const everywhere = ['vmlinux.o', `${nvhe}/kvm_nvhe.o`] as const;

export const plantedBugs: readonly PlantedBug[] = [
  {
    id: 'writable-variable',
    what: 'an initialised writable variable in nVHE code lands in the .data of the host',
    edits: [
      {
        file: `${nvhe}/psci-relay.c`,
        append: `unsigned long planted_count = 1; /* planted: writable-variable */

unsigned long planted_next(void)
{
	return ++planted_count;
}
`,
      },
    ],
    objects: everywhere,
    expected: [
      one('writable-variable', {
        warning: 'hyp-section',
        file: `${nvhe}/psci-relay.c`,
        target: 'planted_count',
        section: '.data',
        from: null,
      }),
    ],
  },
  {
    id: 'store-host-bss',
    what: 'a store to .bss of the host, which EL2 maps read-only, through an alias that is there for readers',
    edits: [
      {
        file: `${nvhe}/tlb.c`,
        append: `void planted_store(void)
{
	kvm_arm_vmid_bits = 16; /* planted: store-host-bss */
}
`,
      },
    ],
    expected: [
      one('store-host-bss', {
        warning: 'hyp-write',
        file: `${nvhe}/tlb.c`,
        target: 'kvm_arm_vmid_bits',
        section: '.bss',
        from: 'planted_store',
      }),
    ],
  },
  {
    id: 'aliased-host-function',
    what: 'a call to a host function for which somebody added an alias to make the link succeed',
    edits: [
      alias('kvm_arm_halt_guest'),
      {
        file: `${nvhe}/debug-sr.c`,
        append: `void planted_halt(struct kvm *kvm)
{
	kvm_arm_halt_guest(kvm); /* planted: aliased-host-function */
}
`,
      },
    ],
    expected: [
      one('aliased-host-function', {
        warning: 'hyp-call',
        file: `${nvhe}/debug-sr.c`,
        target: 'kvm_arm_halt_guest',
        section: '.text',
        from: 'planted_halt',
      }),
    ],
  },
  {
    id: 'kcov',
    what: 'KCOV is enabled for an object: every basic block calls it',
    edits: [
      compileWith('timer-sr', '-fsanitize-coverage=trace-pc'),
      mark(`${nvhe}/timer-sr.c`, '\\bwrite_sysreg\\(cntvoff, .*;', 'planted: kcov 1'),
      mark(`${nvhe}/timer-sr.c`, '^void __timer_disable_traps[^}]*?read_sysreg\\(.*;', 'planted: kcov 2'),
      mark(`${nvhe}/timer-sr.c`, '^void __timer_enable_traps[^}]*?read_sysreg\\(.*;', 'planted: kcov 3'),
    ],
    expected: ['__kvm_timer_set_cntvoff', '__timer_disable_traps', '__timer_enable_traps'].map(
      (from, index) => ({
        warning: 'hyp-instrumentation',
        file: `${nvhe}/timer-sr.c`,
        marker: `planted: kcov ${index + 1} `,
        target: '__sanitizer_cov_trace_pc',
        section: null,
        from,
        inlined: false,
      }),
    ),
  },
  {
    id: 'ubsan',
    what: 'UBSAN is enabled: a checked shift calls its handler with a descriptor in .data of the host',
    edits: [
      compileWith('stacktrace', '-fsanitize=shift'),
      {
        file: `${nvhe}/stacktrace.c`,
        append: `u64 planted_shift(u64 value, int by)
{
	return value << by; /* planted: ubsan */
}
`,
      },
    ],
    // The descriptor is only an argument of the handler: one cause, one finding.
    expected: [
      {
        warning: 'hyp-instrumentation',
        file: `${nvhe}/stacktrace.c`,
        marker: 'planted: ubsan ',
        target: '__ubsan_handle_shift_out_of_bounds',
        section: null,
        from: 'planted_shift',
        inlined: false,
      },
    ],
  },
  {
    id: 'private-memset',
    what: "nVHE's own memset is removed: calls in the source and from the compiler have no target",
    edits: [
      { file: makefile, replace: ' memset\\.o', text: '' },
      mark(`${nvhe}/early_alloc.c`, 'memset\\(ret, 0, size\\);', 'planted: private-memset 1'),
      mark(`${nvhe}/page_alloc.c`, 'memset\\(hyp_page_to_virt\\(p\\), .*;', 'planted: private-memset 2'),
      mark(`${nvhe}/setup.c`, '\\bpkvm_pgtable_mm_ops = .*\\{', 'planted: private-memset 3'),
      mark(`${nvhe}/mem_protect.c`, '\\bhost_kvm\\.mm_ops = .*\\{', 'planted: private-memset 4'),
      mark(
        'arch/arm64/kvm/hyp/pgtable.c',
        '\\bkvm_pgtable_stage2_map\\([^}]*? map_data = \\{',
        'planted: private-memset 5',
      ),
      mark(
        'arch/arm64/kvm/hyp/pgtable.c',
        '\\bkvm_pgtable_stage2_set_owner\\([^}]*? map_data = \\{',
        'planted: private-memset 6',
      ),
    ],
    expected: (
      [
        // The first two calls are in the source, the others come from the compiler.
        ['hyp-call', `${nvhe}/early_alloc.c`, 'hyp_early_alloc_contig', false],
        ['hyp-call', `${nvhe}/page_alloc.c`, '__hyp_put_page', true],
        ['hyp-instrumentation', `${nvhe}/setup.c`, '__pkvm_init_finalise', false],
        ['hyp-instrumentation', `${nvhe}/mem_protect.c`, 'kvm_host_prepare_stage2', true],
        ['hyp-instrumentation', 'arch/arm64/kvm/hyp/pgtable.c', 'kvm_pgtable_stage2_map', false],
        ['hyp-instrumentation', 'arch/arm64/kvm/hyp/pgtable.c', 'kvm_pgtable_stage2_set_owner', false],
      ] as const
    ).map(([warning, file, from, inlined], index) => ({
      warning,
      file,
      marker: `planted: private-memset ${index + 1} `,
      target: 'memset',
      section: null,
      from,
      inlined,
    })),
  },
  {
    id: 'host-calls-hyp',
    what: 'host code branches directly into a function that can only run at EL2',
    edits: [
      {
        file: 'arch/arm64/kvm/vmid.c',
        append: `void __kvm_nvhe___timer_disable_traps(struct kvm_vcpu *vcpu);

void planted_host_call(struct kvm_vcpu *vcpu)
{
	__kvm_nvhe___timer_disable_traps(vcpu); /* planted: host-calls-hyp */
}
`,
      },
    ],
    expected: [
      one('host-calls-hyp', {
        warning: 'hyp-from-host',
        file: 'arch/arm64/kvm/vmid.c',
        target: '__timer_disable_traps',
        section: '.hyp.text',
        from: 'planted_host_call',
      }),
    ],
  },
  {
    id: 'init-function',
    what: 'a call to an __init function of the host; its alias is there for patching at boot only',
    edits: [
      {
        file: `${nvhe}/hyp-main.c`,
        append: `void planted_patch(void)
{
	kvm_update_va_mask(NULL, NULL, NULL, 0); /* planted: init-function */
}
`,
      },
    ],
    expected: [
      one('init-function', {
        warning: 'hyp-call',
        file: `${nvhe}/hyp-main.c`,
        target: 'kvm_update_va_mask',
        section: '.init.text',
        from: 'planted_patch',
      }),
    ],
  },
  {
    id: 'init-data',
    what: 'a read of __initdata of the host through an alias',
    edits: [
      alias('boot_command_line'),
      {
        file: `${nvhe}/mm.c`,
        append: `extern char boot_command_line[];

void planted_first(char *first)
{
	*first = boot_command_line[0]; /* planted: init-data */
}
`,
      },
    ],
    expected: [
      one('init-data', {
        warning: 'hyp-data',
        file: `${nvhe}/mm.c`,
        target: 'boot_command_line',
        section: '.init.data',
        from: 'planted_first',
      }),
    ],
  },
  {
    id: 'host-address-in-table',
    what: 'a table of nVHE function pointers holds the address of a host function',
    edits: [
      {
        file: `${nvhe}/sys_regs.c`,
        append: `void nvhe_hyp_panic_handler(void);
void (*const planted_table[])(void) = { nvhe_hyp_panic_handler }; /* planted: host-address-in-table */
`,
      },
    ],
    expected: [
      one('host-address-in-table', {
        warning: 'hyp-absolute',
        file: `${nvhe}/sys_regs.c`,
        target: 'nvhe_hyp_panic_handler',
        section: '.text.unlikely',
        from: 'planted_table',
      }),
    ],
  },
  {
    id: 'host-address-literal',
    what: 'assembly loads the address of a host function from a literal pool, which is made a hyp address at boot',
    edits: [
      {
        file: 'arch/arm64/kvm/hyp/fpsimd.S',
        append: `#ifdef __KVM_NVHE_HYPERVISOR__
SYM_FUNC_START(planted_literal)
	ldr	x0, =nvhe_hyp_panic_handler /* planted: host-address-literal */
	ret
SYM_FUNC_END(planted_literal)
	.ltorg
#endif
`,
      },
    ],
    expected: [
      one('host-address-literal', {
        warning: 'hyp-absolute',
        file: 'arch/arm64/kvm/hyp/fpsimd.S',
        target: 'nvhe_hyp_panic_handler',
        section: '.text.unlikely',
        from: 'planted_literal',
      }),
    ],
  },
  {
    id: 'debug-inline',
    what: 'a debug variant of a helper, inlined through two levels, calls a host function',
    edits: [
      {
        file: 'arch/arm64/kvm/hyp/include/hyp/adjust_pc.h',
        replace: '^static inline void kvm_skip_host_instr\\(void\\)\\n\\{',
        text: `unsigned int debug_smp_processor_id(void);

static inline void planted_check(void)
{
	debug_smp_processor_id(); /* planted: debug-inline */
}

$&
	planted_check();`,
      },
    ],
    expected: [
      {
        ...one('debug-inline', {
          // Not compiler instrumentation, but a call that depends on the configuration.
          warning: 'hyp-instrumentation',
          file: 'arch/arm64/kvm/hyp/include/hyp/adjust_pc.h',
          target: 'debug_smp_processor_id',
          section: null,
          from: 'handle_trap',
        }),
        inlined: true,
      },
    ],
  },
  {
    id: 'read-host-data',
    what: 'a read of .data of the host through an alias',
    edits: [
      alias('loops_per_jiffy'),
      {
        file: `${nvhe}/page_alloc.c`,
        append: `extern unsigned long loops_per_jiffy;

void planted_loops(unsigned long *loops)
{
	*loops = loops_per_jiffy; /* planted: read-host-data */
}
`,
      },
    ],
    expected: [
      one('read-host-data', {
        warning: 'hyp-data',
        file: `${nvhe}/page_alloc.c`,
        target: 'loops_per_jiffy',
        section: '.data',
        from: 'planted_loops',
      }),
    ],
  },
  {
    id: 'percpu-template',
    what: 'a per-CPU variable is read at its link address, where the template of all copies lies',
    edits: [
      {
        file: `${nvhe}/hyp-main.c`,
        append: `void planted_template(unsigned long *hcr)
{
	*hcr = kvm_init_params.hcr_el2; /* planted: percpu-template */
}
`,
      },
    ],
    objects: everywhere,
    expected: [
      one('percpu-template', {
        warning: 'hyp-data',
        file: `${nvhe}/hyp-main.c`,
        target: 'kvm_init_params',
        section: '.hyp.data..percpu',
        from: 'planted_template',
      }),
    ],
  },
  {
    id: 'store-hyp-rodata',
    what: 'a store to a __ro_after_init variable of nVHE code, which EL2 maps read-only',
    edits: [
      {
        file: `${nvhe}/hyp-smp.c`,
        append: `void planted_forget(void)
{
	hyp_cpu_logical_map[1] = 0; /* planted: store-hyp-rodata */
}
`,
      },
    ],
    objects: everywhere,
    expected: [
      one('store-hyp-rodata', {
        warning: 'hyp-write',
        file: `${nvhe}/hyp-smp.c`,
        target: 'hyp_cpu_logical_map',
        section: '.hyp.data..ro_after_init',
        from: 'planted_forget',
      }),
    ],
  },
  {
    id: 'plain-call',
    what: 'an ordinary call to a host function; the final link refuses it, without the line',
    edits: [
      {
        file: `${nvhe}/switch.c`,
        append: `void planted_print(void)
{
	_printk("planted\\n"); /* planted: plain-call */
}
`,
      },
    ],
    expected: [
      one('plain-call', {
        warning: 'hyp-call',
        file: `${nvhe}/switch.c`,
        target: '_printk',
        section: null,
        from: 'planted_print',
      }),
    ],
  },
  {
    id: 'stack-protector',
    what: 'the stack protector is enabled: its guard is a host variable, its failure handler a host function',
    edits: [
      compileWith('sysreg-sr', '-fstack-protector'),
      {
        file: `${nvhe}/sysreg-sr.c`,
        append: `void planted_protect(void)
{ /* planted: stack-protector 1 */
	char buffer[64];
	asm volatile("" : : "r" (buffer) : "memory");
} /* planted: stack-protector 2 */
`,
      },
    ],
    expected: (
      [
        [1, '__stack_chk_guard'],
        [2, '__stack_chk_guard'],
        [2, '__stack_chk_fail'],
      ] as const
    ).map(([line, target]) => ({
      warning: 'hyp-instrumentation',
      file: `${nvhe}/sysreg-sr.c`,
      marker: `planted: stack-protector ${line} `,
      target,
      section: null,
      from: 'planted_protect',
      inlined: false,
    })),
  },
  {
    id: 'noinstr-section',
    what: 'a function of nVHE code that is put into .noinstr.text, which the nVHE link leaves to the host',
    edits: [
      {
        file: `${nvhe}/early_alloc.c`,
        append: `noinstr void planted_noinstr(void) /* planted: noinstr-section */
{
}
`,
      },
    ],
    objects: everywhere,
    expected: [
      one('noinstr-section', {
        warning: 'hyp-section',
        file: `${nvhe}/early_alloc.c`,
        target: 'planted_noinstr',
        section: '.noinstr.text',
        from: null,
      }),
    ],
  },
  {
    id: 'init-section',
    what: 'an __init function and an __initdata variable of nVHE code: the host frees both after boot',
    edits: [
      {
        file: `${nvhe}/setup.c`,
        append: `#include <linux/init.h>

static unsigned long planted_once __initdata = 1; /* planted: init-section 1 */

unsigned long __init planted_init(void) /* planted: init-section 2 */
{
	return ++planted_once;
}
`,
      },
    ],
    objects: everywhere,
    expected: (
      [
        ['planted_once', '.init.data'],
        ['planted_init', '.init.text'],
      ] as const
    ).map(([target, section], index) => ({
      warning: 'hyp-section',
      file: `${nvhe}/setup.c`,
      marker: `planted: init-section ${index + 1} `,
      target,
      section,
      from: null,
      inlined: false,
    })),
  },
  {
    id: 'outline-atomics',
    what: 'an atomic builtin, which gcc compiles to a call of libgcc',
    edits: [
      {
        file: `${nvhe}/mem_protect.c`,
        append: `unsigned long planted_add(unsigned long *value)
{
	return __atomic_fetch_add(value, 1, __ATOMIC_ACQ_REL); /* planted: outline-atomics */
}
`,
      },
    ],
    expected: [
      one('outline-atomics', {
        warning: 'hyp-instrumentation',
        file: `${nvhe}/mem_protect.c`,
        target: '__aarch64_ldadd8_acq_rel',
        section: null,
        from: 'planted_add',
      }),
    ],
  },
  {
    id: 'mcount',
    what: 'function tracing is enabled: every function calls _mcount',
    edits: [
      compileWith('hyp-smp', '-pg'),
      mark(`${nvhe}/hyp-smp.c`, '^u64 cpu_logical_map.*\\n\\{', 'planted: mcount 1'),
      mark(`${nvhe}/hyp-smp.c`, '^unsigned long __hyp_per_cpu_offset.*\\n\\{', 'planted: mcount 2'),
    ],
    expected: ['cpu_logical_map', '__hyp_per_cpu_offset'].map((from, index) => ({
      warning: 'hyp-instrumentation',
      file: `${nvhe}/hyp-smp.c`,
      marker: `planted: mcount ${index + 1} `,
      target: '_mcount',
      section: null,
      from,
      inlined: false,
    })),
  },
  {
    id: 'kasan',
    what: 'KASAN is enabled: every access calls a check first',
    edits: [
      compileWith('timer-sr', '-fsanitize=kernel-address --param asan-instrumentation-with-call-threshold=0'),
      {
        file: `${nvhe}/timer-sr.c`,
        append: `void planted_copy(u64 *to, const u64 *from)
{
	*to = *from; /* planted: kasan */
}
`,
      },
    ],
    expected: ['__asan_load8_noabort', '__asan_store8_noabort'].map((target) =>
      one('kasan', {
        warning: 'hyp-instrumentation',
        file: `${nvhe}/timer-sr.c`,
        target: target,
        section: null,
        from: 'planted_copy',
      }),
    ),
  },
  {
    id: 'conditional-branch',
    what: 'assembly branches to host code by an instruction that reaches 1 MB only',
    edits: [
      alias('kvm_arm_halt_guest'),
      {
        file: 'arch/arm64/kvm/hyp/fpsimd.S',
        append: `#ifdef __KVM_NVHE_HYPERVISOR__
SYM_FUNC_START(planted_branch)
	cbnz	x0, kvm_arm_halt_guest /* planted: conditional-branch */
	ret
SYM_FUNC_END(planted_branch)
#endif
`,
      },
    ],
    expected: [
      one('conditional-branch', {
        warning: 'hyp-call',
        file: 'arch/arm64/kvm/hyp/fpsimd.S',
        target: 'kvm_arm_halt_guest',
        section: '.text',
        from: 'planted_branch',
      }),
    ],
  },
  {
    id: 'call-idmap',
    what: 'nVHE text calls code of the identity map, which only its physical address reaches',
    edits: [
      {
        file: `${nvhe}/cache.S`,
        append: `SYM_FUNC_START(planted_stub)
	b	__kvm_handle_stub_hvc /* planted: call-idmap */
SYM_FUNC_END(planted_stub)
`,
      },
    ],
    objects: everywhere,
    expected: [
      one('call-idmap', {
        warning: 'hyp-call',
        file: `${nvhe}/cache.S`,
        target: '__kvm_handle_stub_hvc',
        section: '.hyp.idmap.text',
        from: 'planted_stub',
      }),
    ],
  },
];
