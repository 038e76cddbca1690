// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Which entries the numbers of a table lead to, from a base that control goes to.

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

t.test('words, half-words and bytes, in bytes or in instructions', { skip }, async (t) => {
  t.same(await from('.word f - g, h - g'), ['f', 'h']);
  t.same(await from('.word 99, h - g'), ['h'], 'any of them');
  t.same(await from('.hword h - g'), ['h']);
  t.same(await from('.byte h - g'), ['h']);
  t.same(await from('.byte (h - g) / 4'), ['h']);
  t.same(await from('.byte 99, h - g'), ['h'], 'at an odd place');
  t.same(await from('.byte 99, 99, 99, h - g'), ['h'], 'the last');
  t.same(await from('.hword f - g'), ['f'], 'with a sign');
  t.same(await from('.byte 200', { base: 'f' }), [], 'it leads nowhere');
});

t.test('only what has a symbol, and not the base itself', { skip }, async (t) => {
  t.same(await from('.word 8', { base: 'f' }), [], 'inside f, and 32 is behind all');
  t.same(await from('.word 12', { base: 'f' }), ['g']);
  t.same(await from('.word 0'), []);
  t.same(await from('.word table - g'), [], 'data');
  t.same(await from('.quad f'), [], 'an address is no distance');
});

t.test('without a sign as well: 200 is not -56', { skip }, async (t) => {
  const far = `${fun('f', '.fill 50, 4, 0xd503201f')}${fun('g', 'ret')}\n.balign 4\ntable: .byte 200, 255, 255, 255\n`;
  const { code, at, name } = await readCode(far);
  const distances = new DistanceTables(code, new Effort(code.space.image));
  distances.read({ target: at('table'), at: at('f') });
  t.same(distances.branch({ target: at('f'), at: at('f') }).map(name), ['g']);
});

t.test('a table in the middle of data is read from there on', { skip }, async (t) => {
  t.same(await from('.word h - g, f - g', { at: 'table+4' }), ['f']);
});

t.test('outside hyp code, a table counts for the function that reads it', { skip }, async (t) => {
  const distances = (value: number, rest = '') => `.section .rodata\ntable: .word ${value}${rest}\n`;
  t.same(await from('', { more: distances(4) }), ['h']);
  t.same(await from('', { more: distances(4), formedIn: 'h' }), [], 'the base is formed elsewhere');
  t.same(await from('.word 4', { formedIn: 'h' }), ['h'], 'among hyp code that does not matter');
  t.same(await from('', { more: `.data\ntable: .word 4\n` }), [], 'it may change');
  const sized = (value: number) =>
    `.section .rodata\n.word 99\n.type table, %object\ntable: .word ${value}\n.size table, 4\n.word 4\n`;
  t.same(await from('', { more: sized(4) }), ['h']);
  t.same(await from('', { more: sized(99) }), [], 'it ends where its symbol ends');
  t.same(await from('', { more: distances(99, ', 4') }), ['h'], 'or with its section');
  const long = (words: number) => `.section .rodata\ntable: .fill ${words}, 4, 99\n.word 4\n`;
  t.same(await from('', { more: long(1023) }), ['h']);
  t.same(await from('', { more: long(1024) }), [], 'but not further than a page');
});
