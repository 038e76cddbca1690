// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the linker script merged and marked: parts of an image's sections that
// were sections of their own in the objects, between two symbols. Hyp code and
// data are known by nothing else in a finished kernel. What lies in none of
// them is known by the section of the image that it is in.
// [arch/arm64/kernel/vmlinux.lds.S, include/asm-generic/vmlinux.lds.h]

export interface Bounds {
  /** What the objects call it. */
  readonly name: string;
  readonly start: string;
  readonly end: string;
  readonly seen: readonly string[];
}

/** Where one lies in another the later row is meant. */
export const bounds: readonly Bounds[] = [
  {
    name: '.hyp.idmap.text',
    start: '__hyp_idmap_text_start',
    end: '__hyp_idmap_text_end',
    seen: ['4.16', '5.4', '5.6', '6.1', '6.12'],
  },
  {
    name: '.hyp.text',
    start: '__hyp_text_start',
    end: '__hyp_text_end',
    seen: ['4.16', '5.4', '5.6', '6.1', '6.12'],
  },
  { name: '.hyp.bss', start: '__hyp_bss_start', end: '__hyp_bss_end', seen: ['6.1', '6.12'] },
  // Sections of their own in the images that were seen; a script may gather them.
  { name: '.hyp.rodata', start: '__hyp_rodata_start', end: '__hyp_rodata_end', seen: ['6.1', '6.12'] },
  { name: '.hyp.data', start: '__hyp_data_start', end: '__hyp_data_end', seen: ['7.1'] },
  // Tables: what they say of an address is no use of it.
  {
    name: '__kvm_ex_table',
    start: '__start___kvm_ex_table',
    end: '__stop___kvm_ex_table',
    seen: ['6.1', '6.12'],
  },
  {
    name: '__jump_table',
    start: '__start___jump_table',
    end: '__stop___jump_table',
    seen: ['4.16', '5.4', '5.6', '6.1', '6.12'],
  },
  { name: '__mcount_loc', start: '__start_mcount_loc', end: '__stop_mcount_loc', seen: ['5.4', '5.6'] },
  {
    name: '_kprobe_blacklist',
    start: '__start_kprobe_blacklist',
    end: '__stop_kprobe_blacklist',
    seen: ['4.16', '5.4'],
  },
];
