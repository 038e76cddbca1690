// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * tlb-switch.c without the guards in front of the helpers for VHE.
 */
#include "../include/caps.h"

DEFINE_CAPS;

struct guest {
	u64 vttbr;
};

struct tlb_state {
	u64 daif;
	u64 tcr;
};

HOST void trace_irqs_off(void)
{
	asm volatile("");
}

HOST void trace_irqs_on(void)
{
	asm volatile("");
}

static __inline_always u64 irqs_save(void)
{
	u64 daif;

	asm volatile("mrs %0, daif\n\tmsr daifset, #2" : "=r" (daif) : : "memory");
	trace_irqs_off();				/* WARN hyp-call 'trace_irqs_off' */
	return daif;
}

static __inline_always void irqs_restore(u64 daif)
{
	if (daif & 128) {
		trace_irqs_off();			/* WARN hyp-call 'trace_irqs_off' */
		asm volatile("msr daif, %0" : : "r" (daif) : "memory");
	} else {
		trace_irqs_on();			/* WARN hyp-call 'trace_irqs_on' */
		asm volatile("msr daif, %0" : : "r" (daif) : "memory");
	}
}

static __hyp_text void switch_to_guest_vhe(const struct guest *guest, struct tlb_state *state)
{
	u64 hcr;

	state->daif = irqs_save();
	asm volatile("msr vttbr_el2, %0" : : "r" (guest->vttbr));
	asm volatile("mrs %0, hcr_el2" : "=r" (hcr));
	asm volatile("msr hcr_el2, %0\n\tisb" : : "r" (hcr & ~(1ul << 27)));
}

static __hyp_text void switch_to_guest_nvhe(const struct guest *guest, struct tlb_state *state)
{
	if (has_other()) {
		asm volatile("mrs %0, tcr_el1" : "=r" (state->tcr));
		asm volatile("msr tcr_el1, %0\n\tisb" : : "r" (state->tcr | 128));
	}
	asm volatile("msr vttbr_el2, %0\n\tisb" : : "r" (guest->vttbr));
}

static __hyp_text void switch_to_guest(const struct guest *guest, struct tlb_state *state)
{
	switch_to_guest_vhe(guest, state);
	if (!has_vhe())
		switch_to_guest_nvhe(guest, state);
}

static __hyp_text void switch_to_host_vhe(struct tlb_state *state)
{
	asm volatile("msr vttbr_el2, xzr\n\tisb");
	irqs_restore(state->daif);
}

static __hyp_text void switch_to_host_nvhe(struct tlb_state *state)
{
	asm volatile("msr vttbr_el2, xzr");
	if (has_other())
		asm volatile("msr tcr_el1, %0\n\tisb" : : "r" (state->tcr));
}

static __hyp_text void switch_to_host(struct tlb_state *state)
{
	switch_to_host_vhe(state);
	if (!has_vhe())
		switch_to_host_nvhe(state);
}

__hyp_text void flush_address(const struct guest *guest, u64 address)
{
	struct tlb_state state = { 0, 0 };

	switch_to_guest(guest, &state);
	asm volatile("tlbi ipas2e1is, %0\n\tdsb ish\n\ttlbi vmalle1is" : : "r" (address >> 12));
	if (!has_vhe())
		asm volatile("ic ialluis");
	switch_to_host(&state);
}
HYP_ENTRY(flush_address);

__hyp_text void flush_guest(const struct guest *guest)
{
	struct tlb_state state = { 0, 0 };

	switch_to_guest(guest, &state);
	asm volatile("tlbi vmalls12e1is\n\tdsb ish");
	switch_to_host(&state);
}
HYP_ENTRY(flush_guest);

__hyp_text void flush_local(const struct guest *guest)
{
	struct tlb_state state = { 0, 0 };

	switch_to_guest(guest, &state);
	asm volatile("tlbi vmalle1\n\tdsb nsh");
	switch_to_host(&state);
}
HYP_ENTRY(flush_local);
