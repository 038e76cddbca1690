// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Makes a mutant from a seed and a number: files, and a command line that reads them.
// The same seed and number give the same mutant on every machine.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Random, randomFrom, subseed } from '../execution/random.js';
import { buildObject, code } from '../support/object-builder.js';
import { smallObject } from '../support/small-object.js';
import { hitSome } from './hits.js';
import { environments, judgedOptions, randomOptions } from './options.js';
import { type Layout, layoutOf } from './specimen.js';
import { hitText } from './text-hits.js';

export interface Mutant {
  /** What kind of file was damaged: one of `families`. */
  readonly family: string;
  readonly kinds: readonly string[];
  readonly what: readonly string[];
  /** Contents by path, relative to the folder that the program runs in. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Whether exit status 2 is allowed, for a wrong command line. */
  readonly mayBeUsage: boolean;
  /** The damaged object, if it is the only input: its findings are compared with those of the undamaged one. */
  readonly judged: { readonly path: string; readonly before: Specimen } | null;
}

export interface Specimen {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly layout: Layout;
}

/** Larger objects are chosen less often. */
const LARGE = 40_000;

const crelObject = (): Uint8Array =>
  buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        relocationType: 0x40000014,
        items: [
          { label: 'f', type: 2, binding: 1 },
          ...Array.from({ length: 20 }, (_, index) => ({
            word: 0x94000000,
            relocation: { type: 283, to: index % 2 === 0 ? 'host' : 'elsewhere', addend: index * 4 },
          })),
          0xd65f03c0,
          { end: 'f' },
        ],
      },
      { name: '.text', flags: code, items: [{ label: 'host', type: 2, binding: 1 }, 0xd65f03c0] },
    ],
  });

/** The contents of a folder's files by relative path. */
type Tree = ReadonlyMap<string, Uint8Array>;

const treeAt = (root: string, folder: string): Tree =>
  new Map(
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path.slice(join(root, folder).length + 1), new Uint8Array(readFileSync(path))] as const;
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const arOf = (
  members: readonly (readonly [name: string, bytes: Uint8Array])[],
  isThin: boolean,
): Uint8Array => {
  const names = members.map(([name]) => `${name}/\n`).join('');
  const member = (name: string, size: number, bytes: Uint8Array): Uint8Array => {
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'644'.padEnd(8)}${String(size).padEnd(10)}\`\n`;
    return Buffer.concat([Buffer.from(header), bytes, Buffer.alloc(bytes.length % 2, '\n')]);
  };
  let at = 0;
  const parts = members.map(([name, bytes]) => {
    const start = at;
    at += name.length + 2;
    return member(`/${start}`, bytes.length, isThin ? new Uint8Array(0) : bytes);
  });
  return Buffer.concat([
    Buffer.from(isThin ? '!<thin>\n' : '!<arch>\n'),
    member('//', names.length, Buffer.from(names)),
    ...parts,
  ]);
};

/** A small kernel source tree: Kbuild, by which it is recognised, and headers that hypcheck reads. */
const sourceTree: readonly (readonly [string, string])[] = [
  ['Kbuild', ''],
  [
    'arch/arm64/include/asm/cpucaps.h',
    '#define ARM64_WORKAROUND_CLEAN_CACHE 0\n#define ARM64_HAS_VIRT_HOST_EXTN 11\n#define ARM64_NCAPS 42\n',
  ],
  [
    'arch/arm64/include/asm/kvm_host.h',
    'static inline bool has_vhe(void)\n{\n\treturn cpus_have_const_cap(ARM64_HAS_VIRT_HOST_EXTN);\n}\n',
  ],
  [
    'arch/arm64/kernel/image-vars.h',
    '#ifdef CONFIG_KVM\nKVM_NVHE_ALIAS(kvm_vgic_global_state);\n#if defined(CONFIG_FOO) && CONFIG_BAR > 3\nKVM_NVHE_ALIAS(other);\n#endif\n#endif\n',
  ],
];

const SUPPRESSIONS =
  '# reviewed\nhyp-call f host the host does it first\nhyp-* * *[a-z] a reason\nhyp-data *nvhe*f* host_* two words\n';

export class Nursery {
  readonly #root: string;
  readonly #objects: readonly string[];
  readonly #small: readonly string[];
  /** The only objects that some kinds of hits apply to. */
  readonly #rare: readonly string[];
  readonly #specimens = new Map<string, Specimen>();
  readonly #trees = new Map<string, Tree>();

  /** `root`: of the repository. */
  constructor(root: string) {
    this.#root = root;
    const below = (folder: string): readonly string[] =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.o'))
        .map((name) => join(folder, name));
    this.#objects = [
      ...['test/samples', 'test/dwarf/objects', 'test/execution/recorded'].flatMap(below),
    ].sort();
    this.#rare = ['(small)', '(compact)', ...this.#objects.filter((name) => /zlib|crel/.test(name))];
    this.#small = this.#objects.filter((name) => this.specimen(name).bytes.length < LARGE);
  }

  specimen(name: string): Specimen {
    const known = this.#specimens.get(name);
    if (known) return known;
    const bytes =
      name === '(small)'
        ? smallObject()
        : name === '(compact)'
          ? crelObject()
          : new Uint8Array(readFileSync(join(this.#root, name)));
    const made = { name, bytes, layout: layoutOf(bytes) };
    this.#specimens.set(name, made);
    return made;
  }

  #tree(folder: string): Tree {
    const known = this.#trees.get(folder) ?? treeAt(this.#root, folder);
    this.#trees.set(folder, known);
    return known;
  }

  mutant(seed: number, number: number): Mutant {
    const random = randomFrom(subseed(seed, number));
    return random.weighted(Object.values(families))(this, random);
  }

  /** Prefers small ones, because a campaign has many mutants. */
  object(random: Random): Specimen {
    const list = random.weighted([
      [10, this.#rare],
      [87, this.#small],
      [3, this.#objects],
    ]);
    const some = [random.pick(list), random.pick(list), random.pick(list)].map((name) => this.specimen(name));
    if (random.chance(0.2)) return random.pick(some);
    return some.reduce((least, one) => (one.bytes.length < least.bytes.length ? one : least));
  }

  /** Some small objects as further inputs. */
  company(random: Random): readonly Specimen[] {
    return Array.from({ length: random.below(3) }, () => this.object(random));
  }

  build(random: Random): Tree {
    const name = random.pick([
      'aliases',
      'clean',
      'from-host',
      'instrumented',
      'percpu',
      'sections',
      'tables',
      'traced',
      'writable',
    ]);
    return this.#tree(`test/samples/nvhe/${name}-build`);
  }

  sources(): Tree {
    return this.#tree('test/samples/inline');
  }
}

type Family = (nursery: Nursery, random: Random) => Mutant;

const plain = { mayBeUsage: false, judged: null };

const object: Family = (nursery, random) => {
  const before = nursery.object(random);
  const { bytes, kinds, what } = hitSome(before.bytes, before.layout, random);
  const isJudged = random.chance(0.4);
  const argv = isJudged ? random.pick(judgedOptions) : randomOptions(random);
  const path = random.chance(0.5) ? 'vmlinux.o' : 'x.o';
  return {
    family: 'object',
    kinds,
    what: [before.name, ...what],
    files: new Map([[path, bytes]]),
    argv: [...argv, path],
    environment: random.pick(environments),
    mayBeUsage: false,
    judged: isJudged ? { path, before } : null,
  };
};

const archive: Family = (nursery, random) => {
  const hit = nursery.object(random);
  const { bytes, kinds, what } = random.chance(0.4)
    ? hitSome(hit.bytes, hit.layout, random)
    : { bytes: hit.bytes, kinds: ['archive'], what: [] };
  const members = [hit, ...nursery.company(random)].map(
    (one, index) =>
      [
        index % 2 === 0 ? `m${index}.o` : `dir/a-long-name-${index}.o`,
        index === 0 ? bytes : one.bytes,
      ] as const,
  );
  const isThin = random.chance(0.4);
  const whole = new Uint8Array(arOf(members, isThin));
  const done = [...what];
  for (let count = random.below(4); count > 0; count--) {
    // Hits the headers and names of the archive.
    let at = random.below(Math.min(whole.length, isThin ? whole.length : 200));
    if (random.chance(0.3)) at = random.below(whole.length);
    const value = random.pick([0, 0x0a, 0x20, 0x2f, 0x30, 0x39, 0x60, 0x7f, 0x9b, 0xff, random.below(256)]);
    whole[at] = value;
    done.push(`byte ${at} becomes ${value}`);
  }
  const cut = random.chance(0.1) ? random.below(whole.length) : whole.length;
  const name = random.pick(['built-in.a', 'vmlinux.a', 'x.o']);
  return {
    ...plain,
    family: isThin ? 'thin archive' : 'archive',
    kinds,
    what: [hit.name, ...done, `${cut} bytes`],
    files: new Map([[name, whole.subarray(0, cut)], ...(isThin ? members : [])]),
    argv: [...randomOptions(random), name],
    environment: random.pick(environments),
  };
};

const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const asBytes = (text: string, random: Random): Uint8Array =>
  Buffer.from(text, random.chance(0.3) ? 'latin1' : 'utf8');

const build: Family = (nursery, random) => {
  const tree = new Map<string, Uint8Array>([
    ...nursery.build(random),
    ...(random.chance(0.5) ? sourceTree.map(([path, text]) => [path, Buffer.from(text)] as const) : []),
  ]);
  const what: string[] = [];
  const paths = [...tree.keys()];
  for (let count = 1 + random.below(2); count > 0; count--) {
    const path = random.pick(paths.filter((one) => !one.endsWith('.o') || count === 1));
    const bytes = tree.get(path) ?? new Uint8Array(0);
    what.push(path);
    if (path.endsWith('.o')) {
      const done = hitSome(bytes, layoutOf(bytes), random);
      tree.set(path, done.bytes);
      what.push(...done.what);
    } else if (random.chance(0.05)) tree.delete(path);
    else {
      const [did, text] = hitText(asText(bytes), random);
      tree.set(path, asBytes(text, random));
      what.push(...did);
    }
  }
  const reads = random.chance(0.8) ? ['--build', 'build'] : ['build/vmlinux.o'];
  return {
    ...plain,
    family: 'build directory',
    kinds: ['build directory'],
    what,
    files: new Map([...tree].map(([path, bytes]) => [join('build', path), bytes])),
    argv: [...randomOptions(random), ...reads],
    environment: random.pick(environments),
  };
};

const sources: Family = (nursery, random) => {
  const tree = nursery.sources();
  const objects = [...tree.keys()].filter((path) => path.endsWith('.o'));
  const texts = [...tree.keys()].filter((path) => /\.[ch]$/.test(path));
  const name = random.pick(objects);
  const changed = new Map(tree);
  for (const path of objects) if (path !== name) changed.delete(path);
  const what = [name];
  for (let count = 1 + random.below(3); count > 0; count--) {
    const path = random.pick(texts);
    const [did, text] = hitText(asText(changed.get(path) ?? new Uint8Array(0)), random);
    changed.set(path, asBytes(text, random));
    what.push(path, ...did);
  }
  return {
    ...plain,
    family: 'sources',
    kinds: ['sources'],
    what,
    files: new Map([...changed].map(([path, bytes]) => [join('test/samples/inline', path), bytes])),
    argv: ['--whole', '-Wextra', ...randomOptions(random), `test/samples/inline/${name}`],
    environment: random.pick(environments),
  };
};

const words: Family = (nursery, random) => {
  const { bytes, name } = nursery.object(random);
  const files = new Map<string, Uint8Array>([['x.o', bytes]]);
  const given = [...randomOptions(random), '--suppressions', 'list', 'x.o'];
  const kind = random.pick(['suppressions', 'response file', 'argv']);
  const what = [name];
  let argv: readonly string[] = given;
  let list = SUPPRESSIONS;
  const hit = (text: string): string => {
    const [did, changed] = hitText(text, random);
    what.push(...did);
    return changed;
  };
  if (kind === 'suppressions') list = hit(list);
  else if (kind === 'response file') {
    files.set('words', asBytes(hit(given.join(' ')), random));
    argv = ['@words'];
  } else argv = hit(given.join('\x1f')).split('\x1f');
  files.set('list', asBytes(list, random));
  return {
    ...plain,
    family: kind,
    kinds: [kind],
    what,
    files,
    argv,
    environment: random.pick(environments),
    mayBeUsage: true,
  };
};

const families: Readonly<Record<string, readonly [weight: number, family: Family]>> = {
  object: [75, object],
  archive: [8, archive],
  build: [8, build],
  sources: [4, sources],
  words: [5, words],
};
