// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What differs between generations of the kernel, each a row; and what EL2 maps
// without VHE in each, for builds whose sources are not at hand. Sources:
// init_hyp_mode (virt/kvm/arm/arm.c, arch/arm64/kvm/arm.c), kvm_map_vectors,
// hyp_map_aux_data, recreate_hyp_mappings (hyp/nvhe/setup.c). Judged by section,
// not by page: that something is visible because it shares a page with mapped
// data is an accident.

import type { Mapped, Mapping } from './mapped.js';
import { moduleOrder, orderUpTo58, type UsualOrder, usualOrder } from './usual-order.js';

/** KVM maps what lies between two symbols. */
export interface HypRange {
  readonly start: string;
  readonly end: string;
  readonly seen: readonly string[];
}

/** The parts of the image that EL2 maps; what is hyp's own covers what is the host's. */
export interface Maps {
  /** Not given to the functions that map (create_hyp_mappings, pkvm_create_mappings) by the names of its ends. */
  readonly besides: readonly Mapped[];
  /** Protected mode takes it away. */
  readonly host: readonly Mapped[];
  readonly own: readonly Mapped[];
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
  readonly maps: Maps;
  /** What lies between which names, if no linker script tells. */
  readonly order: UsualOrder;
}

const range = (start: string, end: string, mapping: Mapping): Mapped => ({
  kind: 'range',
  start,
  end,
  mapping,
});
const variable = (name: string, mapping: Mapping): Mapped => ({ kind: 'variable', name, mapping });

/** kvm_map_idmap_text, hyp_create_idmap. */
const idmap = range('__hyp_idmap_text_start', '__hyp_idmap_text_end', 'physical');
const hypCode = range('__hyp_text_start', '__hyp_text_end', 'code');
const hostRodata = range('__start_rodata', '__end_rodata', 'read-only');
const hostBss = range('__bss_start', '__bss_stop', 'read-only');
/** Each CPU's by itself: kvm_host_cpu_state in 4.16, kvm_host_data later; the last with ARM64_SSBD, from 5.4 on. */
const hostPerCpu = ['kvm_host_cpu_state', 'kvm_host_data', 'arm64_ssbd_callback_required'].map((name) =>
  variable(name, 'template'),
);
/** The difference of two says which format it is; the host alone reads them (Android 16). */
const formats = range('__hyp_printk_fmts_start', '__hyp_printk_fmts_end', 'number');

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
  maps: {
    besides: [idmap, range('__bp_harden_hyp_vecs_start', '__bp_harden_hyp_vecs_end', 'code'), ...hostPerCpu],
    own: [hypCode],
    host: [hostRodata, hostBss],
  },
  order: orderUpTo58,
};

/** The nVHE link, with sections of its own. */
const nvhe: Generation = {
  id: 'nvhe',
  title: 'nVHE code linked by itself',
  kernels: 'v5.11 and later; v5.10 of Android',
  relocatesAbsolute: true,
  hasOwnLink: true,
  isLoaded: false,
  dataCaveat: null,
  reportsStrays: true,
  hostMayBranchIn: false,
  isSharedWithVhe: false,
  hintsCanHurt: false,
  hypRanges: [],
  maps: {
    // Data per CPU is copied to where the host decides (init_hyp_mode).
    besides: [idmap, { kind: 'section', name: '.hyp.data..percpu', mapping: 'template' }, formats],
    own: [
      hypCode,
      range('__hyp_data_ro_after_init_start', '__hyp_data_ro_after_init_end', 'read-only'), // 5.11
      range('__hyp_rodata_start', '__hyp_rodata_end', 'read-only'),
      range('__hyp_bss_start', '__hyp_bss_end', 'writable'),
      range('__hyp_data_start', '__hyp_data_end', 'writable'), // 6.18 and later, Android
    ],
    // Hyp's own part of .bss, from 5.13 on, lies in it.
    host: [hostRodata, hostBss],
  },
  order: usualOrder,
};

/** Prefixed names, but data still in the kernel's sections: only text can be judged. */
const nvheEarly: Generation = {
  ...nvhe,
  id: 'nvhe-early',
  title: 'nVHE code under prefixed names, without hyp data sections',
  kernels: 'v5.9 and v5.10',
  relocatesAbsolute: false,
  dataCaveat:
    'references to data were not judged: kernels 5.9 and 5.10 keep hyp data in host sections, and the linker script of the build, which would tell, is not at hand',
  reportsStrays: false,
  maps: {
    // 5.9 has no hyp data per CPU yet.
    besides: [...nvhe.maps.besides, ...hostPerCpu],
    own: [hypCode],
    host: [hostRodata, hostBss],
  },
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
  maps: { ...nvhe.maps, host: [] },
  order: moduleOrder,
};

export const generations = { hypText, nvheEarly, nvhe, pkvmModule } as const satisfies Readonly<
  Record<string, Generation>
>;
