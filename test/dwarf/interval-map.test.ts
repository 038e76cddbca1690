// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { IntervalMap } from '../../lib/dwarf/interval-map.js';

const made = () => {
  const map = new IntervalMap<string>();
  map.add({ section: 1, start: 100, end: 200 }, 'outer');
  map.add({ section: 1, start: 120, end: 140 }, 'inner');
  map.add({ section: 1, start: 10, end: 20 }, 'first');
  map.add({ section: 2, start: 120, end: 140 }, 'elsewhere');
  map.add({ section: 1, start: 300, end: 300 }, 'empty');
  map.add({ section: 1, start: 400, end: 390 }, 'reversed');
  return map;
};

const places = [
  { offset: 9, value: null },
  { offset: 10, value: 'first' },
  { offset: 19, value: 'first' },
  { offset: 20, value: null },
  { offset: 119, value: 'outer' },
  { offset: 120, value: 'inner' },
  { offset: 140, value: 'outer' },
  { offset: 200, value: null },
  { offset: 300, value: null },
  { offset: 395, value: null },
];

t.test('the shortest range that holds a place is found', (t) => {
  const map = made();
  for (const { offset, value } of places) t.equal(map.find({ section: 1, offset }), value, `${offset}`);
  t.equal(map.find({ section: 3, offset: 120 }), null);
  t.end();
});

t.test('a range that is added after a search is found by the next search', (t) => {
  const map = made();
  t.equal(map.find({ section: 1, offset: 125 }), 'inner');
  map.add({ section: 1, start: 124, end: 126 }, 'innermost');
  t.equal(map.find({ section: 1, offset: 125 }), 'innermost');
  t.end();
});

t.test('before() gives the range of the section that begins last before a place', (t) => {
  const map = made();
  t.equal(map.before({ section: 1, offset: 5 }), null);
  t.equal(map.before({ section: 1, offset: 50 }), 'first');
  t.equal(map.before({ section: 1, offset: 1000 }), 'inner');
  t.equal(map.before({ section: 9, offset: 1000 }), null);
  t.end();
});

t.test('valuesIn() gives the ranges that overlap a part of a section', (t) => {
  const map = made();
  t.strictSame(map.valuesIn(1, 0, 1000), ['first', 'outer', 'inner']);
  t.strictSame(map.valuesIn(1, 20, 120), ['outer']);
  t.strictSame(map.valuesIn(7, 0, 1000), []);
  t.end();
});
