// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What functions of instrumentations are handed. A descriptor that is formed for
 * the call alone is part of the call's finding; an address that the source forms
 * is none of the instrumentation's, whatever register it is in at the call.
 * Odd: memcpy and __asan_memcpy do what the source asked for, so what they are
 * handed is the source's.
 */
#include "../include/hyp-asm.h"

	host_function __stack_chk_fail
	host_function __asan_load8_noabort
	host_function __asan_memcpy
	host_function memcpy
	host_function __ubsan_handle_out_of_bounds
	host_function __ubsan_handle_type_mismatch_v1
	host_function __sanitizer_cov_trace_pc
	host_function __sanitizer_cov_trace_switch
	host_function ftrace_likely_update

	object	host_data, .data
	object	other_data, .data
	.pushsection .data, "aw", %progbits
	.balign	8
.Ldescriptor:
	.zero	32
	.popsection

	// It is the store that needs the address.
	code	has_a_canary, .hyp.text
	cbnz	x0, 1f
	load_address x2, host_data		// WARN hyp-data 'host_data'
	cbnz	x1, 1f
	str	x3, [x2]
	ret
1:	bl	__stack_chk_fail		// WARN hyp-instrumentation '__stack_chk_fail'
	end_code has_a_canary

	code	both_in_one_line, .hyp.text
	load_address x0, host_data; bl __stack_chk_fail // WARN hyp-data 'host_data' WARN hyp-instrumentation '__stack_chk_fail'
	end_code both_in_one_line

	code	is_covered, .hyp.text
	load_address x0, host_data		// WARN hyp-data 'host_data'
	bl	__sanitizer_cov_trace_pc	// WARN hyp-instrumentation '__sanitizer_cov_trace_pc'
	ret
	end_code is_covered

	code	switches, .hyp.text
	load_address x1, .Ldescriptor
	bl	__sanitizer_cov_trace_switch	// WARN hyp-instrumentation '__sanitizer_cov_trace_switch'
	ret
	end_code switches

	code	is_bounded, .hyp.text
	load_address x0, .Ldescriptor
	bl	__ubsan_handle_out_of_bounds	// WARN hyp-instrumentation '__ubsan_handle_out_of_bounds'
	ret
	end_code is_bounded

	code	is_bounded_twice, .hyp.text
	load_address x19, .Ldescriptor
	mov	x0, x19
	bl	__ubsan_handle_out_of_bounds	// WARN hyp-instrumentation '__ubsan_handle_out_of_bounds'
	mov	x0, x19
	b	__ubsan_handle_out_of_bounds	// WARN hyp-instrumentation '__ubsan_handle_out_of_bounds'
	end_code is_bounded_twice

	code	has_a_type, .hyp.text
	load_address x0, .Ldescriptor
	load_address x1, other_data		// WARN hyp-data 'other_data'
	bl	__ubsan_handle_type_mismatch_v1	// WARN hyp-instrumentation '__ubsan_handle_type_mismatch_v1'
	ret
	end_code has_a_type

	// The load has the address in its own relocations, and is reported.
	code	is_checked, .hyp.text
	load_address x0, host_data
	bl	__asan_load8_noabort		// WARN hyp-instrumentation '__asan_load8_noabort'
	load_value x0, other_data		// WARN hyp-data 'other_data'
	ret
	end_code is_checked

	code	is_checked_and_loaded, .hyp.text
	load_address x19, host_data		// WARN hyp-data 'host_data'
	mov	x0, x19
	bl	__asan_load8_noabort		// WARN hyp-instrumentation '__asan_load8_noabort'
	ldr	x0, [x19]
	ret
	end_code is_checked_and_loaded

	code	is_checked_and_handed_on, .hyp.text
	load_address x19, host_data		// WARN hyp-data 'host_data'
	mov	x0, x19
	bl	__asan_load8_noabort		// WARN hyp-instrumentation '__asan_load8_noabort'
	mov	x0, x19
	ret
	end_code is_checked_and_handed_on

	code	copies, .hyp.text
	load_address x0, host_data		// WARN hyp-data 'host_data'
	load_address x1, other_data		// WARN hyp-data 'other_data'
	bl	memcpy				// WARN hyp-instrumentation 'memcpy'
	ret
	end_code copies

	code	copies_checked, .hyp.text
	load_address x0, host_data		// WARN hyp-data 'host_data'
	load_address x1, other_data		// WARN hyp-data 'other_data'
	b	__asan_memcpy			// WARN hyp-instrumentation '__asan_memcpy'
	end_code copies_checked

	code	is_likely, .hyp.text
	mov	w1, #1
	load_address x0, .Ldescriptor
	bl	ftrace_likely_update		// WARN hyp-instrumentation 'ftrace_likely_update'
	ret
	end_code is_likely

	// Two pieces of data without a symbol, in one line.
	code	two_without_a_name, .hyp.text
	load_address x0, .Ldescriptor; load_address x1, .Ldescriptor + 8 // WARN hyp-data '.data' WARN hyp-data '.data'
	stp	x0, x1, [x2]
	ret
	end_code two_without_a_name

	hyp_entry has_a_canary, both_in_one_line, is_covered, switches, is_bounded, is_bounded_twice, has_a_type
	hyp_entry is_checked, is_checked_and_loaded, is_checked_and_handed_on, copies, copies_checked
	hyp_entry is_likely, two_without_a_name
