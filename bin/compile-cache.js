// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// compile-cache.js PROGRAM: writes PROGRAM.cache, V8's compiled code of what a run
// over shipped samples executes, for the Node that runs this. Only for speed: see
// loader.cjs.

import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const samples = join(dirname(fileURLToPath(import.meta.url)), '../test/samples');

/** What the build directory of a kernel up to 5.8 has, as far as it is read: its source tree is the same folder. */
const oldTexts = {
  'include/config/auto.conf': 'CONFIG_ARM64=y\nCONFIG_KVM=y\nCONFIG_JUMP_LABEL=y\nCONFIG_ARM64_SVE=y\n',
  'include/config/kernel.release': '5.6.0\n',
  'arch/arm64/include/asm/cpucaps.h': `#define ARM64_HAS_VIRT_HOST_EXTN 11
#define ARM64_SVE 22
#define ARM64_NCAPS 58
`,
  'arch/arm64/include/asm/kvm_host.h': `static inline bool kvm_arch_requires_vhe(void)
{
	if (system_supports_sve())
		return true;
	return false;
}
`,
  'virt/kvm/arm/arm.c': `err = create_hyp_mappings(kvm_ksym_ref(__hyp_text_start),
			  kvm_ksym_ref(__hyp_text_end), PAGE_HYP_EXEC);
`,
};

const oldObjects = {
  'arch/arm64/kvm/hyp/tlb.o': 'flow/tlb-switch.gcc-O2-keys16.o',
  'arch/arm64/kvm/hyp/switch.o': 'flow/switch.gcc-O2-keys16.o',
};

/** The same of a later one. */
const newTexts = {
  'include/config/auto.conf': 'CONFIG_ARM64=y\nCONFIG_KVM=y\nCONFIG_JUMP_LABEL=y\n',
  'include/config/kernel.release': '6.12.0\n',
  'arch/arm64/kvm/arm.c': `err = create_hyp_mappings(kvm_ksym_ref(__hyp_text_start), kvm_ksym_ref(__hyp_text_end), PAGE_HYP_EXEC);
err = create_hyp_mappings(kvm_ksym_ref(__hyp_rodata_start), kvm_ksym_ref(__hyp_rodata_end), PAGE_HYP_RO);
err = create_hyp_mappings(kvm_ksym_ref(__start_rodata), kvm_ksym_ref(__end_rodata), PAGE_HYP_RO);
err = create_hyp_mappings(kvm_ksym_ref(__hyp_bss_start), kvm_ksym_ref(__hyp_bss_end), PAGE_HYP);
`,
};
/** Beside vmlinux.o, which is asked for what this lacks. */
const PART = 'arch/arm64/kvm/part.o';
const newObjects = { 'vmlinux.o': 'nvhe/clean-build/vmlinux.o', [PART]: 'nvhe/clean-build/vmlinux.o' };

/** A linker script with every kind of statement that a kernel's has. */
const LINKER_SCRIPT = `OUTPUT_ARCH(aarch64)
ENTRY(_text)
__kvm_nvhe_kvm_update_va_mask = kvm_update_va_mask;
__kvm_nvhe_vgic_trap = vgic_trap;
__kvm_nvhe_kvm_vgic_global_state = kvm_vgic_global_state;
__kvm_nvhe_elsewhere = elsewhere;
SECTIONS
{
 /DISCARD/ : { *(.discard .discard.*) *(EXCLUDE_FILE (*.a.o) .exit) }
 . = 0x8000000;
 .text : ALIGN(0x1000) {
  _text = .; KEEP(*(.head.text)) *(.text .text.*) /* code */
  . = ALIGN(0x1000); __hyp_idmap_text_start = .; *(.hyp.idmap.text) __hyp_idmap_text_end = .;
  __hyp_text_start = .; *(.hyp.text) __hyp_text_end = .;
 } :text =0
 ASSERT(SIZEOF(.text) > 0, "no code")
 .rodata : AT(ADDR(.rodata) - 0) {
  __start_rodata = .; *(.rodata .rodata.*) KEEP(*(SORT(.tables.*))) PROVIDE(end_of_tables = .);
  *(.data..ro_after_init) __end_rodata = .;
 }
 .hyp.rodata : { __hyp_rodata_start = .; *(.hyp.data..ro_after_init) *(.hyp.rodata) __hyp_rodata_end = .; }
 .data : { *(.data .data.*) QUAD(0) }
 .hyp.data..percpu : { *(.hyp.data..percpu) }
 .bss : { __hyp_bss_start = .; *(.hyp.bss) __hyp_bss_end = .; *(.bss COMMON) }
}
`;

const folders = [];
process.on('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder of texts, and of samples by the places that they get. */
const treeOf = (texts, samplesByPlace) => {
  const tree = mkdtempSync(join(tmpdir(), 'hypcheck-cache-'));
  folders.push(tree);
  const place = (path) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    return join(tree, path);
  };
  for (const [path, text] of Object.entries(texts)) writeFileSync(place(path), text);
  for (const [path, sample] of Object.entries(samplesByPlace))
    copyFileSync(join(samples, sample), place(path));
  return tree;
};

const scripts = { 'arch/arm64/kernel/vmlinux.lds': LINKER_SCRIPT };
const oldBuild = treeOf({ ...oldTexts, ...scripts }, oldObjects);
const newBuild = treeOf({ ...newTexts, ...scripts }, newObjects);

/** A run in each generation, the older one with guards to be followed and with findings, as text; and one of a part of a kernel. */
const runs = [
  ['--build', newBuild, '--source', newBuild],
  [join(newBuild, PART)],
  ['--whole', '--vhe-cap=11', join(samples, 'flow/tlb-switch.gcc-O2-keys0.o')],
  ['--build', oldBuild, '--source', oldBuild],
];

const program = resolve(process.argv[2] ?? 'dist/hypcheck');
const require = createRequire(program);
const { compile, HASH } = require(program);
const script = compile();
const start = script.runInThisContext();

// The program ends its process, which has more to do here. A run that could not be made has lost its sample.
process.exit = (status) => {
  if (status !== 0) process.exitCode = 1;
};
for (const words of runs) {
  process.argv = [process.execPath, program, ...words];
  start(require);
}

process.on('exit', () => {
  writeFileSync(`${program}.cache.new`, Buffer.concat([script.createCachedData(), Buffer.from(HASH)]));
  renameSync(`${program}.cache.new`, `${program}.cache`);
});
