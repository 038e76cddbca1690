// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * OPTIONS --whole --vhe-cap=11
 * Hyp code that uses the helpers of shapes.h.
 */
#include "shapes.h"

DEFINE_CAPS;

__hyp_text u64 uses_shapes(u64 value)
{
	value = behind_assembly(value);
	value = latin_1(value);
	value += (u64)returns_function(value);
	value = in_parentheses(value);
	value = another_name(value);
	value = named_by_macro(value);
	value = words_by_macro(value);
	return both_branches(value);
}
HYP_ENTRY(uses_shapes);

__hyp_text u64 uses_vhe_inside(u64 value)
{
	value = asks_vhe(value);
	mark(12);
	return value + 1;
}
HYP_ENTRY(uses_vhe_inside);

__hyp_text void uses_shared(struct vcpu *vcpu)
{
	mark(17);
	if (has_vhe())
		shares_with_vhe(vcpu);
	else
		shares_without_vhe(vcpu);
	mark(18);
}
HYP_ENTRY(uses_shared);

__hyp_text u64 uses_fault(struct vcpu *vcpu)
{
	u64 fault = reads_fault(vcpu);

	mark(20);
	return fault + 1;
}
HYP_ENTRY(uses_fault);
