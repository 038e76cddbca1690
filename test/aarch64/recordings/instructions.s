// SPDX-License-Identifier: GPL-2.0-only OR MIT
// One instruction of each kind that lib/aarch64/instructions.ts has a row for,
// and neighbours that it must not take for them. Recorded by ./record.
	.arch armv8.8-a+memtag+sve+ls64+lse+rng
	// Branches, direct and not.
here:	b here
	b there
	bl there
	bl here
	b.eq there
	b.al here
	bc.ne there
	cbz w1, there
	cbz x1, here
	cbnz w2, there
	cbnz x30, here
	tbz w3, #5, there
	tbz x3, #37, here
	tbnz x4, #63, there
	tbnz w4, #0, here
	br x16
	braa x1, x2
	braa x1, sp
	braaz x1
	brab x1, x2
	brabz x1
	blr x17
	blraa x3, x4
	blraaz x3
	blrab x3, x4
	blrabz x3
	ret
	ret x5
	retaa
	retab
	eret
	eretaa
	eretab
	drps
	udf #0
	udf #0xffff
	brk #0x800
	hlt #1
	svc #0
	hvc #0
	smc #0
there:	nop
	isb
	dsb sy
	dmb ish
	clrex
	wfe
	wfi
	yield
	sevl
	esb
	csdb
	bti c
	// Loads and stores of one register.
	ldr x0, [x1]
	ldr w0, [x1, #4]
	ldr x0, [sp, #16]
	ldr x0, [x1, #8]!
	ldr x0, [x1], #8
	ldr x0, [x1, x2]
	ldr x0, [x1, x2, lsl #3]
	ldr w0, [x1, w2, uxtw]
	ldr w0, [x1, w2, sxtw #2]
	ldr xzr, [x1]
	ldr x0, there
	ldr w0, there
	ldrsw x0, there
	ldr q0, there
	prfm pldl1keep, there
	str x0, [x1]
	str w0, [x1, #4]
	str x0, [x1, #-8]!
	str x0, [x1], #-8
	str x0, [x1, x2]
	str xzr, [sp, #8]
	ldrb w0, [x1, #1]
	ldrh w0, [x1, #2]
	ldrsb w0, [x1]
	ldrsb x0, [x1]
	ldrsh w0, [x1]
	ldrsh x0, [x1]
	ldrsw x0, [x1]
	ldrsw x0, [x1, x2]
	strb w0, [x1]
	strh w0, [x1]
	ldur x0, [x1, #-1]
	stur w0, [x1, #-1]
	ldurb w0, [x1, #-1]
	ldursw x0, [x1, #-1]
	sturh w0, [x1, #-1]
	ldtr x0, [x1]
	ldtrsw x0, [x1]
	sttr x0, [x1]
	sttrb w0, [x1]
	prfm pldl1keep, [x1]
	prfm pstl3strm, [x1, x2]
	prfum pldl1keep, [x1, #-1]
	ldraa x0, [x1]
	ldraa x0, [x1, #8]!
	ldrab x0, [x1, #-8]
	// Pairs.
	ldp x0, x1, [x2]
	ldp x0, x1, [x2, #16]!
	ldp x0, x1, [x2], #16
	ldp w0, w1, [sp, #8]
	ldpsw x0, x1, [x2]
	stp x29, x30, [sp, #-16]!
	stp x0, x1, [x2], #16
	stp xzr, xzr, [x2]
	ldnp x0, x1, [x2]
	stnp x0, x1, [x2]
	ldp q0, q1, [x2], #32
	stp d0, d1, [x2, #16]!
	stgp x0, x1, [x2]
	stgp x0, x1, [x2, #16]!
	// SIMD.
	ldr q0, [x1]
	ldr b0, [x1], #1
	ldr d0, [x1, x2]
	str s0, [x1, #4]
	str q0, [x1, #16]!
	ldur q0, [x1, #-1]
	stur h0, [x1, #-1]
	ld1 {v0.16b}, [x1]
	ld1 {v0.16b, v1.16b}, [x1], #32
	ld1 {v0.16b}, [x1], x2
	ld1 {v0.s}[1], [x1]
	ld1r {v0.2d}, [x1]
	ld4 {v0.8b, v1.8b, v2.8b, v3.8b}, [x1]
	st1 {v0.16b}, [x1]
	st3 {v0.8h, v1.8h, v2.8h}, [x1], #48
	st1 {v0.b}[3], [x1], x2
	// Exclusives, ordered accesses, atomics.
	ldxr x0, [x1]
	ldaxr w0, [x1]
	ldxrb w0, [x1]
	ldxp x0, x1, [x2]
	ldaxp w0, w1, [x2]
	stxr w0, x1, [x2]
	stlxr w0, w1, [x2]
	stlxrh w0, w1, [x2]
	stxp w0, x1, x2, [x3]
	stlxp w0, w1, w2, [x3]
	ldar x0, [x1]
	ldarb w0, [x1]
	ldlar x0, [x1]
	stlr x0, [x1]
	stlrh w0, [x1]
	stllr x0, [x1]
	ldapr x0, [x1]
	ldaprb w0, [x1]
	ldapur x0, [x1, #8]
	ldapursw x0, [x1, #8]
	ldapurb w0, [x1]
	stlur x0, [x1, #8]
	stlurb w0, [x1]
	cas x0, x1, [x2]
	casal w0, w1, [x2]
	casb w0, w1, [x2]
	casah w0, w1, [x2]
	casp x0, x1, x2, x3, [x4]
	caspal w0, w1, w2, w3, [x4]
	swp x0, x1, [x2]
	swpal w0, w1, [x2]
	swpb w0, w1, [x2]
	ldadd x0, x1, [x2]
	ldaddal w0, w1, [x2]
	ldclr x0, x1, [x2]
	ldeor x0, x1, [x2]
	ldset x0, x1, [x2]
	ldseth w0, w1, [x2]
	ldsmax x0, x1, [x2]
	ldumin x0, x1, [x2]
	stadd x0, [x2]
	stclr w0, [x2]
	stset x0, [x2]
	ld64b x0, [x8]
	st64b x0, [x8]
	st64bv x0, x2, [x10]
	st64bv0 x0, x2, [x10]
	// Tags and copies.
	ldg x0, [x1]
	stg x0, [x1]
	stg x0, [x1, #16]!
	stg x0, [x1], #16
	st2g x0, [x1]
	stzg x0, [x1]
	stz2g x0, [x1], #32
	ldgm x0, [x1]
	stgm x0, [x1]
	stzgm x0, [x1]
	irg x0, x1
	gmi x0, x1, x2
	addg x0, x1, #16, #1
	subp x0, x1, x2
	cpyfp [x0]!, [x1]!, x2!
	cpyfm [x0]!, [x1]!, x2!
	cpyfe [x0]!, [x1]!, x2!
	setp [x0]!, x1!, x2
	setm [x0]!, x1!, x2
	sete [x0]!, x1!, x2
	// What writes a register without touching memory, and what does not.
	adrp x0, there
	adr x0, there
	add x0, x1, #1
	add sp, sp, #16
	adds x0, x1, #1
	cmp x0, #1
	cmn w0, w1
	tst x0, x1
	mov x0, x1
	mov x0, sp
	mov sp, x0
	mov x0, #1
	movk x0, #1, lsl #16
	movn x0, #1
	orr x0, x1, #3
	ubfx x0, x1, #1, #2
	extr x0, x1, x2, #3
	csel x0, x1, x2, eq
	ccmp x0, x1, #0, eq
	ccmn w0, #1, #0, ne
	madd x0, x1, x2, x3
	umulh x0, x1, x2
	udiv x0, x1, x2
	lsl x0, x1, x2
	clz x0, x1
	rev x0, x1
	crc32x w0, w1, x2
	adc x0, x1, x2
	rmif x0, #1, #2
	setf8 w0
	setf16 w0
	cfinv
	pacia x0, x1
	autib x0, x1
	xpaci x0
	pacga x0, x1, x2
	paciasp
	autiasp
	pacibz
	autibz
	pacia1716
	autib1716
	xpaclri
	mrs x0, tpidr_el2
	mrs x0, sctlr_el2
	msr sctlr_el2, x0
	msr daifset, #2
	sys #0, c7, c5, #0, x0
	sysl x0, #0, c7, c5, #0
	tlbi vmalle1
	dc civac, x0
	at s1e2r, x0
	fmov d0, x0
	fmov x0, d0
	fmov x0, v0.d[1]
	fmov v0.d[1], x0
	fmov d0, d1
	fcvtzs x0, d0
	fcvtzu w0, s0, #4
	fcvtas x0, s0
	scvtf d0, x0
	ucvtf d0, w0, #4
	fcmp d0, d1
	umov w0, v0.b[1]
	smov x0, v0.h[1]
	mov v0.d[0], x0
	dup v0.2d, x0
	add v0.2d, v1.2d, v2.2d
