/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the samples of the separate nVHE link need besides hyp.h. Hyp code is
 * compiled as ordinary code there, and its symbols get a prefix afterwards:
 * an undefined `x` in it becomes `__kvm_nvhe_x`, which an alias may define.
 */
#ifndef SAMPLES_NVHE_H
#define SAMPLES_NVHE_H

#include "hyp.h"

#define HYP			__opaque __used
#define __idmap			__in(".idmap.text")

/* The hyp symbol as host code names it. */
#define nvhe_symbol(name)	__kvm_nvhe_##name

#define READ(variable)		(*(const volatile __typeof__(variable) *)&(variable))
#define WRITE(variable, value)	(*(volatile __typeof__(variable) *)&(variable) = (value))

#endif
