// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A finished kernel has the same findings as the vmlinux.o that it was linked from, and
// the same references by who refers, to what, and how. Each way of linking gets every
// third sample; all of them with HYPCHECK_THOROUGH=1.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { sourceName } from '../../lib/link/symbol-names.js';
import { type Link, linkImage, links } from '../support/link-image.js';
import { runMain } from '../support/run-main.js';
import { without } from '../support/tools.js';

interface Said {
  readonly findings: readonly string[];
  readonly references: readonly string[];
  readonly status: number;
}

/** Who refers to what, and how, without places and section names, which linking changes. */
const shown = (one: {
  readonly option?: string;
  readonly message: string;
  readonly hyp?: {
    readonly from: { readonly symbol: string | null } | null;
    readonly to: { readonly symbol: string | null } | null;
    readonly access: string | null;
    readonly relocation: string | null;
  };
}): string => {
  const { from, to, access } = one.hyp ?? {};
  return [one.option ?? '', from?.symbol ?? '', access ?? '', sourceName(to?.symbol ?? '?')].join(' ');
};

const ask = async (directory: string, file: string, ...options: readonly string[]): Promise<Said> => {
  const list = async (...more: readonly string[]) => {
    const { stdout, status } = await runMain([...options, ...more, '-fdiagnostics-format=json', file], {
      directory,
    });
    const all: readonly Parameters<typeof shown>[0][] = JSON.parse(stdout);
    return { all, status };
  };
  const found = await list();
  const references = (await list('--references')).all;
  return {
    findings: [...new Set(found.all.map(shown))].sort(),
    references: [...new Set(references.map(shown))].sort(),
    status: found.status,
  };
};

type Sample = readonly [object: string, options: readonly string[]];

const ownLink: readonly Sample[] = [
  ...[
    'clean',
    'aliases',
    'from-host',
    'instrumented',
    'percpu',
    'sections',
    'tables',
    'writable',
    'pages',
  ].map((name): Sample => [`nvhe/${name}-build/vmlinux.o`, []]),
];
const shared: readonly Sample[] = [
  ...['call-helper', 'call-families', 'call-forms', 'literal-pool', 'percpu', 'percpu-vectors', 'idmap'],
  ...['data-sections', 'host-calls', 'adrp-shared', 'switch-table', 'switch-table.clang', 'string'],
  ...[
    'alternative',
    'alternative.subsection',
    'patchable-entries',
    'hyp-stub',
    'prefetch',
    'assembly',
    'section-ends',
  ],
].map((name): Sample => [`hyp-text/${name}.o`, []]);
const followed: readonly Sample[] = [
  ...['tlb-switch.gcc-O2-keys16', 'tlb-switch.clang-Os-keys24', 'tlb-switch.gcc-O2-keys0', 'fixups', 'pools'],
  ...[
    'alternatives',
    'alternatives.subsection',
    'host-entries',
    'label-tables.gcc-O2-keys16',
    'memory-tables',
  ],
  ...['relocated-tables', 'switch.clang-O2-keys16', 'alternate-select.gcc-O2'],
].map((name): Sample => [`flow/${name}.o`, ['--vhe-cap=11']]);

/** Forms that only a kernel linked for a fixed address can have, or that a relaxing linker rewrites. */
const staying: readonly Sample[] = [
  ['hyp-text/wide-moves.o', []],
  ['hyp-text/weak.o', []],
];
const stays = ({ name }: Link): boolean => name === 'GNU ld' || name === 'lld';

/** Kernels up to 5.8 did not pack relocations, and were seldom linked by lld. */
const isOfNewKernels = ({ name }: Link): boolean => name === 'lld, packed' || name === 'lld';

/** This sample was written for images, so it is linked in every way. */
const PAGES = 'nvhe/pages-build/vmlinux.o';

const isThorough = process.env.HYPCHECK_THOROUGH === '1';

for (const link of links) {
  t.test(
    `${link.name}: a finished kernel has the findings of its vmlinux.o`,
    { skip: without(link.linker, 'aarch64-linux-gnu-gcc') },
    async (t) => {
      const all = isOfNewKernels(link) ? ownLink : [...ownLink, ...shared, ...followed];
      const samples = all.filter(
        ([name], index) => isThorough || name === PAGES || index % 3 === links.indexOf(link) % 3,
      );
      for (const [name, options] of [...samples, ...(stays(link) ? staying : [])]) {
        const folder = mkdtempSync(join(tmpdir(), 'hypcheck-linked-'));
        try {
          linkImage(folder, [`test/samples/${name}`], link);
          const object = await ask(folder, 'vmlinux.o', ...options);
          const image = await ask(folder, 'vmlinux', ...options);
          t.same(image, object, name);
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }
    },
  );
}
