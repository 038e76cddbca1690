/* SPDX-License-Identifier: GPL-2.0-only OR MIT
 *
 * What a generated program includes: static keys, capabilities, alternatives and
 * has_vhe() as kernels 4.16 to 5.8 lay them out, written anew for this test.
 *
 *   GENERATION  416 (24-byte jump entries, replacements in a section of their
 *               own), 54 (16-byte ones, subsection 1) or 58 (final capabilities)
 *   JUMPS       0: no jump labels, keys are loaded and compared
 *   REPLACEMENT_SECTION  replacements as in 416, whatever the generation
 *
 * Odd: no register of EL1 or EL2 is touched, because the programs run in user
 * mode; alternatives choose between ordinary instructions.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned char u8;
typedef _Bool bool;
#define true 1
#define false 0

#ifndef GENERATION
#define GENERATION 54
#endif
#ifndef JUMPS
#define JUMPS 1
#endif

#define CAPS 96
#define VHE 11

#define NEVER_INLINE __attribute__((noinline))
#define ALWAYS_INLINE inline __attribute__((always_inline))
#define HYP __attribute__((section(".hyp.text")))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define WORD(x) WORD_(x)
#define WORD_(x) #x

/* Keys. */
struct key {
	int enabled;
#if JUMPS
	void *entries;
#endif
};
extern struct key cpu_hwcap_keys[CAPS], arm64_const_caps_ready, plain_key, set_key;
extern u64 cpu_hwcaps[2];

#if GENERATION == 416
#define JUMP_ENTRY ".pushsection __jump_table, \"aw\"\n.balign 8\n.quad 7b, %l[taken], %c0\n.popsection\n"
#else
#define JUMP_ENTRY ".pushsection __jump_table, \"aw\"\n.balign 8\n.long 7b - ., %l[taken] - .\n.quad %c0 - .\n.popsection\n"
#endif
#if JUMPS
/* The site as it is assembled: a nop, or a branch. `bit` is the entry's bit 0. */
static ALWAYS_INLINE HYP bool site_nop(struct key *key, const bool bit)
{
	asm goto("7: nop\n" JUMP_ENTRY : : "i"(&((char *)key)[bit]) : : taken);
	return false;
taken:
	return true;
}
static ALWAYS_INLINE HYP bool site_branch(struct key *key, const bool bit)
{
	asm goto("7: b %l[taken]\n" JUMP_ENTRY : : "i"(&((char *)key)[bit]) : : taken);
	return false;
taken:
	return true;
}
/* Keys that begin false, and set_key, which begins true. */
#define KEY_UNLIKELY(key) unlikely(site_nop(&(key), false))
#define KEY_LIKELY(key) likely(!site_branch(&(key), true))
#define SET_KEY_LIKELY() likely(!site_nop(&set_key, true))
#define SET_KEY_UNLIKELY() unlikely(site_branch(&set_key, false))
#else
#define KEY_COUNT(key) (*(const volatile int *)&(key).enabled)
#define KEY_UNLIKELY(key) unlikely(KEY_COUNT(key) > 0)
#define KEY_LIKELY(key) likely(KEY_COUNT(key) > 0)
#define SET_KEY_LIKELY() KEY_LIKELY(set_key)
#define SET_KEY_UNLIKELY() KEY_UNLIKELY(set_key)
#endif

/* Capabilities. */
#define KEY_OF(n) KEY_UNLIKELY(cpu_hwcap_keys[n])
#define LIKELY_KEY_OF(n) KEY_LIKELY(cpu_hwcap_keys[n])
static ALWAYS_INLINE HYP bool cpus_have_cap(const unsigned n)
{
	return ((const volatile u64 *)cpu_hwcaps)[n / 64] >> (n % 64) & 1;
}
#define STOP()                                                                                        \
	do {                                                                                          \
		asm volatile("7: brk #0x800\n.pushsection __bug_table, \"aw\"\n.balign 4\n8: .long 7b - 8b\n" \
			     ".short 0\n.popsection\n");                                              \
		__builtin_unreachable();                                                              \
	} while (0)
static ALWAYS_INLINE HYP bool const_cap(const int n)
{
	if (KEY_LIKELY(arm64_const_caps_ready))
		return KEY_OF(n);
	return cpus_have_cap(n);
}
static ALWAYS_INLINE HYP bool final_cap(const int n)
{
	if (KEY_LIKELY(arm64_const_caps_ready))
		return KEY_OF(n);
	STOP();
}
#if GENERATION == 58
#define cap(n) final_cap(n)
#else
#define cap(n) const_cap(n)
#endif
static ALWAYS_INLINE HYP bool has_vhe(void)
{
	if (cap(VHE))
		return true;
	return false;
}

/* Alternatives. */
#if GENERATION == 416 || defined(REPLACEMENT_SECTION)
#define ALT_BEGIN ".pushsection .altinstr_replacement, \"a\"\n"
#define ALT_END ".popsection\n"
#else
#define ALT_BEGIN ".subsection 1\n"
#define ALT_END ".previous\n"
#endif
#define ALT_ENTRY(replacement, n)                                                                      \
	".pushsection .altinstructions, \"a\"\n.long 771b - ., " replacement " - .\n.short " WORD(n)   \
	"\n.byte 772b - 771b, 774f - 773f\n.popsection\n"
#define ALTERNATIVE(old, new, n)                                                                       \
	"771: " old "\n772:\n" ALT_ENTRY("773f", n) ALT_BEGIN "773: " new "\n774:\n" ALT_END
#define ALTERNATIVE_CALLBACK(old, callback)                                                            \
	"771: " old "\n772:\n" ALT_ENTRY(callback, 96) "773:\n774:\n"

/* One instruction or the other; a value, 0 without capability n. */
#define alt_value(n)                                                                                   \
	({                                                                                             \
		u64 value_;                                                                            \
		asm volatile(ALTERNATIVE("mov %0, #0", "mov %0, #1", n) : "=r"(value_));               \
		value_;                                                                                \
	})
/* v without capability n, w with it. */
#define alt_choose(n, v, w)                                                                            \
	({                                                                                             \
		u64 value_ = (u64)(v);                                                                 \
		asm volatile(ALTERNATIVE("nop", "mov %0, %1", n) : "+r"(value_) : "r"((u64)(w)));      \
		value_;                                                                                \
	})
/* Two instructions, as 4.16 masks a kernel address; here the masks keep all of it. */
#define alt_mask(v)                                                                                    \
	({                                                                                             \
		u64 value_ = (u64)(v);                                                                 \
		asm volatile(ALTERNATIVE("and %0, %0, #0xffffffffffff", "nop", 11) "\n"                \
			     ALTERNATIVE("nop", "and %0, %0, #0x7fffffffffff", 2) : "+r"(value_));     \
		value_;                                                                                \
	})
static ALWAYS_INLINE HYP bool alt_branch_unlikely(const int n)
{
	asm goto(ALTERNATIVE("nop", "b %l[taken]", %c0) : : "i"(n) : : taken);
	return false;
taken:
	return true;
}
static ALWAYS_INLINE HYP bool alt_branch_likely(const int n)
{
	asm goto(ALTERNATIVE("b %l[taken]", "nop", %c0) : : "i"(n) : : taken);
	return true;
taken:
	return false;
}
#define ALT_GOTO(n, label) asm goto(ALTERNATIVE("nop", "b %l[" #label "]", n) : : : : label)
/* Calls one function without capability n, another with it. */
#define ALT_CALL(n, without, with)                                                                     \
	asm volatile(ALTERNATIVE("bl " without, "bl " with, n) : : : "x0", "x1", "x2", "x3", "x4",     \
		     "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16",    \
		     "x17", "x30", "cc", "memory")
#define CALLBACK(v)                                                                                    \
	({                                                                                             \
		u64 value_ = (u64)(v);                                                                 \
		asm volatile(ALTERNATIVE_CALLBACK("and %0, %0, #1\nror %0, %0, #1\nadd %0, %0, #0\n"   \
						  "add %0, %0, #0, lsl #12\nror %0, %0, #63",          \
						  "kvm_update_va_mask") : "+r"(value_));               \
		value_;                                                                                \
	})

/* A nop that is written as data, as old assemblers need it for what they do not know. */
#define WORD_NOP() asm volatile(".long 0xd503201f" : : : "memory")
#define ADD_TO(word, x) __atomic_fetch_add(&(word), (x), __ATOMIC_RELAXED)

/* What programs hand about. A context's words `x` and `y` may be overwritten by hyp_scribble(). */
struct context;
typedef u64 (*function)(u64, u64, u64 *, struct context *);
struct pair {
	u64 first, second;
};
/* Too big for registers: returned through x8. */
struct wide {
	u64 first, second, third;
};
struct context {
	u64 x, y;
	u32 w;
	bool flag;
	u8 kind;
	u8 bit : 1, bits : 3;
	function call;
};
/* A getter that returns one function without VHE and another with it. */
#define SELECT(name, without, with)                                                                    \
	static HYP function name(void)                                                                 \
	{                                                                                              \
		function value_ = without;                                                             \
		asm volatile(ALTERNATIVE("nop", "mov %0, %1", 11) : "+r"(value_) : "r"((function)with)); \
		return value_;                                                                         \
	}

/* Hyp code of which the compiler knows nothing; see driver.c. */
extern u64 hyp_random(u64 x);
extern void hyp_scribble(void *two_words);
extern void hyp_use(u64 x);
/* The same as hyp_use(y), through a pointer that comes from the host. */
#define CALL_UNKNOWN(p, x, y) ((void (*)(u64, u64))(p)[31])((x), (y))

/* And one that calls f as a program's function. */
#define CALL_UNKNOWN_WITH(p, x, f)                                                                     \
	((u64 (*)(u64, function, u64 *, struct context *))(p)[30])((x), (f), (p), c)

/* has_vhe(), out of line. */
static NEVER_INLINE HYP bool vhe_out_of_line(void)
{
	return has_vhe();
}
static NEVER_INLINE HYP bool vhe_or(u64 x)
{
	return has_vhe() || x;
}
