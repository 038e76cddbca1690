// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Instructions that write flags, memory or registers beside what their names
 * say, between a test of the capability and the branch on it, and near misses
 * that leave both alone. The Arm ARM says which.
 */
#include "../include/flow-asm.h"

	.arch	armv8.8-a+rng+memtag+sve2+ls64+crypto+fp16

	.macro	test_vhe
	load_value x1, cpu_hwcaps
	tst	x1, #(1 << VHE)
	.endm

	/* Z, which is set without VHE, before and behind an instruction. */
	.macro	flags name, instruction:vararg
	code	flags_\name, .hyp.text
	test_vhe
	\instruction
	b.ne	9131f
	ret
9131:	bl	host_call
	ret
	end_code flags_\name
	hyp_entry flags_\name
	.endm

	/* x1, which is 0 without VHE. */
	.macro	register name, instruction:vararg
	code	register_\name, .hyp.text
	load_value x1, cpu_hwcaps
	and	x1, x1, #(1 << VHE)
	\instruction
	cbnz	x1, 9132f
	ret
9132:	bl	host_call
	ret
	end_code register_\name
	hyp_entry register_\name
	.endm

	// They write flags.
	flags	rndr, mrs x0, s3_3_c2_c4_0			// WARN hyp-call 'host_call'
	flags	rndrrs, mrs x0, s3_3_c2_c4_1			// WARN hyp-call 'host_call'
	flags	rndr_nowhere, mrs xzr, s3_3_c2_c4_0		// WARN hyp-call 'host_call'
	flags	msr, msr nzcv, x0				// WARN hyp-call 'host_call'
	flags	cfinv, cfinv					// WARN hyp-call 'host_call'
	flags	xaflag, xaflag					// WARN hyp-call 'host_call'
	flags	axflag, axflag					// WARN hyp-call 'host_call'
	flags	rmif, rmif x0, #2, #15				// WARN hyp-call 'host_call'
	flags	setf8, setf8 w0					// WARN hyp-call 'host_call'
	flags	setf16, setf16 w0				// WARN hyp-call 'host_call'
	flags	adcs, adcs x0, x0, x2				// WARN hyp-call 'host_call'
	flags	sbcs, sbcs w0, w0, w2				// WARN hyp-call 'host_call'
	flags	subps, subps xzr, x0, x2			// WARN hyp-call 'host_call'
	flags	setp, setp [x0]!, x2!, x3			// WARN hyp-call 'host_call'
	flags	setgp, setgp [x0]!, x2!, x3			// WARN hyp-call 'host_call'
	flags	cpyp, cpyp [x0]!, [x2]!, x3!			// WARN hyp-call 'host_call'
	flags	cpyfp, cpyfp [x0]!, [x2]!, x3!			// WARN hyp-call 'host_call'
	flags	rcwcas, .inst 0x19200841			// WARN hyp-call 'host_call'
	flags	rcwswpp, .inst 0x1921a040			// WARN hyp-call 'host_call'
	flags	rcwset, .inst 0x7820b041			// WARN hyp-call 'host_call'
	flags	fcmp, fcmp d0, d1				// WARN hyp-call 'host_call'
	flags	fcmpe, fcmpe h0, #0.0				// WARN hyp-call 'host_call'
	flags	fccmp, fccmp s0, s1, #0, eq			// WARN hyp-call 'host_call'
	flags	fjcvtzs, fjcvtzs w0, d0				// WARN hyp-call 'host_call'
	flags	ptest, ptest p0, p1.b				// WARN hyp-call 'host_call'
	flags	ptrues, ptrues p0.b				// WARN hyp-call 'host_call'
	flags	rdffrs, rdffrs p0.b, p1/z			// WARN hyp-call 'host_call'
	flags	whilelo, whilelo p0.b, x0, x2			// WARN hyp-call 'host_call'
	flags	ctermeq, ctermeq x0, x2				// WARN hyp-call 'host_call'
	flags	match, match p0.b, p1/z, z0.b, z1.b		// WARN hyp-call 'host_call'
	flags	unallocated, .inst 0xffffffff			// MAY hyp-call 'host_call'
	flags	hvc, hvc #0					// MAY hyp-call 'host_call'

	// And these do not.
	flags	mrs, mrs x0, esr_el2				// VHE hyp-call 'host_call'
	flags	mrs_flags, mrs x0, nzcv				// VHE hyp-call 'host_call'
	flags	tlbi, tlbi vmalle1is				// VHE hyp-call 'host_call'
	flags	tlbi_address, tlbi ipas2e1is, x0		// VHE hyp-call 'host_call'
	flags	daifset, msr daifset, #15			// VHE hyp-call 'host_call'
	flags	pan, msr pan, #1				// VHE hyp-call 'host_call'
	flags	dc, dc civac, x0				// VHE hyp-call 'host_call'
	flags	zero, dc zva, x0				// VHE hyp-call 'host_call'
	flags	ic, ic iallu					// VHE hyp-call 'host_call'
	flags	at, at s1e1r, x0				// VHE hyp-call 'host_call'
	flags	sysl, sysl x0, #3, c7, c3, #1			// VHE hyp-call 'host_call'
	flags	msr_other, msr esr_el2, x0			// VHE hyp-call 'host_call'
	flags	clrex, clrex					// VHE hyp-call 'host_call'
	flags	speculation, sb					// VHE hyp-call 'host_call'
	flags	dsb, dsb ish					// VHE hyp-call 'host_call'
	flags	wfe, wfe					// VHE hyp-call 'host_call'
	flags	hint, hint #127					// VHE hyp-call 'host_call'
	flags	breakpoint, brk #0x800				// VHE hyp-call 'host_call'
	flags	adc, adc x0, x0, x2				// VHE hyp-call 'host_call'
	flags	clz, clz x0, x2					// VHE hyp-call 'host_call'
	flags	rev, rev x0, x2					// VHE hyp-call 'host_call'
	flags	crc32, crc32x w0, w2, x3			// VHE hyp-call 'host_call'
	flags	pacga, pacga x0, x2, x3				// VHE hyp-call 'host_call'
	flags	autia, autia x0, x2				// VHE hyp-call 'host_call'
	flags	irg, irg x0, x2					// VHE hyp-call 'host_call'
	flags	subp, subp x0, x2, x3				// VHE hyp-call 'host_call'
	flags	extr, extr x0, x2, x3, #4			// VHE hyp-call 'host_call'
	flags	madd, madd x0, x2, x3, x4			// VHE hyp-call 'host_call'
	flags	ldadd, ldaddal x0, x2, [x3]			// VHE hyp-call 'host_call'
	flags	casp, casp x4, x5, x6, x7, [x3]			// VHE hyp-call 'host_call'
	flags	stxr, stxr w0, x2, [x3]				// VHE hyp-call 'host_call'
	flags	ld64b, ld64b x4, [x3]				// VHE hyp-call 'host_call'
	flags	fmov, fmov d0, x0				// VHE hyp-call 'host_call'
	flags	vectors, stp q0, q1, [x3, #32]!			// VHE hyp-call 'host_call'
	flags	movi, movi v0.2d, #0				// VHE hyp-call 'host_call'
	flags	scalable, ldr z0, [x3, #1, mul vl]		// VHE hyp-call 'host_call'
	flags	fcsel, fcsel d0, d1, d2, ne			// VHE hyp-call 'host_call'

	// They write x1, among others or beside the first operand.
	register ldp, ldp x0, x1, [x3]				// WARN hyp-call 'host_call'
	register ldpsw, ldpsw x0, x1, [x3]			// WARN hyp-call 'host_call'
	register ldxp, ldaxp x0, x1, [x3]			// WARN hyp-call 'host_call'
	register stxr, stxr w1, x2, [x3]			// WARN hyp-call 'host_call'
	register stxp, stlxp w1, x2, x4, [x3]			// WARN hyp-call 'host_call'
	register ldadd, ldadd x0, x1, [x3]			// WARN hyp-call 'host_call'
	register swp, swpal x0, x1, [x3]			// WARN hyp-call 'host_call'
	register cas, casal x1, x0, [x3]			// WARN hyp-call 'host_call'
	register casp, casp x0, x1, x6, x7, [x3]		// WARN hyp-call 'host_call'
	register ldclrp, .inst 0x19211060			// WARN hyp-call 'host_call'
	register swpp, .inst 0x19208061				// WARN hyp-call 'host_call'
	register rcwcasp, .inst 0x19200c64			// WARN hyp-call 'host_call'
	register ldiapp, .inst 0xd9411860			// WARN hyp-call 'host_call'
	register ldapr_step, .inst 0xd9c00820			// WARN hyp-call 'host_call'
	register stilp_step, .inst 0xd9040820			// WARN hyp-call 'host_call'
	register ld64b, ld64b x0, [x3]				// WARN hyp-call 'host_call'
	register st64bv, st64bv x1, x4, [x3]			// WARN hyp-call 'host_call'
	register setp, setp [x0]!, x1!, x3			// WARN hyp-call 'host_call'
	register setm_to, setm [x1]!, x0!, x3			// WARN hyp-call 'host_call'
	register cpy_from, cpyfp [x0]!, [x1]!, x3!		// WARN hyp-call 'host_call'
	register cpy_size, cpye [x0]!, [x3]!, x1!		// WARN hyp-call 'host_call'
	register post, ldr x0, [x1], #8				// WARN hyp-call 'host_call'
	register pre, stp x0, x2, [x1, #16]!			// WARN hyp-call 'host_call'
	register post_vector, ldr q0, [x1], #16			// WARN hyp-call 'host_call'
	register post_structure, ld1 {v0.8b}, [x1], x0		// WARN hyp-call 'host_call'
	register ldraa, ldraa x0, [x1, #8]!			// WARN hyp-call 'host_call'
	register stg, stg x0, [x1], #16				// WARN hyp-call 'host_call'
	register ldg, ldg x1, [x3]				// WARN hyp-call 'host_call'
	register mrrs, .inst 0xd5782000				// WARN hyp-call 'host_call'
	register sysl, sysl x1, #3, c7, c3, #1			// WARN hyp-call 'host_call'
	register tstart, .inst 0xd5233061			// WARN hyp-call 'host_call'
	register ttest, .inst 0xd5233161			// WARN hyp-call 'host_call'
	register xpaci, xpaci x1				// MAY hyp-call 'host_call'
	register autiza, autiza x1				// WARN hyp-call 'host_call'
	register pacga, pacga x1, x0, x2			// WARN hyp-call 'host_call'
	register irg, irg x1, x0				// WARN hyp-call 'host_call'
	register gmi, gmi x1, x0, x2				// WARN hyp-call 'host_call'
	register cnt, .inst 0xdac01c01				// WARN hyp-call 'host_call'
	register smax, .inst 0x9ac26001				// WARN hyp-call 'host_call'
	register fmov, fmov x1, d0				// WARN hyp-call 'host_call'
	register fmov_upper, fmov x1, v0.d[1]			// WARN hyp-call 'host_call'
	register fcvtzs, fcvtzs w1, s0				// WARN hyp-call 'host_call'
	register fixed, fcvtzu x1, d0, #7			// WARN hyp-call 'host_call'
	register umov, umov x1, v0.d[0]				// WARN hyp-call 'host_call'
	register smov, smov w1, v0.h[2]				// WARN hyp-call 'host_call'
	register rdvl, rdvl x1, #1				// WARN hyp-call 'host_call'
	register cntb, cntb x1					// WARN hyp-call 'host_call'
	register incp, incp x1, p0.b				// WARN hyp-call 'host_call'
	register cntp, cntp x1, p0, p1.b			// WARN hyp-call 'host_call'
	register lastb, lastb x1, p0, z0.d			// WARN hyp-call 'host_call'
	register unallocated, .inst 0x00010001			// MAY hyp-call 'host_call'
	register hvc, hvc #0					// WARN hyp-call 'host_call'

	// And these do not.
	register str, str x1, [x3]				// VHE hyp-call 'host_call'
	register stp, stp x0, x1, [x3, #16]!			// VHE hyp-call 'host_call'
	register stlr, stlr x1, [x3]				// VHE hyp-call 'host_call'
	register stadd, stadd x1, [x3]				// VHE hyp-call 'host_call'
	register add_to, ldadd x1, x0, [x3]			// VHE hyp-call 'host_call'
	register cas_with, cas x0, x1, [x3]			// VHE hyp-call 'host_call'
	register st64b, st64b x0, [x8]				// VHE hyp-call 'host_call'
	register prefetch, prfm pldl1keep, [x1]			// VHE hyp-call 'host_call'
	register set_value, setp [x0]!, x3!, x1			// VHE hyp-call 'host_call'
	register msr, msr tpidr_el2, x1				// VHE hyp-call 'host_call'
	register mrrs_other, .inst 0xd5782002			// VHE hyp-call 'host_call'
	register msrr, .inst 0xd5582000				// VHE hyp-call 'host_call'
	register dc, dc civac, x1				// VHE hyp-call 'host_call'
	register wfet, wfet x1					// VHE hyp-call 'host_call'
	register ccmp, ccmp x1, #3, #0, ne			// VHE hyp-call 'host_call'
	register rmif, rmif x1, #2, #15				// VHE hyp-call 'host_call'
	register fmov_to, fmov d1, x1				// VHE hyp-call 'host_call'
	register dup, dup v1.2d, x1				// VHE hyp-call 'host_call'
	register by_vector, ldr q1, [x1]			// VHE hyp-call 'host_call'
