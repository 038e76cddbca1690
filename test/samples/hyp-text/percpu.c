// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Percpu variables. EL2 maps two of them, and only this processor's copy:
 * link address plus tpidr_el2. The link address itself is a template in init
 * memory, so even a sanctioned variable must not be loaded there.
 */
#include "../include/hyp.h"

u64 kvm_host_cpu_state __percpu_data;
u64 kvm_host_data __percpu_data;
u64 host_counter __percpu_data;
u64 ssbd_callback __in(".data..percpu..read_mostly");

__hyp_text u64 reads_host_state(void)
{
	return *hyp_this_cpu_ptr(kvm_host_cpu_state) + 1;
}
HYP_ENTRY(reads_host_state);

__hyp_text void writes_host_data(u64 value)
{
	*hyp_this_cpu_ptr(kvm_host_data) = value;
}
HYP_ENTRY(writes_host_data);

__hyp_text u64 reads_counter(void)
{
	return *hyp_this_cpu_ptr(host_counter) + 1;	/* WARN hyp-data 'host_counter' */
}
HYP_ENTRY(reads_counter);

__hyp_text u64 reads_callback(void)
{
	return *hyp_this_cpu_ptr(ssbd_callback) + 1;	/* WARN hyp-data 'ssbd_callback' */
}
HYP_ENTRY(reads_callback);

__hyp_text u64 loads_the_template(void)
{
	return *(volatile u64 *)&kvm_host_data + 1;	/* WARN hyp-data 'kvm_host_data' */
}
HYP_ENTRY(loads_the_template);

__hyp_text void stores_the_template(u64 value)
{
	*(volatile u64 *)&host_counter = value;		/* WARN hyp-data 'host_counter' */
}
HYP_ENTRY(stores_the_template);
