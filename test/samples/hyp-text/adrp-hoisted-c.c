// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * As a compiler hoists it: the page of a variable is formed before the loop and
 * completed in it.
 */
#include "../include/hyp.h"

u64 stop_flag = 1;
u64 go_flag;

__opaque __hyp_text void work(u64 step)
{
	asm volatile("" : : "r" (step));
}

__hyp_text u64 loops_on_data(u64 step)
{
	while (*(volatile u64 *)&stop_flag)		/* WARN hyp-data 'stop_flag' */
		work(step++);
	return step;
}
HYP_ENTRY(loops_on_data);

__hyp_text u64 loops_on_bss(u64 step)
{
	while (*(volatile u64 *)&go_flag)
		work(step++);
	return step;
}
HYP_ENTRY(loops_on_bss);
