// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The numbers of the gABI that are read here, under the ABI's own names. elfinfo's
// enums have the same section types and symbol kinds (a test compares them), but
// not SHF_*, SHN_* or SHT_SYMTAB_SHNDX; and importing its values would load it in
// runs that do not need it.

/** [gABI "Section Types"] CREL is LLVM's, in the range for operating systems until an ABI adopts it. */
export const SHT = {
  NULL: 0,
  PROGBITS: 1,
  SYMTAB: 2,
  STRTAB: 3,
  RELA: 4,
  NOTE: 7,
  NOBITS: 8,
  REL: 9,
  DYNSYM: 11,
  INIT_ARRAY: 14,
  FINI_ARRAY: 15,
  PREINIT_ARRAY: 16,
  GROUP: 17,
  SYMTAB_SHNDX: 18,
  RELR: 19,
  CREL: 0x40000014,
} as const;

/** [gABI "Section Attribute Flags"] */
export const SHF = {
  WRITE: 0x1,
  ALLOC: 0x2,
  EXECINSTR: 0x4,
  INFO_LINK: 0x40,
  COMPRESSED: 0x800,
} as const;

/** [gABI "Special Section Indexes"] */
export const SHN = {
  UNDEF: 0,
  LORESERVE: 0xff00,
  ABS: 0xfff1,
  COMMON: 0xfff2,
  XINDEX: 0xffff,
} as const;

/** [gABI "Symbol Types"] */
export const STT = {
  NOTYPE: 0,
  OBJECT: 1,
  FUNC: 2,
  SECTION: 3,
  FILE: 4,
} as const;

/** [gABI "Symbol Binding"] */
export const STB = {
  LOCAL: 0,
  GLOBAL: 1,
  WEAK: 2,
} as const;

/** [gABI "Object File Type"] */
export const ET = {
  REL: 1,
  EXEC: 2,
  DYN: 3,
} as const;

/** [gABI "Machine"], AArch64's number from AAELF64. */
export const EM_AARCH64 = 183;

/** [gABI "Compression Header"] */
export const ELFCOMPRESS = { ZLIB: 1, ZSTD: 2 } as const;
