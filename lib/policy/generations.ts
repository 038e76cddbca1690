// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What EL2 maps without VHE, per generation of the kernel: each generation is a
// row. Sources: init_hyp_mode (virt/kvm/arm/arm.c, arch/arm64/kvm/arm.c),
// kvm_map_vectors, hyp_map_aux_data, recreate_hyp_mappings (hyp/nvhe/setup.c).
// Judged by section, not by page: that something is visible because it shares a
// page with mapped data is an accident.

import type { Family } from '../code/sections.js';

/**
 * How EL2 sees a section:
 * - code: mapped executable; read-only; writable
 * - template: only copies per CPU are mapped: its address is good once tpidr_el2 is added, never by itself
 * - physical: accessible by physical address only: its address may be formed, not used
 * - unmapped
 * - unknown: not known for this generation
 */
export type Mapping = 'code' | 'read-only' | 'writable' | 'template' | 'physical' | 'unmapped' | 'unknown';

/** KVM maps what lies between two symbols. */
export interface HypRange {
  readonly start: string;
  readonly end: string;
  readonly seen: readonly string[];
}

export interface Generation {
  readonly id: 'hyp-text' | 'nvhe-early' | 'nvhe' | 'module';
  /** What -v calls it. */
  readonly title: string;
  readonly kernels: string;
  /** An ABS64 slot is rewritten to a hyp address at boot (.hyp.reloc); otherwise it holds a kernel address. */
  readonly relocatesAbsolute: boolean;
  /** Hyp code is linked on its own, and its symbols are prefixed. */
  readonly hasOwnLink: boolean;
  /** Why references to data are not judged; null: they are. */
  readonly dataCaveat: string | null;
  /**
   * EL2 maps each object at an address of its own, so that nothing outside it is in reach, except by calls that EL2's
   * loader resolves.
   */
  readonly isLoaded: boolean;
  /** Hyp code and data in a section of the host are findings. */
  readonly reportsStrays: boolean;
  /** Host code may branch into hyp code: with VHE both run at the same level. */
  readonly hostMayBranchIn: boolean;
  /** VHE executes the same code, so a walk tells which of it a machine without VHE executes. */
  readonly isSharedWithVhe: boolean;
  /** A helper that the compiler does not inline ends up outside hyp text; a link of its own would take it along. */
  readonly hintsCanHurt: boolean;
  /** Hyp code in sections of the host, known by the symbols around it. */
  readonly hypRanges: readonly HypRange[];
  readonly mapping: Readonly<Record<Family, Mapping>>;
}

/** What is the same in all generations. */
const common = {
  'hyp-text': 'code',
  'hyp-idmap': 'physical',
  'hyp-unknown': 'unknown',
  'kernel-text': 'unmapped',
  init: 'unmapped',
  data: 'unmapped',
  percpu: 'unmapped',
  alternatives: 'unmapped',
  got: 'unmapped',
  'not-loaded': 'unmapped',
} as const satisfies Partial<Record<Family, Mapping>>;

/** One .hyp.text in the kernel's own link, shared with VHE; no hyp data at all. */
const hypText: Generation = {
  id: 'hyp-text',
  title: 'one .hyp.text for VHE and nVHE',
  kernels: 'up to v5.8',
  relocatesAbsolute: false,
  hasOwnLink: false,
  isLoaded: false,
  dataCaveat: null,
  reportsStrays: false,
  hostMayBranchIn: true,
  isSharedWithVhe: true,
  hintsCanHurt: true,
  hypRanges: [
    // The hardened vectors of arch/arm64/kernel/bpi.S, mapped by kvm_map_vectors; in .hyp.text from 5.4 on.
    { start: '__bp_harden_hyp_vecs_start', end: '__bp_harden_hyp_vecs_end', seen: ['4.16'] },
  ],
  mapping: {
    ...common,
    'hyp-rodata': 'unmapped',
    'hyp-data': 'unmapped',
    'hyp-percpu': 'unmapped',
    'hyp-bss': 'unmapped',
    'hyp-table': 'unmapped',
    rodata: 'read-only',
    bss: 'read-only',
    'ex-table': 'unmapped', // behind __end_rodata in 4.16 and 5.4, inside in 5.6; hyp code has no use for it
    'kvm-ex-table': 'read-only',
  },
};

/** The nVHE link, with sections of its own. */
const nvhe: Generation = {
  id: 'nvhe',
  title: 'nVHE code linked by itself',
  kernels: 'v5.11 and later',
  relocatesAbsolute: true,
  hasOwnLink: true,
  isLoaded: false,
  dataCaveat: null,
  reportsStrays: true,
  hostMayBranchIn: false,
  isSharedWithVhe: false,
  hintsCanHurt: false,
  hypRanges: [],
  mapping: {
    ...common,
    'hyp-rodata': 'read-only',
    'hyp-data': 'writable',
    'hyp-percpu': 'template',
    'hyp-bss': 'writable',
    'hyp-table': 'unmapped',
    rodata: 'read-only',
    bss: 'read-only',
    'ex-table': 'unmapped',
    'kvm-ex-table': 'code', // between __hyp_text_start and __hyp_text_end
  },
};

/** Prefixed names, but data still in the kernel's sections: only text can be judged. */
const nvheEarly: Generation = {
  ...nvhe,
  id: 'nvhe-early',
  title: 'nVHE code under prefixed names, without hyp data sections',
  kernels: 'v5.9 and v5.10',
  relocatesAbsolute: false,
  dataCaveat: 'references to data were not judged: kernels 5.9 and 5.10 keep hyp data in host sections',
  reportsStrays: false,
};

/**
 * The EL2 part of a module: pkvm_load_el2_module (arch/arm64/kvm/pkvm.c) maps its hyp sections, at an address of their
 * own, and nothing of the host, whatever the kernel maps besides. Linked by module.lds.S, where .hyp.data takes up what the
 * kernel's hyp.lds keeps apart.
 */
const pkvmModule: Generation = {
  ...nvhe,
  id: 'module',
  title: 'EL2 part of a pKVM module',
  kernels: 'Android 16',
  isLoaded: true,
  mapping: { ...nvhe.mapping, rodata: 'unmapped', bss: 'unmapped', 'kvm-ex-table': 'unmapped' },
};

export const generations = { hypText, nvheEarly, nvhe, pkvmModule } as const satisfies Readonly<
  Record<string, Generation>
>;

/** What protected KVM takes away, by kernel version. */
export interface ProtectedColumn {
  /** First and last release that the column was read from; null: and later. */
  readonly from: readonly [number, number];
  readonly to: readonly [number, number] | null;
  readonly mapping: Partial<Record<Family, Mapping>>;
  /** Host variables that stay mapped. */
  readonly keeps: readonly string[];
}

export const protectedColumns: readonly ProtectedColumn[] = [
  { from: [6, 1], to: [6, 1], mapping: {}, keeps: [] },
  {
    from: [6, 12],
    to: null,
    mapping: { rodata: 'unmapped', bss: 'unmapped' },
    keeps: ['kvm_vgic_global_state'],
  },
];

/** The column for a release such as "6.1.192-2"; null if that release was not read. */
export const protectedColumnFor = (release: string): ProtectedColumn | null => {
  const match = /^(\d+)\.(\d+)/.exec(release);
  if (!match) return null;
  const version = Number(match[1]) * 1000 + Number(match[2]);
  const number = ([major, minor]: readonly [number, number]) => major * 1000 + minor;
  return (
    protectedColumns.find(
      ({ from, to }) => version >= number(from) && (to === null || version <= number(to)),
    ) ?? null
  );
};
