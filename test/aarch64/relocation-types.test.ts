// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { relocationName, relocationTypes } from '../../lib/aarch64/relocation-types.js';
import { buildObject } from '../support/object-builder.js';
import { assemble, runOn, without } from '../support/tools.js';

/** readelf's names of types 0 to 1099, from an object with one relocation of each; empty: unknown to it. */
const readelfNames = (): ReadonlyMap<number, string> => {
  const types = Array.from({ length: 1100 }, (_, type) => type);
  const object = buildObject({
    sections: [{ name: '.data', items: types.map((type) => ({ word: 0, relocation: { type, to: 'x' } })) }],
  });
  const listing = runOn('readelf', ['-rW'], object);
  return new Map(
    [...listing.matchAll(/^[0-9a-f]{16} +[0-9a-f]{8}([0-9a-f]{8}) (?:R_AARCH64_(\w+)|unrecognized)/gm)].map(
      (match) => [Number.parseInt(match[1] ?? '', 16), match[2] ?? ''],
    ),
  );
};

t.test('the name of each relocation type is readelf’s', { skip: without('readelf') }, async (t) => {
  const names = readelfNames();
  t.equal(names.size, 1100, 'readelf lists them all');
  for (const [type, { name }] of relocationTypes) {
    // 256 is the number that R_AARCH64_NONE had before it was withdrawn; readelf calls it NULL.
    const known = names.get(type);
    if (type === 256) t.match(known, /^(NULL|NONE)$/);
    // 314 is PLT32 in AAELF64; binutils knows it since 2.41.
    else if (type === 314 && known === '') t.pass('too new for this readelf');
    else t.equal(known, name, `type ${type}`);
  }
  // Types of readelf without a row: other thread-local storage, GOT-relative data, and those of linked images.
  const left = [...names].filter(([type, name]) => name !== '' && !relocationTypes.has(type));
  const other = left.filter(
    ([, name]) =>
      !/^(P32_|TLS|GOTREL|COPY|GLOB_DAT|JUMP_SLOT|RELATIVE|IRELATIVE|MOVW_GOTOFF|LD64_GOTOFF)/.test(name),
  );
  t.same(
    other.filter(([type]) => type > 255),
    [],
  );
});

t.test('the kind of each relocation type is the one that its name says', async (t) => {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/^NONE$/, 'none'],
    [/^CALL26$/, 'call'],
    [/^(JUMP26|CONDBR19|TSTBR14)$/, 'jump'],
    [/^ABS/, 'absolute'],
    [/^(PREL|PLT)\d/, 'relative'],
    [/^MOVW_[US]ABS/, 'mov-absolute'],
    [/^MOVW_PREL/, 'mov-relative'],
    [/^LD_PREL/, 'pc-load'],
    [/^ADR_PREL_LO21$/, 'pc-address'],
    [/^ADR_PREL_PG/, 'page'],
    [/^(ADD|LDST\d+)_ABS_LO12_NC$/, 'page-offset'],
    [/^(ADR_GOT_PAGE|TLSIE_ADR_GOTTPREL_PAGE21)$/, 'got-page'],
    [/^(LD64_GOT(_LO12_NC|PAGE_LO15)|TLSIE_LD64_GOTTPREL_LO12_NC)$/, 'got-load'],
    [/^(GOT_LD_PREL19|TLSIE_LD_GOTTPREL_PREL19)$/, 'got-pc-load'],
  ];
  for (const [type, { name, kind }] of relocationTypes) {
    t.equal(kind, kinds.find(([pattern]) => pattern.test(name))?.[1], `${type} ${name}`);
  }
});

t.test('numbers are the assembler’s', { skip: without('aarch64-linux-gnu-as', 'readelf') }, async (t) => {
  const names = [...relocationTypes].filter(([type]) => type > 256 && type !== 314);
  const object = assemble(names.map(([, { name }]) => `.reloc ., R_AARCH64_${name}, x\n.word 0\n`).join(''));
  const listing = runOn('readelf', ['-rW'], object);
  const numbers = [...listing.matchAll(/^[0-9a-f]{16} +[0-9a-f]{8}([0-9a-f]{8}) R_AARCH64_(\w+)/gm)];
  t.same(
    numbers.map((match) => [Number.parseInt(match[1] ?? '', 16), match[2]]),
    names.map(([type, { name }]) => [type, name]),
  );
});

t.test('a type without a row is named by its number', async (t) => {
  t.equal(relocationName(257), 'ABS64');
  t.equal(relocationName(9999), 'type 9999');
});

t.test('the table lists each relocation type once, in order of the numbers', async (t) => {
  const source = readFileSync(join(import.meta.dirname, '../../lib/aarch64/relocation-types.ts'), 'utf8');
  const numbers = [...source.matchAll(/^ {2}\[(\d+), '/gm)].map((match) => Number(match[1]));
  t.equal(new Set(numbers).size, numbers.length);
  t.same(
    numbers,
    [...numbers].sort((a, b) => a - b),
    'in order',
  );
});
