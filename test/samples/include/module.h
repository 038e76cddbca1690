/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the samples of pKVM modules need: tracing as Android 16 has it, in a few
 * lines. An event's number and the address of its switch stand in
 * .hyp.event_ids; a format's number is its distance from the first.
 */
#ifndef SAMPLES_MODULE_H
#define SAMPLES_MODULE_H

#include "nvhe.h"

struct event_id { unsigned short id; void *enabled; };

#define EVENT(name)								\
	int name##_enabled __ro_after_init;					\
	struct event_id name##_id __used __in(".hyp.event_ids." #name) = { 0, &name##_enabled }

extern char __hyp_printk_fmts_start[];

#define FORMAT(name, text) static char name[] __used __in(".hyp.printk_fmts") = text
#define format_number(name)							\
	((unsigned long)(name) - (unsigned long)__hyp_printk_fmts_start)

/* In the host's part: what makes it a module. */
#define MODULE char this_module[64] __used __in(".gnu.linkonce.this_module")

#endif
