/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Alternatives, for C and for assembly: a 12-byte row in .altinstructions
 * (place, replacement, capability, two lengths), both places relative to
 * their own field. Where the replacement lives depends on the kernel:
 * .altinstr_replacement, or (ALT_SUBSECTION) subsection 1 of the same section.
 *
 * A callback row names a function in place of the replacement and has the
 * replacement's length 0. Older kernels (ALT_CALLBACK_NCAPS) give it the number
 * of capabilities as its capability, newer ones set bit 15.
 */
#ifndef SAMPLES_ALTERNATIVE_H
#define SAMPLES_ALTERNATIVE_H

#ifdef ALT_CALLBACK_NCAPS
#define ALT_CALLBACK_CAP(cap)	48
#else
#define ALT_CALLBACK_CAP(cap)	((cap) | 0x8000)
#endif

#ifdef __ASSEMBLER__
	.macro	alternative_row cap
	.pushsection .altinstructions, "a"
	.long	661b - .
	.long	663f - .
	.hword	\cap
	.byte	662b - 661b
	.byte	664f - 663f
	.popsection
#ifdef ALT_SUBSECTION
	.subsection 1
#else
	.pushsection .altinstr_replacement, "ax"
#endif
	.endm

	/* One instruction each; quotes keep the commas together. */
	.macro	alternative old, new, cap
661:	\old
662:
	alternative_row \cap
663:	\new
664:
#ifdef ALT_SUBSECTION
	.previous
#else
	.popsection
#endif
	.endm

	.macro	alternative_cb old, callback, cap
661:	\old
662:	.pushsection .altinstructions, "a"
	.long	661b - .
	.long	\callback - .
	.hword	\cap
	.byte	662b - 661b
	.byte	0
	.popsection
	.endm
#else

#define ALT_STRINGIFY_(x)	#x
#define ALT_STRINGIFY(x)	ALT_STRINGIFY_(x)

#ifdef ALT_SUBSECTION
#define ALT_ENTER		".subsection 1\n"
#define ALT_LEAVE		".previous\n"
#else
#define ALT_ENTER		".pushsection .altinstr_replacement, \"ax\"\n"
#define ALT_LEAVE		".popsection\n"
#endif

#define ALT_ROW(cap, replacement, length)		\
	".pushsection .altinstructions, \"a\"\n"	\
	".long 661b - .\n"				\
	".long " replacement " - .\n"			\
	".hword " ALT_STRINGIFY(cap) "\n"		\
	".byte 662b - 661b\n"				\
	".byte " length "\n"				\
	".popsection\n"

#define ALTERNATIVE(old, new, cap)			\
	"661: " old "\n662:\n"				\
	ALT_ROW(cap, "663f", "664f - 663f")		\
	ALT_ENTER					\
	"663: " new "\n664:\n"				\
	ALT_LEAVE

#define ALTERNATIVE_CB(old, callback, cap)		\
	"661: " old "\n662:\n"				\
	ALT_ROW(cap, #callback, "0")

#endif
#endif
