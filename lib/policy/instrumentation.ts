// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// References that compilers make: which instrumentation or library a symbol
// belongs to, what switches it on, and how it is kept out. This is data, because
// what is legal changes with kernels and configurations.

export interface InstrumentationRow {
  /** Of the source name, without prefix. */
  readonly pattern: RegExp;
  /** Sections that only this fills: its counters have no symbols. */
  readonly section?: RegExp;
  readonly what: string;
  /** What switches it on; null if nothing does. */
  readonly option: string | null;
  /** One sentence that begins with what to do, without a full stop. */
  readonly remedy: string;
  /** The symbol belongs to the instrumentation's run time, so it is never hyp code. */
  readonly neverHyp: boolean;
  readonly kernels: string;
  /** Arguments of its functions that are formed for them alone; absent if there are none. */
  readonly takes?: readonly Taken[];
}

/**
 * Arguments that belong to the instrumentation: descriptors, and addresses that the source then accesses by itself.
 * What the function accesses in place of the source (__asan_memcpy, __tsan_atomic32_load) is not among them.
 */
export interface Taken {
  readonly by: RegExp;
  /** 0 for x0. */
  readonly registers: readonly number[];
}

const makefile = 'arch/arm64/kvm/hyp/Makefile (up to v5.8) or arch/arm64/kvm/hyp/nvhe/Makefile';

const integer = '[qhsdt]i';
const float = '(?:bf|[hsdxt]f)';
const complex = '[hsdxt]c';

/**
 * Routines of libgcc and compiler-rt, which compilers call for what the processor has no instruction for. A name is
 * made of an operation, the modes of the operands and their number, the result included [GCC Internals, "The GCC
 * low-level runtime library"]: __udivti3 is an unsigned division of TImode, 128 bits. The kernel has a few of them.
 */
const libraryRoutines: readonly {
  readonly pattern: RegExp;
  readonly what: string;
  readonly remedy: string;
}[] = [
  {
    pattern: new RegExp(`^__(ashl|ashr|lshr)${integer}3$`),
    what: 'a 128-bit shift',
    remedy: 'write the shift so that no library call is made of it: shift the halves',
  },
  {
    pattern: new RegExp(`^__(popcount|parity|clz|ctz|ffs|clrsb|bswap)${integer}2$`),
    what: 'a count or a reversal of bits',
    remedy:
      'write it without __builtin_popcount() and the like: of these only clz, ctz, ffs and bswap of 64 bits are instructions',
  },
  {
    pattern: new RegExp(
      `^__(u?div|u?mod|u?divmod|mul|mulo|[uc]?cmp|neg|(abs|add|sub|mul|neg)v)${integer}[2-4]$|^__(mul|divmod|udivmod)bitint\\d$`,
    ),
    what: 'integer arithmetic wider than a register, or checked for overflow',
    remedy: 'write it so that no library call is made of it: with operands of 64 bits, or shifts',
  },
  {
    pattern: new RegExp(
      `^__((add|sub|mul|div|neg|pow|cmp|unord|eq|ne|lt|le|gt|ge|powi)${float}[23]|(mul|div)${complex}3|(extend|trunc)${float}${float}2|fix(uns)?${float}(${integer}|bitint)|float(un)?(${integer}|bitint)${float})$`,
    ),
    what: 'floating-point arithmetic',
    remedy: 'keep floating point out of hyp code, which is compiled with -mgeneral-regs-only',
  },
];

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
    pattern: /^(stackleak_(track_stack|erase)|__sanitizer_cov_stack_depth|__sancov_lowest_stack)$/,
    what: 'KSTACK_ERASE',
    option: 'CONFIG_KSTACK_ERASE (CONFIG_GCC_PLUGIN_STACKLEAK up to v6.16)',
    remedy: `add $(DISABLE_KSTACK_ERASE) (up to v6.16, $(DISABLE_STACKLEAK_PLUGIN)) in ${makefile}`,
    neverHyp: true,
    kernels: '5.2 and later; with clang from 6.17 on',
  },
  {
    pattern: /^(__sanitizer_cov_|__sancov_)/,
    section: /^__sancov_(cntrs|bools|guards|pcs)$/,
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
    section: /^__llvm_prf_(bits|cnts|data|names|vals|vnds)$/,
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
    pattern: /^__safestack_/,
    what: 'the safe stack',
    option: '-fsanitize=safe-stack',
    remedy: 'keep the option away from the kernel: it needs thread-local storage',
    neverHyp: true,
    kernels: 'none has an option for it',
  },
  {
    pattern: /^(ftrace_likely_update|__branch_check__|ftrace_branch)/,
    section: /^_ftrace_(annotated_)?branch$/,
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
    // bcmp: clang, if only equality matters.
    pattern: /^(mem(cpy|set|move|cmp)|bcmp)$/,
    what: 'a copy, a clearing or a comparison of an object',
    option: null,
    remedy: 'give hyp code a copy of its own, or write the code so that no library call is made of it',
    neverHyp: false,
    kernels: 'any; the nVHE link has private copies',
  },
  ...libraryRoutines.map(({ pattern, what, remedy }) => ({
    pattern,
    what,
    option: null,
    remedy,
    neverHyp: false,
    kernels: 'any',
  })),
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

/** `section`: that of the target, if it is known. */
export const instrumentationOf = (
  name: string | null,
  section: string | null = null,
): InstrumentationRow | null =>
  instrumentationRows.find(
    (row) =>
      (name !== null && row.pattern.test(name)) || (section !== null && row.section?.test(section) === true),
  ) ?? null;

/** Registers in which an instrumentation's function takes what is formed for it alone. */
export const registersTakenBy = (name: string, { takes = [] }: InstrumentationRow): readonly number[] =>
  takes.find(({ by }) => by.test(name))?.registers ?? [];
