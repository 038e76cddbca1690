// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Hyp code that uses the helpers of helpers.h. As it is built normally, all of
 * them are inlined and nothing is wrong; with -fno-inline none is.
 */
#include "helpers.h"

DEFINE_CAPS;

/* No word on inlining at all: inlined because it is called once. */
static u64 called_once(u64 value)
{
	mark(50);
	return value + 50;
}

__hyp_text u64 uses_styles(u64 value)
{
	value = plain(value);
	value = inline_first(value);
	value = gnu_long_word(value);
	value = gnu_short_word(value);
	value = name_below(value);
	value = type_above(value);
	value = a_word_a_line(value);
	value = attribute_between(value);
	value = attribute_before(value);
	value = macro_attributes(value);
	return commented(value);
}
HYP_ENTRY(uses_styles);

__hyp_text u64 uses_more_styles(struct vcpu *vcpu, u64 value)
{
	value += *pointer_result(vcpu, 2);
	value += struct_result(value).second;
	value = type_before(value);
	value = announced(value);
	value = announced_plainly(value);
	value = word_of_subsystem(value);
	value = function_parameter(0, value);
	value = two_branches(value);
	value = tabs_everywhere(value);
	return not_ascii(value);
}
HYP_ENTRY(uses_more_styles);

__hyp_text u64 uses_chains(u64 value)
{
	value = plain(value);
	value = outermost(value);
	return always(value);
}
HYP_ENTRY(uses_chains);

__hyp_text u64 uses_what_is_safe(u64 value)
{
	value = always_by_word(value);
	value = always_by_attribute(value);
	value = always_announced(value);
	value = always_by_macro(value);
	value = hyp_helper(value);
	value = hyp_by_word(value);
	value = hyp_by_section(value);
	return hyp_by_macro(value);
}
HYP_ENTRY(uses_what_is_safe);

__hyp_text u64 uses_vhe(u64 value)
{
	mark(51);
	if (has_vhe()) {
		value = vhe_helper(value);
		value = either_way(value);
	}
	value = either_way(value);
	return called_once(value);
}
HYP_ENTRY(uses_vhe);

__hyp_text u64 uses_the_rest(struct vcpu *vcpu, u64 value)
{
	mark(52);
	value += takes_apart(vcpu, 1);
	return value + vcpu->registers[constant()];
}
HYP_ENTRY(uses_the_rest);

HOST u64 host_code(u64 value)
{
	return host_helper(plain(value));
}
