// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Common kernel constructs that are wrong in nVHE code, one per row. The expected findings come from
// vmlinux.lds.S, hyp.lds.S, image-vars.h and the headers of 6.1. planted-bugs.ts has these already: an initialised
// variable (writable-variable), noinstr (noinstr-section), a write to __ro_after_init (store-hyp-rodata), a hyp
// per-CPU variable read at its link address (percpu-template). A host's static key through its alias and __cold are
// correct, and are near misses.

import { alias, type ExpectedFinding, nvhe, one, type PlantedBug } from './planted-bug.js';

const found = (
  id: string,
  file: string,
  finding: Omit<ExpectedFinding, 'marker' | 'inlined' | 'file'>,
): ExpectedFinding => one(id, { ...finding, file: `${nvhe}/${file}` });

export const plantedConstructs: readonly PlantedBug[] = [
  {
    id: 'pr-info',
    what: 'pr_info(): a macro that calls _printk()',
    edits: [
      {
        file: `${nvhe}/switch.c`,
        append: `#include <linux/printk.h>

void planted_tell(unsigned long what)
{
	pr_info("planted %lu\\n", what); /* planted: pr-info */
}
`,
      },
    ],
    expected: [
      found('pr-info', 'switch.c', {
        warning: 'hyp-call',
        target: '_printk',
        section: null,
        from: 'planted_tell',
      }),
    ],
  },
  {
    id: 'jiffies',
    what: 'jiffies, which no alias makes linkable',
    edits: [
      {
        file: `${nvhe}/timer-sr.c`,
        append: `#include <linux/jiffies.h>

void planted_now(unsigned long *now)
{
	*now = jiffies; /* planted: jiffies */
}
`,
      },
    ],
    expected: [
      found('jiffies', 'timer-sr.c', {
        warning: 'hyp-data',
        target: 'jiffies',
        section: null,
        from: 'planted_now',
      }),
    ],
  },
  {
    id: 'jiffies-aliased',
    what: 'jiffies through an alias: the linker script makes it jiffies_64, which lies in a part of .data',
    edits: [
      alias('jiffies'),
      {
        file: `${nvhe}/timer-sr.c`,
        append: `#include <linux/jiffies.h>

void planted_now(unsigned long *now)
{
	*now = jiffies; /* planted: jiffies-aliased */
}
`,
      },
    ],
    expected: [
      found('jiffies-aliased', 'timer-sr.c', {
        warning: 'hyp-data',
        target: 'jiffies_64',
        section: '.data..cacheline_aligned',
        from: 'planted_now',
      }),
    ],
  },
  {
    id: 'initialised-static',
    what: 'an initialised static variable',
    edits: [
      {
        file: `${nvhe}/psci-relay.c`,
        append: `static unsigned long planted_left = 8; /* planted: initialised-static */

unsigned long planted_take(void)
{
	return planted_left--;
}
`,
      },
    ],
    objects: ['vmlinux.o', `${nvhe}/kvm_nvhe.o`],
    expected: [
      found('initialised-static', 'psci-relay.c', {
        warning: 'hyp-section',
        target: 'planted_left',
        section: '.data',
        from: null,
      }),
    ],
  },
  {
    id: 'host-percpu',
    what: 'smp_processor_id(), which is a per-CPU variable of the host',
    edits: [
      {
        file: `${nvhe}/hyp-smp.c`,
        append: `#include <linux/smp.h>

unsigned int planted_cpu(void)
{
	return raw_smp_processor_id(); /* planted: host-percpu */
}
`,
      },
    ],
    expected: [
      found('host-percpu', 'hyp-smp.c', {
        warning: 'hyp-data',
        target: 'cpu_number',
        section: null,
        from: 'planted_cpu',
      }),
    ],
  },
  {
    id: 'init-helper',
    what: 'a helper marked __init: the host frees .init.text, and EL2 never maps it',
    edits: [
      {
        file: `${nvhe}/setup.c`,
        append: `#include <linux/init.h>

static noinline unsigned long __init planted_round(unsigned long size) /* planted: init-helper */
{
	return size | 4095;
}

unsigned long planted_size(unsigned long size)
{
	return planted_round(size);
}
`,
      },
    ],
    objects: ['vmlinux.o', `${nvhe}/kvm_nvhe.o`],
    expected: [
      found('init-helper', 'setup.c', {
        warning: 'hyp-section',
        target: 'planted_round',
        section: '.init.text',
        from: null,
      }),
    ],
  },
  {
    id: 'struct-of-host-pointers',
    what: 'a const structure with the addresses of a host function and of a host variable',
    edits: [
      alias('loops_per_jiffy'),
      {
        file: `${nvhe}/sys_regs.c`,
        append: `void nvhe_hyp_panic_handler(void);
extern unsigned long loops_per_jiffy;

const struct { void (*panic)(void); unsigned long *loops; } planted_host = { /* planted: struct-of-host-pointers */
	.panic = nvhe_hyp_panic_handler,
	.loops = &loops_per_jiffy,
};
`,
      },
    ],
    expected: (
      [
        ['nvhe_hyp_panic_handler', '.text.unlikely'],
        ['loops_per_jiffy', '.data'],
      ] as const
    ).map(([target, section]) =>
      found('struct-of-host-pointers', 'sys_regs.c', {
        warning: 'hyp-absolute',
        target,
        section,
        from: 'planted_host',
      }),
    ),
  },
  {
    id: 'cpumask-weight',
    what: 'cpumask_weight(): through two inlined helpers it calls a function of lib/bitmap.c and reads nr_cpu_ids',
    edits: [
      {
        file: `${nvhe}/hyp-smp.c`,
        append: `#include <linux/cpumask.h>

unsigned int planted_count(const struct cpumask *mask)
{
	return cpumask_weight(mask);
}
`,
      },
    ],
    expected: [
      {
        warning: 'hyp-call',
        file: 'include/linux/bitmap.h',
        marker: 'return __bitmap_weight(src, nbits);',
        target: '__bitmap_weight',
        section: null,
        from: 'planted_count',
        inlined: true,
      },
      {
        warning: 'hyp-data',
        file: 'include/linux/bitmap.h',
        marker: 'return __bitmap_weight(src, nbits);',
        target: 'nr_cpu_ids',
        section: null,
        from: 'planted_count',
        inlined: true,
      },
    ],
  },
  {
    id: 'strlen',
    what: 'strlen(), of which nVHE code has no copy',
    edits: [
      {
        file: `${nvhe}/stacktrace.c`,
        append: `#include <linux/string.h>

unsigned long planted_length(const char *text)
{
	return strlen(text) + 1; /* planted: strlen */
}
`,
      },
    ],
    seesEdits: true,
    expected: [
      found('strlen', 'stacktrace.c', {
        warning: 'hyp-call',
        target: 'strlen',
        section: null,
        from: 'planted_length',
      }),
    ],
  },
  {
    id: 'memcmp',
    what: 'memcmp() in the source: not instrumentation, though compilers also emit calls to it',
    edits: [
      {
        file: `${nvhe}/stacktrace.c`,
        append: `#include <linux/string.h>

bool planted_same(const void *one, const void *other, unsigned long size)
{
	return memcmp(one, other, size) == 0; /* planted: memcmp */
}
`,
      },
    ],
    seesEdits: true,
    expected: [
      found('memcmp', 'stacktrace.c', {
        warning: 'hyp-call',
        target: 'memcmp',
        section: null,
        from: 'planted_same',
      }),
    ],
  },
  {
    id: 'static-key',
    what: 'a static key in nVHE code, initially true: unpatched code reads it from .data, which is not mapped',
    edits: [
      {
        file: `${nvhe}/tlb.c`,
        append: `#include <linux/jump_label.h>

DEFINE_STATIC_KEY_TRUE(planted_key); /* planted: static-key */

int planted_asks(void)
{
	return static_branch_likely(&planted_key);
}
`,
      },
    ],
    expected: [
      found('static-key', 'tlb.c', {
        warning: 'hyp-section',
        target: 'planted_key',
        section: '.data',
        from: null,
      }),
    ],
  },
];
