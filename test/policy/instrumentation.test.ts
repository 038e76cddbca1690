// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import {
  instrumentationOf,
  instrumentationOfSection,
  instrumentationRows,
  registersTakenBy,
} from '../../lib/policy/instrumentation.js';

/** Run-time functions of gcc and clang, by what makes the compiler call them; null: an ordinary function. */
const names: readonly (readonly [string, string | null])[] = [
  ['__asan_load8_noabort', 'KASAN'],
  ['__hwasan_store4_noabort', 'KASAN'],
  ['__sanitizer_cov_trace_pc', 'KCOV'],
  ['__sanitizer_cov_trace_const_cmp4', 'KCOV'],
  ['__ubsan_handle_out_of_bounds', 'UBSAN'],
  ['__tsan_read8', 'KCSAN'],
  ['__msan_metadata_ptr_for_load_8', 'KMSAN'],
  ['__gcov_init', 'GCOV'],
  ['__gcov0.foo', 'GCOV'],
  ['llvm_gcov_init', 'GCOV'],
  ['__profc_foo', 'profile counters'],
  ['_mcount', 'function tracing'],
  ['__cyg_profile_func_enter', 'function tracing'],
  ['__stack_chk_fail', 'the stack protector'],
  ['__stack_chk_guard', 'the stack protector'],
  ['stackleak_track_stack', 'STACKLEAK'],
  ['ftrace_likely_update', 'branch profiling'],
  ['__cfi_slowpath', 'control-flow integrity'],
  ['__aarch64_cas4_acq_rel', 'outline atomics'],
  ['__aarch64_ldadd8_relax', 'outline atomics'],
  ['memcpy', 'a copy, a clearing or a comparison of an object'],
  ['memset', 'a copy, a clearing or a comparison of an object'],
  ['__ashlti3', 'a 128-bit shift'],
  ['debug_smp_processor_id', 'a debug variant of an inline helper'],
  ['memcpy_toio', null],
  ['asan_load', null],
  ['my__ubsan_handle', null],
  ['kvm_stack_chk_fail', null],
  ['mcount_something', null],
  ['__aarch64_cas3_acq', 'outline atomics'],
  ['', null],
];

t.test('which instrumentation a function belongs to', async (t) => {
  for (const [name, what] of names) t.equal(instrumentationOf(name)?.what ?? null, what, name);
});

t.test('or data that has no name', async (t) => {
  // Of clang's -fsanitize-coverage=inline-8bit-counters and inline-bool-flag, -fprofile-instr-generate; include/linux/compiler.h.
  t.equal(instrumentationOfSection('__sancov_cntrs')?.what, 'KCOV');
  t.equal(instrumentationOfSection('__sancov_bools')?.what, 'KCOV');
  t.equal(instrumentationOfSection('__llvm_prf_cnts')?.what, 'profile counters');
  t.equal(instrumentationOfSection('_ftrace_annotated_branch')?.what, 'branch profiling');
  t.equal(instrumentationOfSection('__sancov_cntrs_of_mine'), null);
  t.equal(instrumentationOfSection('.data'), null);
});

/** Parameters of the run times' functions that only they care for, by their declarations. */
const takers: readonly (readonly [string, readonly number[]])[] = [
  ['__ubsan_handle_shift_out_of_bounds', [0]],
  ['__ubsan_handle_type_mismatch_v1', [0]],
  ['__ubsan_handle_nonnull_return_v1', [0, 1]],
  ['__ubsan_handle_out_of_bounds_minimal', []],
  ['__asan_load8_noabort', [0]],
  ['__asan_storeN_noabort', [0]],
  ['__asan_report_store16_noabort', [0]],
  ['__hwasan_load4_noabort', [0]],
  ['__asan_memcpy', []],
  ['__hwasan_tag_memory', []],
  ['__tsan_read4', [0]],
  ['__tsan_unaligned_write8', [0]],
  ['__tsan_volatile_read8', [0]],
  ['__tsan_read_write4', [0]],
  ['__tsan_atomic32_load', []],
  ['__tsan_memcpy', []],
  ['__msan_metadata_ptr_for_store_n', [0]],
  ['__msan_memcpy', []],
  ['__sanitizer_cov_trace_pc', []],
  ['__sanitizer_cov_trace_switch', [1]],
  ['__cyg_profile_func_enter', [0]],
  ['_mcount', []],
  ['__stack_chk_fail', []],
  ['ftrace_likely_update', [0]],
  ['__cfi_slowpath', []],
  ['__cfi_slowpath_diag', [2]],
  ['memcpy', []],
  ['__aarch64_ldadd8_relax', []],
];

t.test('in which registers it is handed what is its own', async (t) => {
  for (const [name, registers] of takers) {
    const row = instrumentationOf(name);
    t.same(row && registersTakenBy(name, row), registers, name);
  }
});

t.test('rows are whole', async (t) => {
  for (const { pattern, remedy, kernels, what } of instrumentationRows) {
    t.match(pattern.source, /^\^/, 'anchored');
    t.match(remedy, /^[a-z]/, what);
    t.notMatch(remedy, /\.$/, what);
    t.ok(kernels, what);
  }
});
