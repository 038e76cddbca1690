/* SPDX-License-Identifier: GPL-2.0-only OR MIT
 *
 * Runs the programs of one object in user mode: for each world that standard
 * input describes it writes the patched words, calls every program with random
 * inputs, and at the end prints what was reached:
 *
 *   S sink world program run     a host function was called
 *   D datum world program run    host data was read, written, or its address used
 *   C offset sink                the `bl` at this offset of .hyp.text called it
 *   E                            all was run
 *
 * The same object is linked into what hypcheck is given, as the host, so that
 * both see the same code. What is hyp code here is opaque: it takes all it
 * knows from where tpidr_el0 points.
 */
typedef unsigned long u64;
typedef unsigned int u32;

#define CAPS 96
#define SINKS 4096
#define DATA 1024
#define LOG 64
#define TEXT_WORDS (1 << 18)

struct key {
	int enabled;
#if JUMPS
	void *entries;
#endif
};
struct key cpu_hwcap_keys[CAPS], arm64_const_caps_ready, plain_key;
struct key set_key __attribute__((section(".data..ro_after_init"))) = { .enabled = 1 };
u64 cpu_hwcaps[2];
u64 __stack_chk_guard = 0x5ca1ab1e;

typedef u64 program(u64 a, u64 b, u64 *p);
/* Of the object's own sinks, made with it. */
extern program *const programs[];
/* Far apart, in address and content, so that arithmetic does not lead from one to the next. */
struct datum {
	u64 words[2];
	char rest[0x520];
};
extern struct datum host_data[], host_data_end[];
extern const u64 host_data_magic;
extern const u32 hyp_text_start[], hyp_text_end[];

/* What hyp code finds at tpidr_el0; its asm below knows the offsets. */
static struct {
	u64 random;
	u64 logged;
	u64 log[LOG];
} state;

struct reached {
	u32 world, program, run;
	u32 is_reached;
};
static struct reached sinks[SINKS], data[DATA];
/* Large ones last: code of the tiny model reaches 1 MiB. */
#define LARGE __attribute__((section(".bss.large")))
LARGE static u32 callers[TEXT_WORDS];
static struct reached now;
LARGE static u64 input[1 << 20];
static u64 memory[64];
static u64 shadow_stack[512];

static long call(long number, long a, long b, long c)
{
	register long x8 asm("x8") = number, x0 asm("x0") = a, x1 asm("x1") = b, x2 asm("x2") = c;
	asm volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
static void leave(int status)
{
	for (;;)
		call(93, status, 0, 0);
}

static char output[1 << 16];
static u64 filled;
static void flush(void)
{
	for (u64 done = 0; done < filled;) {
		long n = call(64, 1, (long)(output + done), filled - done);
		if (n <= 0)
			leave(3);
		done += n;
	}
	filled = 0;
}
static void print(u64 n)
{
	char digits[20];
	int count = 0;
	do
		digits[count++] = '0' + n % 10;
	while (n /= 10);
	while (count)
		output[filled++] = digits[--count];
}
static void line(char kind, const u64 *numbers, int count)
{
	if (filled > sizeof(output) - 200)
		flush();
	output[filled++] = kind;
	for (int i = 0; i < count; i++) {
		output[filled++] = ' ';
		print(numbers[i]);
	}
	output[filled++] = '\n';
}

static u64 next_random(void)
{
	u64 x = state.random;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return state.random = x;
}
/* Small numbers, single bits and anything. */
static u64 value(void)
{
	u64 x = next_random(), kind = x >> 60;
	if (kind < 4)
		return x >> 8 & 1;
	if (kind < 9)
		return x >> 8 & 7;
	if (kind < 11)
		return 1UL << (x >> 8 & 63);
	return kind < 13 ? x >> 8 & 15 : x;
}

static void mark(struct reached *what)
{
	if (what->is_reached)
		return;
	*what = now;
	what->is_reached = 1;
}
/* A sink was called; `after` is where it returns to. */
__attribute__((used)) static void reach(u64 sink, const u32 *after)
{
	extern const u32 *const host_functions[];
	const u32 *site = after - 1;
	mark(&sinks[sink]);
	if (site < hyp_text_start || site >= hyp_text_end || *site >> 26 != 0x25)
		return;
	if (site + ((int)(*site << 6) >> 6) == host_functions[sink])
		callers[site - hyp_text_start] = sink + 1;
}

/* Which datum an address, or a magic number, belongs to; `count` or more for none. */
static u64 datum_at(u64 x, u64 first)
{
	u64 offset = x - first;
	return offset % sizeof(struct datum) ? -1UL : offset / sizeof(struct datum);
}
/* After a program has returned: which data it used. */
static void look_at_data(void)
{
	u64 count = host_data_end - host_data;
	for (u64 i = 0; i < count; i++) {
		u64 *words = host_data[i].words, magic = host_data_magic + i * sizeof(struct datum);
		if (words[0] != magic || words[1])
			mark(&data[i]);
		words[0] = magic;
		words[1] = 0;
	}
	for (u64 k = 0; k < state.logged && k < LOG; k++) {
		u64 read = datum_at(state.log[k], host_data_magic), used = datum_at(state.log[k], (u64)host_data);
		if (read < count)
			mark(&data[read]);
		if (used < count)
			mark(&data[used]);
	}
	state.logged = 0;
}

extern u64 enter(program *f, u64 a, u64 b, u64 *p, u64 *shadow);
extern void hyp_unknown(u64 x, u64 y), hyp_unknown_with(u64 x, void *f);

__attribute__((used)) static void run(void)
{
	u64 size = 0;
	for (;;) {
		long n = call(63, 0, (long)input + size, sizeof(input) - size);
		if (n < 0)
			leave(2);
		if (!n)
			break;
		size += n;
	}
	asm volatile("msr tpidr_el0, %0" : : "r"(&state));
	const u64 *in = input;
	u64 worlds = *in++, runs = *in++;
	for (u64 world = 0; world < worlds; world++) {
		state.random = *in++;
		u64 writes = *in++;
		for (; writes; writes--, in += 2) {
			*(volatile u32 *)in[0] = in[1];
			asm volatile("dc cvau, %0\ndsb ish\nic ivau, %0\ndsb ish\nisb" : : "r"(in[0]) : "memory");
		}
		for (u64 f = 0; programs[f]; f++)
			for (u64 i = 0; i < runs; i++) {
				now = (struct reached){ world, f, i };
				for (int k = 0; k < 64; k++)
					memory[k] = value();
				memory[30] = (u64)hyp_unknown_with;
				memory[31] = (u64)hyp_unknown;
				enter(programs[f], value(), value(), memory, shadow_stack);
				look_at_data();
			}
	}
	for (u64 i = 0; i < SINKS; i++)
		if (sinks[i].is_reached)
			line('S', (u64[]){ i, sinks[i].world, sinks[i].program, sinks[i].run }, 4);
	for (u64 i = 0; i < DATA; i++)
		if (data[i].is_reached)
			line('D', (u64[]){ i, data[i].world, data[i].program, data[i].run }, 4);
	for (u64 i = 0; i < TEXT_WORDS; i++)
		if (callers[i])
			line('C', (u64[]){ i * 4, callers[i] - 1 }, 2);
	line('E', 0, 0);
	flush();
	leave(0);
}

/* Next random number into xN; x9 is the state. */
asm(".macro random to\n"
    "ldr \\to, [x9]\n"
    "eor \\to, \\to, \\to, lsl #13\n"
    "eor \\to, \\to, \\to, lsr #7\n"
    "eor \\to, \\to, \\to, lsl #17\n"
    "str \\to, [x9]\n"
    ".endm\n"
    /* The same, mostly small; spoils x10 and the flags. */
    ".macro small to\n"
    "random \\to\n"
    "and x10, \\to, #7\n"
    "tst \\to, #0x100000000\n"
    "csel \\to, x10, \\to, ne\n"
    "and x10, \\to, #1\n"
    "tst \\to, #0x200000000\n"
    "csel \\to, x10, \\to, ne\n"
    ".endm\n"
    ".macro define name\n"
    ".global \\name\n"
    ".type \\name, %function\n"
    "\\name:\n"
    ".endm\n"
    ".macro finish name\n"
    "ret\n"
    ".size \\name, . - \\name\n"
    ".endm\n"
    ".macro log what\n"
    "ldr x11, [x9, #8]\n"
    "add x10, x11, #1\n"
    "str x10, [x9, #8]\n"
    "and x11, x11, #63\n"
    "add x11, x9, x11, lsl #3\n"
    "str \\what, [x11, #16]\n"
    ".endm\n"
    ".pushsection .hyp.text, \"ax\"\n"
    ".balign 4\n"
    "define hyp_random\n"
    "mrs x9, tpidr_el0\n"
    "small x0\n"
    "finish hyp_random\n"
    "define hyp_scribble\n"
    "mrs x9, tpidr_el0\n"
    "small x11\n"
    "small x12\n"
    "stp x11, x12, [x0]\n"
    "finish hyp_scribble\n"
    "define hyp_use\n"
    "mrs x9, tpidr_el0\n"
    "log x0\n"
    "finish hyp_use\n"
    "define hyp_unknown\n"
    "mrs x9, tpidr_el0\n"
    "log x0\n"
    "log x1\n"
    "small x0\n"
    "small x1\n"
    "finish hyp_unknown\n"
    "define hyp_unknown_with\n"
    "mrs x9, tpidr_el0\n"
    "log x0\n"
    "mov x16, x1\n"
    "small x1\n"
    "br x16\n"
    "finish hyp_unknown_with\n"
    ".popsection\n"
    ".text\n"
    "define _start\n"
    "bl run\n"
    "finish _start\n"
    "define __stack_chk_fail\n"
    "brk #1\n"
    "finish __stack_chk_fail\n"
    "define kvm_update_va_mask\n"
    "finish kvm_update_va_mask\n"
    /* What -pg and -fsanitize-coverage call. */
    "define _mcount\n"
    "finish _mcount\n"
    "define __sanitizer_cov_trace_pc\n"
    "finish __sanitizer_cov_trace_pc\n"
    /* Calls a program with all registers random. */
    "define enter\n"
    "stp x29, x30, [sp, #-112]!\n"
    "stp x19, x20, [sp, #16]\n"
    "stp x21, x22, [sp, #32]\n"
    "stp x23, x24, [sp, #48]\n"
    "stp x25, x26, [sp, #64]\n"
    "stp x27, x28, [sp, #80]\n"
    "str x18, [sp, #96]\n"
    "mov x16, x0\n"
    "mov x0, x1\n"
    "mov x1, x2\n"
    "mov x2, x3\n"
    "mov x18, x4\n"
    "mrs x9, tpidr_el0\n"
    ".irp n, 3,4,5,6,7,8,11,12,13,14,15,17,19,20,21,22,23,24,25,26,27,28\n"
    "small x\\n\n"
    ".endr\n"
    "msr nzcv, x3\n"
    "blr x16\n"
    "ldr x18, [sp, #96]\n"
    "ldp x19, x20, [sp, #16]\n"
    "ldp x21, x22, [sp, #32]\n"
    "ldp x23, x24, [sp, #48]\n"
    "ldp x25, x26, [sp, #64]\n"
    "ldp x27, x28, [sp, #80]\n"
    "ldp x29, x30, [sp], #112\n"
    "finish enter\n"
    /* Where every sink goes on, its number in w16: keeps what a callee keeps. */
    "define host_function\n"
    "stp x29, x30, [sp, #-16]!\n"
    "mov x0, x16\n"
    "mov x1, x30\n"
    "bl reach\n"
    "mrs x9, tpidr_el0\n"
    ".irp n, 0,1,2,3,4,5,6,7,8,11,12,13,14,15,16,17\n"
    "small x\\n\n"
    ".endr\n"
    "msr nzcv, x3\n"
    "ldp x29, x30, [sp], #16\n"
    "finish host_function\n");
