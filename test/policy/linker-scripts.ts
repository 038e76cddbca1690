// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Small linker scripts, written for the tests in the shape that the kernel's have in
// each generation: the names between which KVM maps, the sections between them, and
// what else such scripts say.

import { type Generation, generations } from '../../lib/policy/generations.js';

export interface Sample {
  readonly kernels: string;
  readonly generation: Generation;
  readonly script: string;
}

const page = '. = ALIGN(0x1000);';

/** A text section with hyp code in it. */
const text = (hyp: string): string => `
  .head.text : { _text = .; KEEP(*(.head.text)) }
  .text : ALIGN(0x10000) {
    _stext = .;
    . = ALIGN(4); *(.text.hot .text.hot.*) *(.text .text.[0-9a-zA-Z_]*) *(.text.unlikely) *(.ref.text)
    __entry_text_start = .; *(.entry.text) __entry_text_end = .;
    ${hyp}
    *(.fixup) *(.gnu.warning)
    . = ALIGN(16);
  }
  ${page}
  _etext = .;`;

const idmap = `${page} __hyp_idmap_text_start = .; *(.hyp.idmap.text) __hyp_idmap_text_end = .;`;

const exceptions = '. = ALIGN(8); __start___kvm_ex_table = .; *(__kvm_ex_table) __stop___kvm_ex_table = .;';

/** `inside`: what newer kernels have before __end_rodata. */
const rodata = (inside: string, readOnlyAfterInit = ''): string => `
  ${page}
  .rodata : AT(ADDR(.rodata) - 0) {
    __start_rodata = .; *(.rodata) *(.rodata.*) *(.data..ro_after_init) ${readOnlyAfterInit}
    KEEP(*(__tracepoints_ptrs)) *(__tracepoints_strings)
  }
  .rodata1 : AT(ADDR(.rodata1) - 0) { *(.rodata1) }
  __ksymtab : AT(ADDR(__ksymtab) - 0) { KEEP(*(SORT(___ksymtab+*))) }
  __param : AT(ADDR(__param) - 0) { __start___param = .; KEEP(*(__param)) __stop___param = .; }
  ${inside}
  ${page} __end_rodata = .;`;

const tables = `
  . = ALIGN(8);
  __ex_table : { __start___ex_table = .; KEEP(*(__ex_table)) __stop___ex_table = .; }
  .notes : { KEEP(*(.note.*)) }`;

const init = `
  . = ALIGN(0x10000);
  __init_begin = .;
  .init.text : { _sinittext = .; *(.init.text .init.text.*) _einittext = .; }
  .altinstructions : { *(.altinstructions) }
  .init.data : { *(.init.data .init.data.*) *(.init.rodata) KEEP(*(SORT(.initcall*.init))) }
  ${page}
  .data..percpu : { __per_cpu_start = .; *(.data..percpu..first) *(.data..percpu..read_mostly) *(.data..percpu) }
  __rela_size = SIZEOF(.text);`;

const data = (jumpTable: string): string => `
  ${page}
  _sdata = .;
  .data : AT(ADDR(.data) - 0) {
    . = ALIGN((1 << 12)); *(.data..page_aligned) *(.data..read_mostly) *(.data) *(.data.once) ${jumpTable} CONSTRUCTORS
  }
  .mmuoff.data.read : ALIGN(0x800) { *(.mmuoff.data.read) LONG(0) }
  _edata = .;`;

const bss = (first: string): string => `
  ${page} __bss_start = .;
  .sbss : { *(.sbss) *(.scommon) }
  .bss : AT(ADDR(.bss) - 0) { ${first} *(.bss..page_aligned) *(.dynbss) *(.bss) *(COMMON) }
  . = ALIGN(0); __bss_stop = .;
  ${page}
  _end = .;`;

const discarded = `
  /* What is not linked. */
  /DISCARD/ : { *(.exitcall.exit) *(.discard) *(.discard.*) *(EXCLUDE_FILE(*some.o) .modinfo) }`;

const whole = (...parts: readonly string[]): string => `OUTPUT_ARCH(aarch64)
ENTRY(_text)
PECOFF_FILE_ALIGNMENT = 0x200;
SECTIONS
{${discarded}
  . = ((((-(((1)) << (((39)) - 1)))) + (0x80000000)));
${parts.join('')}
}
PROVIDE(__efistub__end = _end);
ASSERT(__hyp_idmap_text_end - (__hyp_idmap_text_start & ~(0x1000 - 1)) <= 0x1000, "HYP init code too big; or {")
`;

const ownRodata = (more: string): string =>
  `.hyp.rodata : { ${page} __hyp_rodata_start = .; *(.hyp.data..ro_after_init) *(.hyp.rodata) ${more} ${page} __hyp_rodata_end = .; }`;

const events = `${page} __hyp_event_ids_start = .; *(.hyp.event_ids) __hyp_event_ids_end = .;`;

const patchable =
  '__hyp_patchable_function_entries_start = .; *(.hyp__patchable_function_entries) __hyp_patchable_function_entries_end = .;';

const ownBss = `__hyp_bss_start = .; *(.hyp.bss) ${page} __hyp_bss_end = .;`;

const ownPerCpu = `${page} .hyp.data..percpu : { *(.hyp.data..percpu) }`;

const reloc = '.hyp.reloc : ALIGN(4) { __hyp_reloc_begin = .; *(.hyp.reloc) __hyp_reloc_end = .; }';

const ownData = `.hyp.data : { ${page} __hyp_data_start = .; *(.hyp.data) ${page} __hyp_data_end = .; }`;

const formats =
  '.rodata.hyp_printk_fmts : { __hyp_printk_fmts_start = .; *(.hyp.printk_fmts) __hyp_printk_fmts_end = .; }';

const jumpTable = '. = ALIGN(8); __start___jump_table = .; KEEP(*(__jump_table)) __stop___jump_table = .;';

const hypText = `${idmap} __hyp_text_start = .; *(.hyp.text)`;

const withExceptions = `${hypText} ${exceptions} ${page} __hyp_text_end = .;`;

/** Aliases as image-vars.h makes them. */
const alias = (name: string): string => `__kvm_nvhe_${name} = ${name};;\n`;

/** 7.1 and later, with NVHE_EL2_TRACING; `behind`: what follows .bss. */
const traced = (behind = ''): string =>
  whole(
    text(withExceptions),
    rodata(tables, jumpTable),
    ownRodata(events),
    init,
    ownPerCpu,
    reloc,
    data(''),
    ownData,
    bss(ownBss),
    behind,
  );

export const samples: readonly Sample[] = [
  {
    kernels: '4.16 to 5.4',
    generation: generations.hypText,
    script: whole(text(`${hypText} __hyp_text_end = .;`), rodata(''), tables, init, data(jumpTable), bss('')),
  },
  {
    kernels: '5.8 with the exception table',
    generation: generations.hypText,
    script: whole(text(withExceptions), rodata(tables, jumpTable), init, data(''), bss('')),
  },
  {
    kernels: '5.9',
    generation: generations.nvheEarly,
    script: whole(text(withExceptions), rodata(tables, jumpTable), init, data(''), bss('')),
  },
  {
    kernels: '5.10',
    generation: generations.nvheEarly,
    script: whole(text(withExceptions), rodata(tables, jumpTable), init, ownPerCpu, data(''), bss('')),
  },
  {
    kernels: '5.11',
    generation: generations.nvhe,
    script: whole(
      text(withExceptions),
      rodata(tables, jumpTable),
      '.hyp.data..ro_after_init : { __hyp_data_ro_after_init_start = .; *(.hyp.data..ro_after_init) __hyp_data_ro_after_init_end = .; }',
      init,
      ownPerCpu,
      data(''),
      bss(''),
    ),
  },
  {
    kernels: '5.17 to 6.14',
    generation: generations.nvhe,
    script:
      whole(
        text(withExceptions),
        rodata(tables, jumpTable),
        ownRodata(''),
        init,
        ownPerCpu,
        reloc,
        data(''),
        bss(ownBss),
      ) + alias('__hyp_text_start'),
  },
  {
    kernels: '7.1, traced',
    generation: generations.nvhe,
    script: traced() + alias('__hyp_text_start') + alias('__hyp_event_ids_start'),
  },
  {
    kernels: '7.3',
    generation: generations.nvhe,
    script: traced('.pgtbl : ALIGN(0x1000) { *(.bss..pgtbl) }'),
  },
  {
    kernels: 'Android 16',
    generation: generations.nvhe,
    script: whole(
      text(withExceptions),
      rodata(tables, jumpTable),
      ownRodata(events + patchable),
      formats,
      init,
      ownPerCpu,
      reloc,
      data(''),
      ownData,
      bss(ownBss),
    ).replaceAll('\n', '\r\n'),
  },
];

export const sampleOf = (kernels: string): Sample => {
  const sample = samples.find((one) => one.kernels === kernels);
  if (!sample) throw new Error(`no sample for ${kernels}`);
  return sample;
};
