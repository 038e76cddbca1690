// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The order in which the kernel's linker script puts families of sections and
// the names around them, for builds whose script is not at hand: what it says of
// a place by its number, the usual order says by the section's family
// (arch/arm64/kernel/vmlinux.lds.S, 4.16 to 7.1).

import type { Family } from '../code/sections.js';
import type { Locations } from './mapped.js';

/** A name that the script defines; or a family and, where it is an output section by itself, its name. */
type Step = string | { readonly family: Family; readonly section?: string };

export interface UsualOrder extends Locations {
  /** Where a family is; null: nowhere between names that matter. */
  family(family: Family): number | null;
}

const orderOf = (steps: readonly Step[]): UsualOrder => {
  const found = (index: number): number | null => (index < 0 ? null : index);
  const isStep = (step: Step): step is Exclude<Step, string> => typeof step !== 'string';
  return {
    symbol: (name) => found(steps.indexOf(name)),
    section: (name) => {
      const index = steps.findIndex((step) => isStep(step) && step.section === name);
      return index < 0 ? null : { start: index, end: index + 1 };
    },
    family: (family) => found(steps.findIndex((step) => isStep(step) && step.family === family)),
  };
};

const text: readonly Step[] = [
  '__hyp_idmap_text_start',
  { family: 'hyp-idmap' },
  '__hyp_idmap_text_end',
  '__hyp_text_start',
  { family: 'hyp-text' },
  // From 5.9 on, and in stable kernels before (5.8.18).
  '__start___kvm_ex_table',
  { family: 'kvm-ex-table' },
  '__stop___kvm_ex_table',
  '__hyp_text_end',
];

/** One .hyp.text in the kernel's own link. The host's exception table is behind the window in 4.16 and 5.4, inside in 5.6. */
export const orderUpTo58: UsualOrder = orderOf([
  ...text,
  '__start_rodata',
  { family: 'rodata' },
  '__end_rodata',
  '__bss_start',
  { family: 'bss' },
  '__bss_stop',
]);

const steps: readonly Step[] = [
  ...text,
  '__start_rodata',
  { family: 'rodata' },
  { family: 'ex-table' },
  '__end_rodata',
  '__hyp_rodata_start',
  { family: 'hyp-rodata' },
  '__hyp_event_ids_start',
  '__hyp_event_ids_end',
  '__hyp_patchable_function_entries_start',
  '__hyp_patchable_function_entries_end',
  '__hyp_rodata_end',
  '__hyp_printk_fmts_start',
  { family: 'hyp-formats' },
  '__hyp_printk_fmts_end',
  { family: 'hyp-percpu', section: '.hyp.data..percpu' },
  '__hyp_data_start',
  { family: 'hyp-data' },
  '__hyp_data_end',
  '__bss_start',
  '__hyp_bss_start',
  { family: 'hyp-bss' },
  '__hyp_bss_end',
  { family: 'bss' },
  '__bss_stop',
];

export const usualOrder: UsualOrder = orderOf(steps);

/** A module has no names of the kernel's linker script, and no exception table. */
export const moduleOrder: UsualOrder = orderOf(
  steps.filter((step) => typeof step === 'string' || step.family !== 'kvm-ex-table'),
);
