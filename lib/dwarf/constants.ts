// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The numbers of DWARF that are read here, under the standard's names without
// their prefix: DW_TAG_variable is DW_TAG.variable. [DWARF5 7 "Data
// Representation"] The GNU rows are the pre-standard split DWARF of version 4 and
// the references into a dwz file.

/** [DWARF5 7.5.1] */
export const DW_UT = {
  compile: 1,
  type: 2,
  partial: 3,
  skeleton: 4,
  split_compile: 5,
  split_type: 6,
} as const;

/** [DWARF5 7.5.3] */
export const DW_TAG = {
  class_type: 0x02,
  lexical_block: 0x0b,
  compile_unit: 0x11,
  structure_type: 0x13,
  inlined_subroutine: 0x1d,
  module: 0x1e,
  with_stmt: 0x22,
  catch_block: 0x25,
  subprogram: 0x2e,
  try_block: 0x32,
  variable: 0x34,
  namespace: 0x39,
  type_unit: 0x41,
} as const;

/** [DWARF5 7.5.4] */
export const DW_AT = {
  sibling: 0x01,
  location: 0x02,
  name: 0x03,
  stmt_list: 0x10,
  low_pc: 0x11,
  high_pc: 0x12,
  comp_dir: 0x1b,
  inline: 0x20,
  abstract_origin: 0x31,
  decl_column: 0x39,
  decl_file: 0x3a,
  decl_line: 0x3b,
  declaration: 0x3c,
  specification: 0x47,
  ranges: 0x55,
  call_column: 0x57,
  call_file: 0x58,
  entry_pc: 0x52,
  call_line: 0x59,
  str_offsets_base: 0x72,
  addr_base: 0x73,
  rnglists_base: 0x74,
  dwo_name: 0x76,
  GNU_dwo_name: 0x2130,
  GNU_ranges_base: 0x2132,
  GNU_addr_base: 0x2133,
} as const;

/** [DWARF5 7.5.6] */
export const DW_FORM = {
  addr: 0x01,
  block2: 0x03,
  block4: 0x04,
  data2: 0x05,
  data4: 0x06,
  data8: 0x07,
  string: 0x08,
  block: 0x09,
  block1: 0x0a,
  data1: 0x0b,
  flag: 0x0c,
  sdata: 0x0d,
  strp: 0x0e,
  udata: 0x0f,
  ref_addr: 0x10,
  ref1: 0x11,
  ref2: 0x12,
  ref4: 0x13,
  ref8: 0x14,
  ref_udata: 0x15,
  indirect: 0x16,
  sec_offset: 0x17,
  exprloc: 0x18,
  flag_present: 0x19,
  strx: 0x1a,
  addrx: 0x1b,
  ref_sup4: 0x1c,
  strp_sup: 0x1d,
  data16: 0x1e,
  line_strp: 0x1f,
  ref_sig8: 0x20,
  implicit_const: 0x21,
  loclistx: 0x22,
  rnglistx: 0x23,
  ref_sup8: 0x24,
  strx1: 0x25,
  strx2: 0x26,
  strx3: 0x27,
  strx4: 0x28,
  addrx1: 0x29,
  addrx2: 0x2a,
  addrx3: 0x2b,
  addrx4: 0x2c,
  GNU_addr_index: 0x1f01,
  GNU_str_index: 0x1f02,
  GNU_ref_alt: 0x1f20,
  GNU_strp_alt: 0x1f21,
} as const;

/** [DWARF5 7.7.1] */
export const DW_OP = {
  addr: 0x03,
  addrx: 0xa1,
  GNU_addr_index: 0xfb,
} as const;

/** [DWARF5 7.22] standard opcodes. */
export const DW_LNS = {
  copy: 1,
  advance_pc: 2,
  advance_line: 3,
  set_file: 4,
  set_column: 5,
  negate_stmt: 6,
  set_basic_block: 7,
  const_add_pc: 8,
  fixed_advance_pc: 9,
  set_prologue_end: 10,
  set_epilogue_begin: 11,
  set_isa: 12,
} as const;

/** [DWARF5 7.22] extended opcodes. */
export const DW_LNE = {
  end_sequence: 1,
  set_address: 2,
  define_file: 3,
  set_discriminator: 4,
} as const;

/** [DWARF5 7.22] fields of a file or directory entry. */
export const DW_LNCT = {
  path: 1,
  directory_index: 2,
} as const;

/** [DWARF5 7.25] */
export const DW_RLE = {
  end_of_list: 0,
  base_addressx: 1,
  startx_endx: 2,
  startx_length: 3,
  offset_pair: 4,
  base_address: 5,
  start_end: 6,
  start_length: 7,
} as const;
