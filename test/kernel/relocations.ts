// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Compares every relocation recovered from a finished kernel's hyp text with those of
// the vmlinux.o that it was linked from, by place and target, both as addresses in the
// image (from nm). The expected relocations are those that the compiler wrote. ADRP is
// left out (the relocation of the low bits has the same target), and so are branches
// within hyp text (the assembler resolves some of them).

import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { relocationName } from '../../lib/aarch64/relocation-types.js';
import { relocationsOf } from '../../lib/code/relocations.js';
import type { ByteSource } from '../../lib/elf/byte-source.js';
import { type ObjectFile, readObjectFile, type Section } from '../../lib/elf/object-file.js';
import type { Relocation } from '../../lib/elf/relocations.js';
import { SHN } from '../../lib/elf/vocabulary.js';
import { linkedObject } from '../../lib/linked/linked-object.js';
import { without } from '../support/tools.js';

const HYP_TEXT = ['.hyp.text', '.hyp.idmap.text'];
const BRANCH = /^(CALL26|JUMP26|CONDBR19|TSTBR14|LD_PREL_LO19)$/;

/** Addresses by name; null for a name of several symbols. */
const addressesOf = (image: string): ReadonlyMap<string, bigint | null> => {
  const addresses = new Map<string, bigint | null>();
  const text = execFileSync('aarch64-linux-gnu-nm', [image], { encoding: 'utf8', maxBuffer: 1 << 28 });
  for (const [, digits = '', name = ''] of text.matchAll(/^([0-9a-f]+) \w (\S+)$/gm))
    addresses.set(name, addresses.has(name) ? null : BigInt(`0x${digits}`));
  return addresses;
};

const sourceOf = (path: string, descriptor: number): ByteSource => ({
  path,
  size: fstatSync(descriptor).size,
  read: (offset, length, into = new Uint8Array(length)) => {
    readSync(descriptor, into, 0, length, offset);
    return into.subarray(0, length);
  },
});

type Addresses = ReadonlyMap<string, bigint | null>;

/** The address of an object's section in the image, from a symbol in it with a unique name. */
const startIn = (object: ObjectFile, section: number, addresses: Addresses): bigint | null => {
  const { symbols } = object;
  for (const symbol of symbols.inSection(section)) {
    const at = addresses.get(symbols.name(symbol));
    if (at) return at - BigInt(symbols.value(symbol));
  }
  return null;
};

/** `ADDRESS means ADDRESS` for each relocation; `startOf` gives the address of a section. */
const meaningsIn = (
  object: ObjectFile,
  section: Section,
  addresses: Addresses,
  startOf: (section: number) => bigint | null,
): ReadonlySet<string> => {
  const { symbols } = object;
  const start = startOf(section.index) ?? 0n;
  const end = start + BigInt(section.size);
  const meant = ({ symbol, addend }: Relocation): bigint | null => {
    const home = symbols.section(symbol);
    const isPlaced = home > SHN.UNDEF && home < object.sections.length;
    const base = isPlaced ? startOf(home) : null;
    const at = base === null ? addresses.get(symbols.name(symbol)) : base + BigInt(symbols.value(symbol));
    return at === null || at === undefined ? null : at + BigInt(addend);
  };
  const meanings = new Set<string>();
  for (const relocation of relocationsOf(object, section).within(0, section.size)) {
    const type = relocationName(relocation.type);
    const at = meant(relocation);
    const isWithin = BRANCH.test(type) && at !== null && at >= start && at < end;
    if (type === 'ADR_PREL_PG_HI21' || isWithin) continue;
    meanings.add(
      `${(start + BigInt(relocation.offset)).toString(16)} means ${at?.toString(16) ?? 'nothing'}`,
    );
  }
  return meanings;
};

export interface Differences {
  /** Relocations of the object that were compared. */
  readonly count: number;
  readonly missing: readonly string[];
  readonly added: readonly string[];
}

export const differencesOf = async (objectPath: string, imagePath: string): Promise<Differences> => {
  const descriptors = [objectPath, imagePath].map((path) => openSync(path, 'r'));
  const [first = 0, second = 0] = descriptors;
  try {
    const object = await readObjectFile(sourceOf(objectPath, first));
    const image = linkedObject(await readObjectFile(sourceOf(imagePath, second)));
    const addresses = addressesOf(imagePath);
    const starts = new Map<number, bigint | null>();
    const inObject = (section: number): bigint | null => {
      if (!starts.has(section)) starts.set(section, startIn(object, section, addresses));
      return starts.get(section) ?? null;
    };
    const inImage = (section: number): bigint | null => image.sections[section]?.address ?? null;
    const all = (file: ObjectFile, startOf: typeof inObject): ReadonlySet<string> =>
      new Set(
        file.sections
          .filter(({ name, size }) => HYP_TEXT.includes(name) && size > 0)
          .flatMap((section) => [...meaningsIn(file, section, addresses, startOf)]),
      );
    const [expected, found] = [all(object, inObject), all(image, inImage)];
    return {
      count: expected.size,
      missing: [...expected].filter((one) => !found.has(one)),
      added: [...found].filter((one) => !expected.has(one)),
    };
  } finally {
    for (const descriptor of descriptors) closeSync(descriptor);
  }
};

const MOVED = ['-shared', '-Bsymbolic', '-z', 'notext'];

/** Other ways to link a built kernel: with another linker, or relocatable at boot. */
const ways: readonly (readonly [linker: string, options: readonly string[]])[] = [
  ['aarch64-linux-gnu-ld', [...MOVED, '--no-apply-dynamic-relocs']],
  ['ld.lld-19', []],
  ['ld.lld-19', [...MOVED, '--no-apply-dynamic-relocs']],
  ['ld.lld-19', [...MOVED, '--pack-dyn-relocs=relr']],
];

/** Links the vmlinux.o of a build directory in each of these ways to `image`. */
export function* relinked(directory: string, image: string): Generator<string> {
  const names = ['.tmp_vmlinux.kallsyms2.o', '.tmp_vmlinux2.kallsyms.o'];
  const others = ['.vmlinux.export.o', 'init/version-timestamp.o', ...names];
  for (const [linker, options] of ways) {
    if (without(linker) !== false) continue;
    const { status, stderr } = spawnSync(
      linker,
      [
        ...['-EL', '-maarch64elf', '-z', 'noexecstack', '--no-undefined', '-X', '--pic-veneer'],
        ...[...options, '--script=arch/arm64/kernel/vmlinux.lds', '-o', image, 'vmlinux.o'],
        ...others.filter((name) => existsSync(join(directory, name))),
      ],
      { cwd: directory, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    yield [linker, ...options].join(' ');
  }
}
