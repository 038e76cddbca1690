// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A small kernel, as its build leaves it: objects of the samples linked into
// vmlinux.o, and that into vmlinux by the samples' linker script. What no object
// defines is made a function of the host.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './tools.js';

const SCRIPT = 'test/samples/linked/vmlinux.lds';
const PREFIX = '__kvm_nvhe_';

export interface Link {
  readonly name: string;
  readonly linker: string;
  readonly options: readonly string[];
}

/** The ways that kernels are linked: at fixed addresses, or relocatable at boot (-shared). */
export const links: readonly Link[] = [
  { name: 'GNU ld', linker: 'aarch64-linux-gnu-ld', options: [] },
  {
    name: 'GNU ld, relocatable',
    linker: 'aarch64-linux-gnu-ld',
    options: ['-shared', '-Bsymbolic', '-z', 'notext', '--no-apply-dynamic-relocs'],
  },
  { name: 'lld', linker: 'ld.lld-19', options: ['--no-relax'] },
  { name: 'lld, relaxed', linker: 'ld.lld-19', options: [] },
  {
    name: 'lld, relocatable',
    linker: 'ld.lld-19',
    options: ['-shared', '-Bsymbolic', '-z', 'notext', '--no-apply-dynamic-relocs'],
  },
  {
    name: 'lld, packed',
    linker: 'ld.lld-19',
    options: ['-shared', '-Bsymbolic', '-z', 'notext', '--pack-dyn-relocs=relr'],
  },
];

const undefinedIn = (object: string, directory: string): readonly string[] =>
  run('aarch64-linux-gnu-nm', ['-u', object], directory)
    .split('\n')
    .flatMap((line) => /^\s*[Uwv] (\S+)$/.exec(line)?.[1] ?? []);

/** Makes a build directory in `folder`: vmlinux.o, vmlinux, the linker script, a configuration. */
export const linkImage = (folder: string, objects: readonly string[], { linker, options }: Link): void => {
  const isOwnLink = objects.some((object) => /__kvm_nvhe_/.test(run('aarch64-linux-gnu-nm', [object])));
  const whole = readFileSync(SCRIPT, 'utf8');
  const script = isOwnLink ? whole : whole.replace(/\/\* of a link of its own: [\s\S]*?\/\* : \*\//g, '');
  const defined = new Set([...script.matchAll(/(\w+) = /g)].map(([, name]) => name));
  const known = new Set(
    objects.flatMap((object) =>
      run('aarch64-linux-gnu-nm', ['--defined-only', '-g', object])
        .split('\n')
        .map((line) => line.split(' ').at(-1) ?? ''),
    ),
  );
  const lacked = new Set(objects.flatMap((object) => undefinedIn(object, process.cwd())));
  const aliases = [...lacked].filter(
    (name) => name.startsWith(PREFIX) && !defined.has(name) && !known.has(name),
  );
  const hosts = [...lacked, ...aliases].map((name) =>
    name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name,
  );
  const stubs = [...new Set(hosts)].filter((name) => !defined.has(name) && !known.has(name));
  const text = stubs.flatMap((name) => [
    `.globl "${name}"`,
    `.type "${name}", %function`,
    `"${name}": ret`,
    `.size "${name}", 4`,
  ]);
  const at = (name: string) => join(folder, name);
  for (const name of ['include/config', 'arch/arm64/kernel']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('include/config/auto.conf'), 'CONFIG_KVM=y\n');
  writeFileSync(at('stubs.S'), `.text\n${text.join('\n')}\n`);
  const assignments = aliases.map((name) => `${name} = ${name.slice(PREFIX.length)};`);
  writeFileSync(at('arch/arm64/kernel/vmlinux.lds'), `${script}\n${assignments.join('\n')}\n`);
  run('aarch64-linux-gnu-gcc', ['-c', 'stubs.S', '-o', 'stubs.o'], folder);
  run('aarch64-linux-gnu-ld', ['-r', '-o', at('vmlinux.o'), ...objects, at('stubs.o')]);
  run(linker, [...options, '-T', 'arch/arm64/kernel/vmlinux.lds', '-o', 'vmlinux', 'vmlinux.o'], folder);
};
