// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import {
  instrumentationOf,
  instrumentationRows,
  registersTakenBy,
} from '../../lib/policy/instrumentation.js';

const bits = 'a count or a reversal of bits';
const wide = 'integer arithmetic wider than a register, or checked for overflow';
const point = 'floating-point arithmetic';

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
  ['__safestack_unsafe_stack_ptr', 'the safe stack'],
  ['__stack_chk_guard', 'the stack protector'],
  ['stackleak_track_stack', 'KSTACK_ERASE'],
  ['__sanitizer_cov_stack_depth', 'KSTACK_ERASE'],
  ['__sancov_lowest_stack', 'KSTACK_ERASE'],
  ['__sanitizer_cov_trace_pc_guard', 'KCOV'],
  ['ftrace_likely_update', 'branch profiling'],
  ['__cfi_slowpath', 'control-flow integrity'],
  ['__aarch64_cas4_acq_rel', 'outline atomics'],
  ['__aarch64_ldadd8_relax', 'outline atomics'],
  ['memcpy', 'a copy, a clearing or a comparison of an object'],
  ['memset', 'a copy, a clearing or a comparison of an object'],
  ['__ashlti3', 'a 128-bit shift'],
  // libgcc's, by the manual's list, and compiler-rt's.
  ['__lshrti3', 'a 128-bit shift'],
  ['__popcountdi2', bits],
  ['__paritydi2', bits],
  ['__clzti2', bits],
  ['__ctzsi2', bits],
  ['__ffsti2', bits],
  ['__bswapdi2', bits],
  ['__udivti3', wide],
  ['__modti3', wide],
  ['__udivmodti4', wide],
  ['__multi3', wide],
  ['__mulodi4', wide],
  ['__mulvdi3', wide],
  ['__ucmpti2', wide],
  ['__negti2', wide],
  ['__mulbitint3', wide],
  ['__adddf3', point],
  ['__floatuntidf', point],
  ['__fixunstfti', point],
  ['__extendhfsf2', point],
  ['__truncdfbf2', point],
  ['__unordtf2', point],
  ['__powidf2', point],
  ['__muldc3', point],
  ['bcmp', 'a copy, a clearing or a comparison of an object'],
  ['__udivti', null],
  ['__divide3', null],
  ['__clear_cache', null],
  ['popcountdi2', null],
  ['debug_smp_processor_id', 'a debug variant of an inline helper'],
  ['memcpy_toio', null],
  ['asan_load', null],
  ['my__ubsan_handle', null],
  ['kvm_stack_chk_fail', null],
  ['mcount_something', null],
  ['__aarch64_cas3_acq', 'outline atomics'],
  ['', null],
];

t.test('a run-time function is known by its name', async (t) => {
  for (const [name, what] of names) t.equal(instrumentationOf(name)?.what ?? null, what, name);
});

t.test('counters without symbols are known by their section', async (t) => {
  const sections = [
    ['__llvm_prf_cnts', 'profile counters'],
    ['__llvm_prf_data', 'profile counters'],
    ['__sancov_cntrs', 'KCOV'],
    ['__sancov_bools', 'KCOV'],
    ['.data', null],
    ['__sancov', null],
  ] as const;
  for (const [section, what] of sections)
    t.equal(instrumentationOf(null, section)?.what ?? null, what, section);
  t.equal(instrumentationOf(null, '_ftrace_annotated_branch')?.what, 'branch profiling');
  t.equal(instrumentationOf('memcpy', '.text')?.what, 'a copy, a clearing or a comparison of an object');
});

/** Registers whose arguments are of use to the run-time function alone, by its declaration. */
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

t.test('the registers with arguments for the run-time function alone are known', async (t) => {
  for (const [name, registers] of takers) {
    const row = instrumentationOf(name);
    t.same(row && registersTakenBy(name, row), registers, name);
  }
});

t.test('each row has an anchored pattern, a remedy and kernels', async (t) => {
  for (const { pattern, remedy, kernels, what } of instrumentationRows) {
    t.match(pattern.source, /^\^/, 'anchored');
    t.match(remedy, /^[a-z]/, what);
    t.notMatch(remedy, /\.$/, what);
    t.ok(kernels, what);
  }
});
