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
const texts = {
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

const objects = {
  'tlb.o': 'flow/tlb-switch.gcc-O2-keys16.o',
  'switch.o': 'flow/switch.gcc-O2-keys16.o',
};

/** The build directory, made of samples. */
const oldBuild = mkdtempSync(join(tmpdir(), 'hypcheck-cache-'));
process.on('exit', () => rmSync(oldBuild, { recursive: true }));
const place = (path) => {
  mkdirSync(dirname(join(oldBuild, path)), { recursive: true });
  return join(oldBuild, path);
};
for (const [path, text] of Object.entries(texts)) writeFileSync(place(path), text);
for (const [name, sample] of Object.entries(objects))
  copyFileSync(join(samples, sample), place(`arch/arm64/kvm/hyp/${name}`));
copyFileSync(
  join(samples, 'nvhe/clean-build/arch/arm64/kernel/vmlinux.lds'),
  place('arch/arm64/kernel/vmlinux.lds'),
);

/** A run in each generation, the older one with guards to be followed and with findings, as text. */
const runs = [
  ['--build', join(samples, 'nvhe/clean-build')],
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
