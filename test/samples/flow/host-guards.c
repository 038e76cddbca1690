// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Guards of the host that stand two and more callers above the call of hyp code.
 * A function counts as entered if somebody may enter it who is not seen.
 */
#include "../include/caps.h"

DEFINE_CAPS;

HOST void host_call(u64 number)
{
	asm volatile("" : : "r" (number));
}

#define HYP(name) static __opaque __hyp_text void hyp_##name(u64 value)
#define CALLS(name) OUT_OF_LINE void calls_##name(u64 value)
/* What is compiled is a call, no branch, so that the functions differ. */
#define END asm volatile("")

HYP(guarded)
{
	host_call(value + 1);			/* VHE hyp-call 'host_call' */
	END;
}
CALLS(guarded) { hyp_guarded(value); END; }

HYP(guarded_above)
{
	host_call(value + 2);			/* VHE hyp-call 'host_call' */
	END;
}
CALLS(guarded_above) { hyp_guarded_above(value); END; }
CALLS(calls_guarded_above) { calls_guarded_above(value); END; }
CALLS(calls_calls_guarded_above) { calls_calls_guarded_above(value); END; }

HYP(tail_called)
{
	host_call(value + 3);			/* VHE hyp-call 'host_call' */
	END;
}
CALLS(tail_called) { hyp_tail_called(value + 3); }
CALLS(calls_tail_called) { calls_tail_called(value + 4); }

HYP(one_is_plain)
{
	host_call(value + 4);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(one_is_plain) { hyp_one_is_plain(value); END; }
CALLS(calls_one_is_plain) { calls_one_is_plain(value); END; }

HYP(wrong_side)
{
	host_call(value + 5);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(wrong_side) { hyp_wrong_side(value); END; }

HYP(pointed_at)
{
	host_call(value + 6);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(pointed_at) { hyp_pointed_at(value); END; }

HYP(taken)
{
	host_call(value + 7);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(taken) { hyp_taken(value); END; }

HYP(exported)
{
	host_call(value + 8);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(exported) { hyp_exported(value); END; }

HYP(of_other_objects)
{
	host_call(value + 9);			/* WARN hyp-call 'host_call' */
	END;
}
HOST void calls_of_other_objects(u64 value) { hyp_of_other_objects(value); END; }

HYP(handed_out)
{
	host_call(value + 10);			/* VHE hyp-call 'host_call' */
	END;
}

HYP(handed_to_all)
{
	host_call(value + 11);			/* WARN hyp-call 'host_call' */
	END;
}

OUT_OF_LINE void hands_out(void (**slot)(u64)) { *slot = hyp_handed_out; END; }
OUT_OF_LINE void hands_to_all(void (**slot)(u64)) { *slot = hyp_handed_to_all; END; }

HYP(at_boot)
{
	host_call(value + 12);			/* WARN hyp-call 'host_call' */
	END;
}
CALLS(at_boot) { hyp_at_boot(value); END; }

static void (*const operations[])(u64) __used = { calls_pointed_at };
asm(".pushsection ___ksymtab_gpl+calls_exported, \"a\"\n.balign 4\n.long calls_exported - .\n.popsection");
static void (*const initcall)(u64) __attribute__((used, section(".initcall6.init"))) = calls_at_boot;

HOST void *run(u64 value, void (**slot)(u64))
{
	if (has_vhe()) {
		calls_guarded(value);
		calls_calls_calls_guarded_above(value);
		calls_calls_tail_called(value);
		calls_one_is_plain(value);
		calls_pointed_at(value);
		calls_taken(value);
		calls_exported(value);
		calls_of_other_objects(value);
		calls_at_boot(value);
		hands_out(slot);
	} else {
		calls_wrong_side(value);
	}
	calls_calls_one_is_plain(value);
	hands_to_all(slot);
	return calls_taken;
}
