/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the samples need of a kernel of the one-.hyp.text generation: the names
 * of sections, and percpu addresses as hyp code makes them.
 *
 * Odd: a sample is judged as one whole link, so it defines the host code and
 * the host data it reaches for in the same file. HOST() keeps such a function
 * opaque, so that the call to it stays a call.
 */
#ifndef SAMPLES_HYP_H
#define SAMPLES_HYP_H

typedef _Bool bool;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef unsigned long size_t;

#define __in(name)		__attribute__((section(name)))
#define __used			__attribute__((used))
#define __inline_always		inline __attribute__((always_inline))

#ifdef __clang__
#define __opaque		__attribute__((noinline))
#else
#define __opaque		__attribute__((noipa))
#endif

/* Code. */
#define __hyp_text		__in(".hyp.text")
#define __hyp_idmap_text	__in(".hyp.idmap.text")
#define __init			__in(".init.text")
#define __exit			__in(".exit.text")
#define HOST			__opaque __used
#define OUT_OF_LINE		static __opaque

/* Data. */
#define __initdata		__in(".init.data")
#define __ro_after_init		__in(".data..ro_after_init")
#define __read_mostly		__in(".data..read_mostly")
#define __percpu_data		__in(".data..percpu")

/* Host code takes the function's address, as kvm_call_hyp() does: a root. */
#define HYP_ENTRY(function) \
	__used static void *const entry_##function __in(".rodata.entries") = (void *)function

/* Hide from the compiler what a value is made of. */
#define opaque_value(value) ({				\
	__typeof__(value) __value;			\
	asm("" : "=r" (__value) : "0" (value));		\
	__value;					\
})

static __inline_always u64 read_tpidr_el2(void)
{
	u64 offset;

	asm("mrs %0, tpidr_el2" : "=r" (offset));
	return offset;
}

/* This processor's copy of a percpu variable, as seen from EL2. */
#define hyp_this_cpu_ptr(variable) \
	((__typeof__(&(variable)))((u64)opaque_value(&(variable)) + read_tpidr_el2()))

#endif
