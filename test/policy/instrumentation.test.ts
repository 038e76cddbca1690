// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { instrumentationOf, instrumentationRows } from '../../lib/policy/instrumentation.js';

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

t.test('rows are whole', async (t) => {
  for (const { pattern, remedy, kernels, what } of instrumentationRows) {
    t.match(pattern.source, /^\^/, 'anchored');
    t.match(remedy, /^[a-z]/, what);
    t.notMatch(remedy, /\.$/, what);
    t.ok(kernels, what);
  }
});
