// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The bug this program exists for: a helper declared `static inline` that the
 * compiler emitted out of line, in .text. It is called directly, and from a
 * helper that was itself inlined two levels deep, so that the place is a line
 * of the inner helper and the chain leads to the hyp function.
 * Fine: a helper that is always inlined, one that is hyp text itself.
 */
#include "../include/hyp.h"

struct vcpu {
	u64 esr;
	u64 hpfar;
	u64 far;
};

OUT_OF_LINE u64 vcpu_esr(const struct vcpu *vcpu)
{
	return vcpu->esr;
}

static __inline_always u64 vcpu_fault(const struct vcpu *vcpu)
{
	return vcpu->hpfar << 8;
}

OUT_OF_LINE __hyp_text u64 vcpu_far(const struct vcpu *vcpu)
{
	return vcpu->far;
}

static __inline_always bool vcpu_is_valid(const struct vcpu *vcpu)
{
	return vcpu_esr(vcpu) & (1 << 24);		/* WARN hyp-call 'vcpu_esr' */
}

static __inline_always u64 vcpu_register(const struct vcpu *vcpu)
{
	if (!vcpu_is_valid(vcpu))
		return 0;
	return vcpu_fault(vcpu) + 1;
}

__hyp_text u64 calls_directly(const struct vcpu *vcpu)
{
	u64 esr = vcpu_esr(vcpu);			/* WARN hyp-call 'vcpu_esr' */

	return esr >> 26;
}
HYP_ENTRY(calls_directly);

__hyp_text u64 calls_through_inlines(const struct vcpu *vcpu)
{
	return vcpu_register(vcpu) + 2;
}
HYP_ENTRY(calls_through_inlines);

__hyp_text u64 inlines_everything(const struct vcpu *vcpu)
{
	return vcpu_fault(vcpu) + 3;
}
HYP_ENTRY(inlines_everything);

__hyp_text u64 calls_hyp_text(const struct vcpu *vcpu)
{
	return vcpu_far(vcpu) + 4;
}
HYP_ENTRY(calls_hyp_text);

/* Host code may call what it likes, hyp text included. */
HOST u64 host_caller(const struct vcpu *vcpu)
{
	return vcpu_esr(vcpu) + calls_hyp_text(vcpu);
}
