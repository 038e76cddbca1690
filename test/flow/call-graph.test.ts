// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The calls that lead to a place by the graph of calls, without a walk.

import t from 'tap';
import type { CodeRange } from '../../lib/code/code-range.js';
import { coverAt } from '../../lib/code/functions.js';
import { FormatError } from '../../lib/elf/format-error.js';
import { callsLeadingTo } from '../../lib/flow/call-graph.js';
import { without } from '../support/tools.js';
import { alternative, fun, key, readCode } from './walked.js';

const skip = without('aarch64-linux-gnu-as');

/** `f+4 in f; e in e`: the calls that lead to a place, its own first. `inHost`: functions in host sections that are hyp code. */
const ways = async (hyp: string, more = '', inHost: readonly string[] = []) => {
  const { image, space, at, name } = await readCode(hyp, more);
  const ranges = inHost.flatMap((function_): readonly CodeRange[] => {
    const code = space.placeOf(at(function_));
    const cover = code && coverAt(code);
    return cover ? [{ code, length: cover.end - cover.start }] : [];
  });
  const stepsTo = callsLeadingTo(image, ranges);
  return (place: string): string => {
    const found = space.placeOf(at(place));
    return (found ? stepsTo(found) : [])
      .map((one) => {
        const [call, caller] = [one.at, one.caller].map((of) => name(space.addressOf(of)));
        return `${one.kind === 'address' ? '& ' : ''}${call} in ${caller}`;
      })
      .join('; ');
  };
};

const table = (...names: readonly string[]): string =>
  `.section .hyp.rodata, "a"\n.quad ${names.join(', ')}\n`;

t.test('the shortest way from an entry is given, its last call first', { skip }, async (t) => {
  const to = await ways(
    fun('e', 'bl f\nbl h\nret') + fun('f', 'bl g\nret') + fun('g', 'b h') + fun('h', 'nop\nret'),
    table('e'),
  );
  t.equal(to('h+4'), 'e+4 in e');
  t.equal(to('g'), 'f in f; e in e');
  t.equal(to('e'), '', 'no call leads to the entry');
  const later = await ways(fun('f', 'bl h\nret') + fun('e', 'bl f\nbl h\nret') + fun('h', 'ret'));
  t.equal(later('h'), 'e+4 in e', 'not through the caller that comes first');
});

t.test('a function in a table, in vectors, or without a caller is an entry', { skip }, async (t) => {
  const chain = fun('f', 'bl g\nret') + fun('g', 'bl h\nret') + fun('h', 'ret');
  t.equal((await ways(chain))('h'), 'g in g; f in f');
  t.equal((await ways(chain, table('g')))('h'), 'g in g');
  t.equal((await ways(chain, '.data\n.quad g'))('h'), 'g in g; f in f', 'a pointer in host data is no entry');
  const vectors = `.balign 2048\nvectors: b g\n.balign 2048\n${chain}`;
  t.equal((await ways(vectors))('h'), 'g in g; vectors in vectors');
  const called = `${vectors}${fun('c', 'bl vectors\nret')}`;
  t.equal((await ways(called))('h'), 'g in g; vectors in vectors', 'vectors that hyp code calls as well');
  t.equal((await ways(chain, `.section .hyp.text\n.quad g`))('h'), 'g in g', 'a pointer in a code section');
});

t.test('a label is reached by falling through from the code in front of it', { skip }, async (t) => {
  const to = await ways(`${fun('f', 'bl g\nret')}g: nop\nlabel: bl h\nret\nother: bl h\n${fun('h', 'ret')}`);
  t.equal(to('label'), 'g in g; f in f');
  t.equal(to('other'), '', 'no fall-through behind a return');
  const branch = await ways(
    `${fun('f', 'bl g\nret')}g: cbz x0, other\nlabel: bl h\nother: ret\n${fun('h', 'ret')}`,
  );
  t.equal(branch('label'), 'g in g; f in f', 'a branch that may not be taken');
  const ends = await ways(fun('f', 'bl h\nbl h') + fun('g', 'ret') + fun('h', 'ret'));
  t.equal(ends('g'), '', 'no fall-through into a function: the call in front of it does not return');
  const data = await ways(`${fun('f', 'ret\n.word 0xd503201f')}label: ret`);
  t.equal(data('label'), '', 'no fall-through out of data');
});

t.test('a function that forms the address of another counts as its caller', { skip }, async (t) => {
  const to = await ways(
    `.globl g\n${fun('f', 'adrp x0, g\nadd x0, x0, :lo12:g\nadrp x1, g + 4\nret')}${fun('g', 'bl h\nret')}${fun('h', 'ret')}`,
  );
  t.equal(to('h'), 'g in g; & f in f');
  const once = await ways(
    `.globl g\n${fun('f', 'adrp x0, g + 4\nret')}${fun('g', 'bl h\nret')}${fun('h', 'ret')}`,
  );
  t.equal(once('h'), 'g in g', 'not if it forms the address of its middle');
});

t.test('a call in replacement code is a call from the place it is patched to', { skip }, async (t) => {
  const to = await ways(
    `.globl g\n${fun('f', `${alternative('nop', 'inside: bl g')}\n${key('1f')}\nret\n1: ret`)}${fun('g', 'ret')}${fun('e', 'bl f\nret')}`,
  );
  t.equal(to('g'), 'f in f; e in e');
  t.equal(to('inside'), 'e in e', 'a place in replacement code is reached as that place is');
});

t.test('only calls between hyp functions are steps of a way', { skip }, async (t) => {
  const to = await ways(
    `.globl f, host\n${fun('f', 'bl f\nbl host\nb 1f\n1: bl g\nret')}${fun('g', 'ret')}`,
    fun('host', 'bl f\nret'),
  );
  t.equal(to('g'), 'f+12 in f');
  t.equal(to('f'), '');
  t.equal(to('host'), '', 'the host is not part of the graph');
});

t.test('a range of hyp code in a host section is called and patched like the rest', { skip }, async (t) => {
  const hyp = `.globl r, g\n${fun('e', 'nop\nbl r\nret')}${fun('g', 'ret')}`;
  const host = fun('other', 'bl r\nret') + fun('r', `nop\n${alternative('nop', 'bl g')}\nret`);
  const to = await ways(hyp, host, ['r']);
  t.equal(to('r'), 'e+4 in e', 'host code in front of it is not in the range');
  t.equal(to('g'), 'r+4 in r; e+4 in e');
  const without = await ways(hyp, host);
  t.same([without('r'), without('g')], ['', ''], 'as host code it is neither');
});

t.test('a data word that looks like a call is none', { skip }, async (t) => {
  const to = await ways(
    `${fun('f', 'nop\nret\n.word 0x94000002')}${fun('e', 'bl g\nret')}${fun('g', 'ret')}`,
  );
  t.equal(to('g'), 'e in e');
});

t.test('no way is given out of a circle without entry, or of more than 64 calls', { skip }, async (t) => {
  const circle = fun('f', 'bl g\nret') + fun('g', 'bl f\nret');
  t.equal((await ways(circle))('g'), '');
  const chain = (length: number) =>
    Array.from({ length }, (_, index) => fun(`f${index}`, `bl f${index + 1}\nret`)).join('') +
    fun(`f${length}`, 'ret');
  t.equal((await ways(chain(64)))('f64').split(';').length, 64);
  t.equal((await ways(chain(65)))('f65'), '');
  const around = (length: number) =>
    Array.from({ length }, (_, index) => fun(`c${index}`, `bl f\nb c${(index + 1) % length}`)).join('');
  const wide = (length: number) => ways(`${fun('f', 'ret')}${around(length)}${fun('e', 'bl f\nret')}`);
  t.equal(
    (await wide(700))('f'),
    'e in e',
    'the last of 700 callers, of which the others come from no entry',
  );
});

t.test('if the code cannot be read there is no way, and it is read once only', { skip }, async (t) => {
  const { image, space, at } = await readCode(fun('f', 'bl g\nret') + fun('g', 'ret'));
  const place = space.placeOf(at('g'));
  const stepsTo = callsLeadingTo(image, []);
  let asked = 0;
  Object.defineProperty(image, 'objects', {
    get: () => {
      asked++;
      throw new FormatError('a.o', '__jump_table', 8, 'it is torn');
    },
  });
  t.same(place && stepsTo(place), []);
  t.same(place && stepsTo(place), []);
  t.equal(asked, 1, 'asked for once');
});
