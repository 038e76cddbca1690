// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A folder of small objects and lists for the tests of the command line.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { STB, STT } from '../../lib/elf/vocabulary.js';
import { type BuiltSection, buildObject, code, type Item } from '../support/object-builder.js';

const RET = 0xd65f03c0;
const call = (to: string): Item => ({ word: 0x94000000, relocation: { type: 283, to } });

/** A hyp function `f`, whose address the host holds, with a body; and a host function. */
const object = (...body: readonly Item[]): Uint8Array =>
  buildObject({
    sections: [
      ...codeOf(body),
      { name: '.rodata', items: [{ quad: 0n, relocation: { type: 257, to: 'f' } }] },
    ],
  });

const codeOf = (body: readonly Item[]): readonly BuiltSection[] => [
  {
    name: '.hyp.text',
    flags: code,
    items: [{ label: 'f', type: STT.FUNC, binding: STB.GLOBAL }, ...body, RET, { end: 'f' }],
  },
  {
    name: '.text',
    flags: code,
    items: [{ label: 'host_function', type: STT.FUNC, binding: STB.GLOBAL }, RET, { end: 'host_function' }],
  },
];

const files: Readonly<Record<string, Uint8Array | string>> = {
  /** A part of the nVHE code, before its link. */
  'switch.nvhe.o': buildObject({ sections: [{ name: '.text', flags: code, items: [RET] }] }),
  /** Nothing wrong. */
  'clean.o': object(),
  'clean.ko': object(),
  /** One hyp-call. */
  'bad.o': object(call('host_function')),
  /** One undefined symbol, which another object may define. */
  'open.o': object(call('elsewhere')),
  /** One hyp-call and one undefined symbol. */
  'both.o': object(call('host_function'), call('elsewhere')),
  /** One hyp-call, in a function that nothing in the object enters. */
  'lone.o': buildObject({ sections: codeOf([call('host_function')]) }),
  /** A whole kernel by its name; `lone.o` is no part of it. */
  'vmlinux.o': object(),
  /** No hyp code at all. */
  'host.o': buildObject({ sections: [{ name: '.text', flags: code, items: [RET] }] }),
  'text.o': 'this is no object\n',
  'good.list': 'hyp-call f host_function it is in a test\n',
  'open.list': 'hyp-unchecked * * the other objects are checked elsewhere\n',
  'stale.list': 'hyp-data f nothing it was there once\n',
  'wrong.list': 'hyp-call f\n',
  response: '-Werror\n"bad.o"',
};

export const inFixtures = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'hypcheck-cli-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), contents);
  }
  return folder;
};
