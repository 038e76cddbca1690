// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// References that compilers make: which instrumentation or library call a
// symbol belongs to, what brings it in, and how it is kept out. Data, because
// which of it is legal changes with kernels and configurations.

export interface InstrumentationRow {
  /** Of the name as the programmer would write it, prefix taken off. */
  readonly pattern: RegExp;
  /** Sections that hold nothing but its data, mostly without symbols. */
  readonly sections?: RegExp;
  readonly what: string;
  /** What switches it on; null where nothing does. */
  readonly option: string | null;
  /** One sentence that begins with what to do, without full stop. */
  readonly remedy: string;
  /** The symbol is part of an instrumentation's run time, so it can never be hyp code. */
  readonly neverHyp: boolean;
  readonly kernels: string;
  /** What its functions are handed that is formed for them alone; nothing where there are none. */
  readonly takes?: readonly Taken[];
}

/**
 * Arguments that are the instrumentation's own: descriptors, and addresses that the source goes on to access by itself.
 * What the function accesses in place of the source (__asan_memcpy, __tsan_atomic32_load) is not among them.
 */
export interface Taken {
  readonly by: RegExp;
  /** 0 for x0. */
  readonly registers: readonly number[];
}

const makefile = 'arch/arm64/kvm/hyp/Makefile (up to v5.8) or arch/arm64/kvm/hyp/nvhe/Makefile';

export const instrumentationRows: readonly InstrumentationRow[] = [
  {
    pattern: /^__(hw)?asan_/,
    what: 'KASAN',
    option: 'CONFIG_KASAN',
    remedy: `set KASAN_SANITIZE := n in ${makefile}`,
    neverHyp: true,
    kernels: '4.16 and later',
    takes: [{ by: /^__(hw)?asan_(report_)?(exp_)?(load|store)\w*$/, registers: [0] }],
  },
  {
    pattern: /^__sanitizer_cov_/,
    sections: /^__sancov_(cntrs|bools|guards|pcs)$/,
    what: 'KCOV',
    option: 'CONFIG_KCOV',
    remedy: `set KCOV_INSTRUMENT := n in ${makefile}`,
    neverHyp: true,
    kernels: '4.16 and later',
    takes: [
      { by: /^__sanitizer_cov_trace_pc_guard$/, registers: [0] },
      { by: /^__sanitizer_cov_trace_switch$/, registers: [1] },
    ],
  },
  {
    pattern: /^__ubsan_/,
    what: 'UBSAN',
    option: 'CONFIG_UBSAN',
    remedy: `set UBSAN_SANITIZE := n in ${makefile}, or use UBSAN's traps where the kernel has them for EL2`,
    neverHyp: true,
    kernels: '4.16 and later',
    takes: [
      { by: /^__ubsan_handle_nonnull_return/, registers: [0, 1] },
      { by: /^__ubsan_handle_(?!\w+_minimal)/, registers: [0] },
    ],
  },
  {
    pattern: /^__[tk]san_/,
    what: 'KCSAN',
    option: 'CONFIG_KCSAN',
    remedy: `set KCSAN_SANITIZE := n in ${makefile}`,
    neverHyp: true,
    kernels: '5.17 and later',
    takes: [{ by: /^__[tk]san_(unaligned_)?(volatile_)?(read|write)(_write)?(\d+|_range)/, registers: [0] }],
  },
  {
    pattern: /^__msan_/,
    what: 'KMSAN',
    option: 'CONFIG_KMSAN',
    remedy: `set KMSAN_SANITIZE := n in ${makefile}`,
    neverHyp: true,
    kernels: '6.1 and later',
    takes: [
      {
        by: /^__msan_(metadata_ptr_for_(load|store)\w+|instrument_asm_store|unpoison_alloca)$/,
        registers: [0],
      },
      { by: /^__msan_poison_alloca$/, registers: [0, 2] },
    ],
  },
  {
    pattern: /^(__gcov|gcov_|__llvm_gcov_|llvm_gcda_|llvm_gcov_)/,
    what: 'GCOV',
    option: 'CONFIG_GCOV_KERNEL',
    remedy: `set GCOV_PROFILE := n in ${makefile}`,
    neverHyp: true,
    kernels: '4.16 and later',
    takes: [{ by: /^__gcov_\w+_profiler/, registers: [0] }],
  },
  {
    pattern: /^(__prof[cdnv][ndr]?_|__llvm_prof)/,
    sections: /^__llvm_prf_(bits|cnts|data|names|vals|vnds)$/,
    what: 'profile counters',
    option: '-fprofile-generate',
    remedy: 'keep the profiling options away from hyp objects',
    neverHyp: true,
    kernels: '6.12 and later',
    takes: [{ by: /^__llvm_profile_instrument_/, registers: [1] }],
  },
  {
    pattern: /^(_mcount|__fentry__|mcount|ftrace_caller|__cyg_profile_func_(enter|exit))$/,
    what: 'function tracing',
    option: 'CONFIG_FUNCTION_TRACER',
    remedy: 'mark the function notrace (__hyp_text does), or filter CC_FLAGS_FTRACE out for hyp objects',
    neverHyp: true,
    kernels: '4.16 to 5.5; patchable entries need no call later',
    takes: [{ by: /^__cyg_profile_func_/, registers: [0] }],
  },
  {
    pattern: /^__stack_chk_(fail|guard)$/,
    what: 'the stack protector',
    option: 'CONFIG_STACKPROTECTOR',
    remedy: `add -fno-stack-protector in ${makefile}`,
    neverHyp: true,
    kernels: '4.16 and later',
  },
  {
    pattern: /^stackleak_(track_stack|erase)$/,
    what: 'STACKLEAK',
    option: 'CONFIG_GCC_PLUGIN_STACKLEAK',
    remedy: `add $(DISABLE_STACKLEAK_PLUGIN) in ${makefile}`,
    neverHyp: true,
    kernels: '5.2 and later',
  },
  {
    pattern: /^(ftrace_likely_update|__branch_check__|ftrace_branch)/,
    sections: /^_ftrace_(annotated_)?branch$/,
    what: 'branch profiling',
    option: 'CONFIG_PROFILE_ANNOTATED_BRANCHES',
    remedy: `add -DDISABLE_BRANCH_PROFILING in ${makefile}`,
    neverHyp: true,
    kernels: '4.16 and later',
    takes: [{ by: /^(ftrace_likely_update|__branch_check__)$/, registers: [0] }],
  },
  {
    pattern: /^(__cfi_check|__cfi_slowpath|cfi_)/,
    what: 'control-flow integrity',
    option: 'CONFIG_CFI_CLANG',
    remedy: `filter $(CC_FLAGS_CFI) out in ${makefile}`,
    neverHyp: true,
    kernels: '5.13 to 6.0',
    takes: [{ by: /^(__cfi_slowpath_diag|__cfi_check)$/, registers: [2] }],
  },
  {
    pattern: /^__aarch64_(cas|swp|ldadd|ldclr|ldeor|ldset)\d+_(relax|acq|rel|acq_rel|sync)$/,
    what: 'outline atomics',
    option: '-moutline-atomics',
    remedy: 'add -mno-outline-atomics for hyp objects',
    neverHyp: false,
    kernels: 'any, with gcc 10 and later',
  },
  {
    pattern: /^mem(cpy|set|move|cmp)$/,
    what: 'a copy, a clearing or a comparison of an object',
    option: null,
    remedy: 'give hyp code a copy of its own, or write the code so that no library call is made of it',
    neverHyp: false,
    kernels: 'any; the nVHE link has private copies',
  },
  {
    pattern: /^__(ashl|ashr|lshr)ti3$/,
    what: 'a 128-bit shift',
    option: null,
    remedy: 'write the shift so that no library call is made of it',
    neverHyp: false,
    kernels: 'any',
  },
  {
    pattern:
      /^(debug_smp_processor_id|__this_cpu_preempt_check|(__)?rcu_read_(un)?lock|warn_bogus_irq_restore)$/,
    what: 'a debug variant of an inline helper',
    option: 'a debug option of the kernel',
    remedy:
      'use the raw variant of the helper in hyp code (such as __smp_processor_id, local_irq_save of the raw kind)',
    neverHyp: true,
    kernels: '5.4 and later',
    takes: [{ by: /^__this_cpu_preempt_check$/, registers: [0] }],
  },
];

export const instrumentationOf = (name: string): InstrumentationRow | null =>
  instrumentationRows.find(({ pattern }) => pattern.test(name)) ?? null;

/** By the section that something without a name is in. */
export const instrumentationOfSection = (section: string): InstrumentationRow | null =>
  instrumentationRows.find(({ sections }) => sections?.test(section) === true) ?? null;

/** Registers in which a function of an instrumentation is handed what is formed for it alone. */
export const registersTakenBy = (name: string, { takes = [] }: InstrumentationRow): readonly number[] =>
  takes.find(({ by }) => by.test(name))?.registers ?? [];
