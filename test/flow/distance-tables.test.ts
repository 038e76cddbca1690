// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which entries the numbers of a table lead to, if they are distances from a base
// that control goes to.

import t from 'tap';
import { DistanceTables } from '../../lib/flow/distance-tables.js';
import { Effort } from '../../lib/flow/effort.js';
import { without } from '../support/tools.js';
import { fun, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

const functions = fun('f', 'nop\nnop\nret') + fun('g', 'ret') + fun('h', 'ret');

/** The entries that a table gives from g, both used by f; `table`: directives behind f's code. */
const from = async (
  table: string,
  { base = 'g', formedIn = 'f', more = '', at: where = 'table', other = 'f' } = {},
): Promise<readonly string[]> => {
  const inHyp = more === '' ? `.balign 4\ntable: ${table}\n.inst 0xd65f03c0\n` : '';
  const { code, at, name } = await readCode(functions + inHyp, more);
  const targets = (order: 'table' | 'base') => {
    const distances = new DistanceTables(code, new Effort(code.space.image));
    const read = () => distances.read({ target: at(where), at: at(formedIn) });
    const branch = () => distances.branch({ target: at(base), at: at(other) });
    const all = order === 'table' ? [...read(), ...branch()] : [...branch(), ...read()];
    return [all.map(name).sort(), [...read(), ...branch()]] as const;
  };
  const [[first, again], [second]] = [targets('table'), targets('base')];
  t.same(second, first, 'in either order');
  t.same(again, [], 'once');
  return first;
};

t.test('words, halfwords and bytes may be distances in bytes or instructions', { skip }, async (t) => {
  t.same(await from('.word f - g, h - g'), ['f', 'h']);
  t.same(await from('.word 99, h - g'), ['h'], 'the second word');
  t.same(await from('.hword h - g'), ['h']);
  t.same(await from('.byte h - g'), ['h']);
  t.same(await from('.byte (h - g) / 4'), ['h']);
  t.same(await from('.byte 99, h - g'), ['h'], 'at an odd offset');
  t.same(await from('.byte 99, 99, 99, h - g'), ['h'], 'the last byte');
  t.same(await from('.hword f - g'), ['f'], 'a negative halfword');
  t.same(await from('.byte 200', { base: 'f' }), [], 'nothing is 200 bytes behind f');
});

t.test('a distance counts only if it leads to a symbol of code other than the base', { skip }, async (t) => {
  t.same(await from('.word 8', { base: 'f' }), [], '8 bytes lead into f, 8 instructions behind the end');
  t.same(await from('.word 12', { base: 'f' }), ['g']);
  t.same(await from('.word 0'), []);
  t.same(await from('.word table - g'), [], 'data');
  t.same(await from('.quad f'), [], 'an address');
});

t.test('a byte is also read without a sign: 200, not -56', { skip }, async (t) => {
  const far = `${fun('f', '.fill 50, 4, 0xd503201f')}${fun('g', 'ret')}\n.balign 4\ntable: .byte 200, 255, 255, 255\n`;
  const { code, at, name } = await readCode(far);
  const distances = new DistanceTables(code, new Effort(code.space.image));
  distances.read({ target: at('table'), at: at('f') });
  t.same(distances.branch({ target: at('f'), at: at('f') }).map(name), ['g']);
});

t.test('numbers in front of the address that is read from do not count', { skip }, async (t) => {
  t.same(await from('.word h - g, f - g', { at: 'table+4' }), ['f']);
});

t.test('outside hyp code a table has to be constant and its reader form the base', { skip }, async (t) => {
  const distances = (value: number, rest = '') => `.section .rodata\ntable: .word ${value}${rest}\n`;
  t.same(await from('', { more: distances(4) }), ['h']);
  t.same(await from('', { more: distances(4), formedIn: 'h' }), [], 'another function forms the base');
  t.same(await from('.word 4', { formedIn: 'h' }), ['h'], 'not asked of a table in hyp code');
  t.same(await from('', { more: `.data\ntable: .word 4\n` }), [], 'writable data');
  const sized = (value: number) =>
    `.section .rodata\n.word 99\n.type table, %object\ntable: .word ${value}\n.size table, 4\n.word 4\n`;
  t.same(await from('', { more: sized(4) }), ['h']);
  t.same(await from('', { more: sized(99) }), [], 'the table ends where its symbol ends');
  t.same(await from('', { more: distances(99, ', 4') }), ['h'], 'without a symbol it goes on');
  const long = (words: number) => `.section .rodata\ntable: .fill ${words}, 4, 99\n.word 4\n`;
  t.same(await from('', { more: long(1023) }), ['h']);
  t.same(await from('', { more: long(1024) }), [], 'but not for more than 4096 bytes');
});

t.test('a table of a known form leads to what its numbers say, read in that form', { skip }, async (t) => {
  const of = async (numbers: string, width: 1 | 2 | 4, unit: number, where = 'table', more = '') => {
    const inHyp = more === '' ? `.balign 4\ntable: ${numbers}\n.inst 0xd65f03c0\n` : '';
    const { code, at, name } = await readCode(functions + inHyp, more);
    const distances = new DistanceTables(code, new Effort(code.space.image));
    const entries = () =>
      distances.entriesOf({ target: at('g'), at: at('f') }, { start: at(where), count: null, width, unit });
    const found = entries().map(name).sort();
    t.same(entries().map(name).sort(), found, 'each time it is asked');
    t.same(distances.read({ target: at('table'), at: at('f') }), [], 'no branch is remembered');
    return found;
  };
  t.same(await of('.word f - g, h - g', 4, 1), ['f', 'h']);
  t.same(await of('.word (h - g) / 4', 4, 4), ['h']);
  t.same(await of('.word h - g', 4, 4), [], '4 instructions lead nowhere');
  t.same(await of('.word (h - g) / 4', 4, 1), [], 'nor does 1 byte');
  t.same(await of('.byte 99, (h - g) / 4', 1, 4), ['h']);
  t.same(await of('.byte 99, h - g', 2, 1), [], 'not the second half of a halfword');
  t.same(await of('.hword f - g', 2, 1), ['f'], 'a negative halfword');
  t.same(await of('.word h - g, f - g', 4, 1, 'table+4'), ['f'], 'from its start on');
  const constant = (section: string) => `.section ${section}\ntable: .word 4\n`;
  t.same(await of('', 4, 1, 'table', constant('.rodata')), ['h']);
  t.same(await of('', 4, 1, 'table', constant('.data')), [], 'what may be written is no table');
});
