// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The table of encodings: every row is well formed and matches some word, and
// nothing outside lib/aarch64 decodes instruction words.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { encodingOf, rows } from '../../lib/aarch64/a64.js';
import { Encoding, registersOf } from '../../lib/aarch64/encoding.js';
import { wordsToTry } from './words.js';

const REGISTERS = 'dtusnma';

/** A token of an effect; its letters are checked against the bits. */
const TOKEN =
  /^(?:[a-z](?::\d|\|sp)?|sp|x\d+(?:-x\d+)?|scratch|nzcv|prefetch|\[(?:pc|[a-z]!?(?:\+[a-z])?)\]|=|\?)$/;

t.test('each row of the table is well formed', async (t) => {
  for (const [spaced, name, does, meaning = {}] of rows) {
    const bits = spaced.replaceAll(' ', '');
    const faults: string[] = [];
    if (!/^[01xi]*$/.test(bits.replace(/[dtusnma]/g, 'x')) || !/^(\S{8} ){3}\S{8}$/.test(spaced))
      faults.push('bits');
    for (const letter of REGISTERS) {
      if (bits.includes(letter) && !new RegExp(`^[^${letter}]*${letter}{5}[^${letter}]*$`).test(bits))
        faults.push(`the field of ${letter}`);
    }
    if (/i[^i]+i/.test(bits)) faults.push('the displacement');
    const tokens = does.split(' ').filter((token) => token !== '');
    for (const token of tokens) {
      if (!TOKEN.test(token)) faults.push(`'${token}'`);
      const named = /^\[/.test(token)
        ? token.replace(/pc|[[\]!+]/g, '')
        : (/^([a-z])(?::\d|\|sp)?$/.exec(token)?.[1] ?? '');
      for (const letter of named) if (!bits.includes(letter)) faults.push(`${letter} is in no field`);
    }
    if (does !== '' && does !== '?' && !tokens.includes('=')) faults.push('no =');
    if (does.startsWith('?') && Object.keys(meaning).length > 0) faults.push('a refused row means something');
    const isDirect = ['jump', 'conditional', 'call'].includes(meaning.branch ?? '');
    if (isDirect !== (bits.includes('i') && !does.includes('[pc]'))) faults.push('a target or none');
    t.same(faults, [], `${spaced} ${name}`);
  }
});

t.test('each row of the table is the encoding of some word', async (t) => {
  const answers = new Set([...wordsToTry(60_000, 1)].map((word) => encodingOf(word).bits));
  t.same(
    rows.filter(([bits]) => !answers.has(bits)),
    [],
  );
});

t.test('an effect gives the registers that a word writes', async (t) => {
  const writes = (row: ConstructorParameters<typeof Encoding>[0], word: number) =>
    registersOf(new Encoding(row).effect.writes, word);
  t.equal(writes(['xxxxxxxx xxxxxxxx xxxxxxxx xxxddddd', '', 'd ='], 5), 1 << 5);
  t.equal(writes(['xxxxxxxx xxxxxxxx xxxxxxxx xxxddddd', '', 'd ='], 31), 0, 'register 31 counts as none');
  t.equal(
    writes(['xxxxxxxx xxxxxxxx xxxxxxxx xxxttttt', '', 't:2 ='], 30),
    1 << 30,
    'a pair of x30 and register 31',
  );
  t.equal(writes(['xxxxxxxx xxxxxxxx xxxxxxxx xxxttttt', '', 't:8 ='], 22), 0x3fc00000);
  t.equal(writes(['xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx', '', 'x0-x2 x30 ='], 0), 0x40000007);
  const refused = new Encoding(['xxxxxxxx xxxxxxxx xxxxxxxx xxxxxxxx', '', '?']).effect;
  t.equal(registersOf(refused.writes, 0x80031443), 0x2c, 'refused: registers of all fields');
  t.equal(registersOf(refused.reads, 0x80031443), 0x2c);
});

/** Hexadecimal numbers of seven or eight digits that code outside lib/aarch64 may compare with or mask by. */
const others: Readonly<Record<string, string>> = {
  '0x5a4c4942': 'ZLIB, in letters',
  '0xffffffff': 'DWARF: a length of 64 bits follows',
  '0xfffffff0': 'DWARF: reserved lengths',
};

t.test('no code outside lib/aarch64 takes instruction words apart', async (t) => {
  const lib = join(import.meta.dirname, '../../lib');
  const found = new Set<string>();
  for (const path of readdirSync(lib, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.ts') || path.startsWith('aarch64/')) continue;
    const text = readFileSync(join(lib, path), 'utf8');
    for (const [, number = ''] of text.matchAll(/(?:[=!]==|&|>=?|<=?) (0x[0-9a-f]{7,8})\b/g)) {
      if (others[number] === undefined) t.fail(`${path}: ${number}`);
      found.add(number);
    }
    // word >>> 5, map.word(at) & 31, ...
    t.same(text.match(/\bword(?:\([^;\n]*?\))? (?:&|>>>?) [\w(]+/g) ?? [], [], path);
  }
  t.same(Object.keys(others).toSorted(), [...found].toSorted(), 'all the exceptions are needed');
});
