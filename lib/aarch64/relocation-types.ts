// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The relocation types that can stand in hyp sections: what each makes of S and
// A, as one of a few kinds. [AAELF64 "Relocation types"] Which of them kernels
// have was seen in objects of 4.16, 5.4, 6.1 and 6.12 and in gen-hyprel. A type
// that is not in the table is reported, never skipped.

/**
 * - call, jump: a branch with or without link to S + A
 * - page, page-offset: ADRP of Page(S + A), and the low 12 bits in ADD, LDR or STR
 * - pc-address: ADR; pc-load: LDR (literal)
 * - absolute: S + A stored as data; relative: S + A - P stored as data
 * - mov-absolute, mov-relative: S + A (- P) built by MOVZ and MOVK, sixteen bits at a time
 * - got-page, got-load, got-pc-load: the GOT slot of S, by ADRP, its LDR, or a PC-relative LDR
 * - none: no effect
 */
export type RelocationKind =
  | 'call'
  | 'jump'
  | 'page'
  | 'page-offset'
  | 'pc-address'
  | 'pc-load'
  | 'absolute'
  | 'relative'
  | 'mov-absolute'
  | 'mov-relative'
  | 'got-page'
  | 'got-load'
  | 'got-pc-load'
  | 'none';

export interface RelocationType {
  /** The ABI's name without R_AARCH64_. */
  readonly name: string;
  readonly kind: RelocationKind;
}

const rows: readonly (readonly [number, string, RelocationKind])[] = [
  [0, 'NONE', 'none'],
  [256, 'NONE', 'none'], // the withdrawn number of NONE
  [257, 'ABS64', 'absolute'],
  [258, 'ABS32', 'absolute'],
  [259, 'ABS16', 'absolute'],
  [260, 'PREL64', 'relative'],
  [261, 'PREL32', 'relative'],
  [262, 'PREL16', 'relative'],
  [263, 'MOVW_UABS_G0', 'mov-absolute'],
  [264, 'MOVW_UABS_G0_NC', 'mov-absolute'],
  [265, 'MOVW_UABS_G1', 'mov-absolute'],
  [266, 'MOVW_UABS_G1_NC', 'mov-absolute'],
  [267, 'MOVW_UABS_G2', 'mov-absolute'],
  [268, 'MOVW_UABS_G2_NC', 'mov-absolute'],
  [269, 'MOVW_UABS_G3', 'mov-absolute'],
  [270, 'MOVW_SABS_G0', 'mov-absolute'],
  [271, 'MOVW_SABS_G1', 'mov-absolute'],
  [272, 'MOVW_SABS_G2', 'mov-absolute'],
  [273, 'LD_PREL_LO19', 'pc-load'],
  [274, 'ADR_PREL_LO21', 'pc-address'],
  [275, 'ADR_PREL_PG_HI21', 'page'],
  [276, 'ADR_PREL_PG_HI21_NC', 'page'],
  [277, 'ADD_ABS_LO12_NC', 'page-offset'],
  [278, 'LDST8_ABS_LO12_NC', 'page-offset'],
  [279, 'TSTBR14', 'jump'],
  [280, 'CONDBR19', 'jump'],
  [282, 'JUMP26', 'jump'],
  [283, 'CALL26', 'call'],
  [284, 'LDST16_ABS_LO12_NC', 'page-offset'],
  [285, 'LDST32_ABS_LO12_NC', 'page-offset'],
  [286, 'LDST64_ABS_LO12_NC', 'page-offset'],
  [287, 'MOVW_PREL_G0', 'mov-relative'],
  [288, 'MOVW_PREL_G0_NC', 'mov-relative'],
  [289, 'MOVW_PREL_G1', 'mov-relative'],
  [290, 'MOVW_PREL_G1_NC', 'mov-relative'],
  [291, 'MOVW_PREL_G2', 'mov-relative'],
  [292, 'MOVW_PREL_G2_NC', 'mov-relative'],
  [293, 'MOVW_PREL_G3', 'mov-relative'],
  [299, 'LDST128_ABS_LO12_NC', 'page-offset'],
  [309, 'GOT_LD_PREL19', 'got-pc-load'],
  [311, 'ADR_GOT_PAGE', 'got-page'],
  [312, 'LD64_GOT_LO12_NC', 'got-load'],
  [313, 'LD64_GOTPAGE_LO15', 'got-load'],
  [314, 'PLT32', 'relative'],
  // The slot of the offset table holds a distance from the thread pointer.
  [541, 'TLSIE_ADR_GOTTPREL_PAGE21', 'got-page'],
  [542, 'TLSIE_LD64_GOTTPREL_LO12_NC', 'got-load'],
  [543, 'TLSIE_LD_GOTTPREL_PREL19', 'got-pc-load'],
];

export const relocationTypes: ReadonlyMap<number, RelocationType> = new Map(
  rows.map(([number, name, kind]) => [number, { name, kind }]),
);

/** A type's name in messages; the type may be unknown. */
export const relocationName = (type: number): string => relocationTypes.get(type)?.name ?? `type ${type}`;

/** A branch with or without link. */
export const isBranchRelocation = (type: number): boolean => {
  const kind = relocationTypes.get(type)?.kind;
  return kind === 'call' || kind === 'jump';
};

/** Of data, not of an instruction. [AAELF64 "Static Data relocations"] What is not known counts as such. */
export const isDataRelocation = (type: number): boolean => {
  const kind = relocationTypes.get(type)?.kind;
  return kind === undefined || kind === 'absolute' || kind === 'relative' || kind === 'none';
};
