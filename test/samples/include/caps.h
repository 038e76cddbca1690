/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Static keys and processor capabilities, as the kernels of the one-.hyp.text
 * generation test them. KEYS says how a key is compiled:
 *   24  a branch, a row of three absolute 64-bit words (up to 4.18)
 *   16  a branch, a row of two 32-bit places and a 64-bit key, each relative to
 *       its own field (from 4.19 on)
 *   0   no table: the key is a counter in memory (JUMP_LABEL=n)
 *
 * Odd: the branch that is taken is 'enabled' exclusive-or bit 0 of the row's
 * key, and all keys here start as false, so a likely test assembles as `b`.
 */
#ifndef SAMPLES_CAPS_H
#define SAMPLES_CAPS_H

#include "hyp.h"

#ifndef KEYS
#define KEYS 16
#endif

#define ARM64_HAS_VIRT_HOST_EXTN	11
#define ARM64_HAS_OTHER			20
#define ARM64_NCAPS			48

struct static_key {
	int enabled;
#if KEYS
	void *entries;
#endif
};

#if KEYS == 24
#define KEY_ROW		".balign 8\n.quad 1b, %l[yes], %c0\n"
#elif KEYS == 16
#define KEY_ROW		".balign 8\n.long 1b - ., %l[yes] - .\n.quad %c0 - .\n"
#endif

#if KEYS
#define KEY_SITE(insn, key, bit)					\
	asm goto("1: " insn "\n"					\
		 ".pushsection __jump_table, \"aw\"\n" KEY_ROW		\
		 ".popsection\n"					\
		 : : "i" (&((char *)(key))[bit]) : : yes)

/* Macros, as the key's address has to be constant whatever is inlined. */
#define static_branch_unlikely(key) ({					\
	__label__ yes, out;						\
	bool __taken = 1;						\
	KEY_SITE("nop", key, 0);					\
	__taken = 0;							\
	goto out;							\
yes:	__attribute__((unused));					\
out:	__builtin_expect(__taken, 0);					\
})

#define static_branch_likely(key) ({					\
	__label__ yes, out;						\
	bool __taken = 0;						\
	KEY_SITE("b %l[yes]", key, 1);					\
	__taken = 1;							\
	goto out;							\
yes:	__attribute__((unused));					\
out:	__builtin_expect(__taken, 1);					\
})
#else
#define static_key_count(key)	(*(volatile int *)&(key)->enabled)
#define static_branch_unlikely(key)	__builtin_expect(static_key_count(key) > 0, 0)
#define static_branch_likely(key)	__builtin_expect(static_key_count(key) > 0, 1)
#endif

extern struct static_key arm64_const_caps_ready;
extern struct static_key cpu_hwcap_keys[ARM64_NCAPS];
extern unsigned long cpu_hwcaps[(ARM64_NCAPS + 63) / 64];

/* The host's definitions; all three lie in .bss. */
#define DEFINE_CAPS							\
	struct static_key arm64_const_caps_ready;			\
	struct static_key cpu_hwcap_keys[ARM64_NCAPS];			\
	unsigned long cpu_hwcaps[(ARM64_NCAPS + 63) / 64]

static __inline_always bool cpus_have_cap(unsigned int cap)
{
	return 1ul & (((volatile unsigned long *)cpu_hwcaps)[cap / 64] >> (cap % 64));
}

static __inline_always bool cpus_have_vhe_key(void)
{
	return static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_VIRT_HOST_EXTN]);
}

static __inline_always bool has_vhe(void)
{
	if (static_branch_likely(&arm64_const_caps_ready))
		return cpus_have_vhe_key();
	return cpus_have_cap(ARM64_HAS_VIRT_HOST_EXTN);
}

/* The same for a capability that says nothing about VHE. */
static __inline_always bool has_other(void)
{
	if (static_branch_likely(&arm64_const_caps_ready))
		return static_branch_unlikely(&cpu_hwcap_keys[ARM64_HAS_OTHER]);
	return cpus_have_cap(ARM64_HAS_OTHER);
}

#endif
