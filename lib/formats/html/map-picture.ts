// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What hyp code depends on, as a map: hyp functions on the left, what they reach on
// the right, by the family of its section. What is wrong is drawn on top and strong;
// what is fine is dimmed. A map that a person cannot take in is no map: of each side
// what is fine is put together beyond some number of rows.

import type { Dependence } from '../../findings/dependency-map.js';
import { type Outcome, outcomes } from '../../findings/outcome.js';
import { count, shortened, svg, text } from './markup.js';

/** Between the columns. */
const GAP = 190;
/** Of a character of 12 pixels. */
const CHARACTER = 7.3;
const ROW = 20;
const HEAD = 26;
const NAME_LENGTH = 38;
/** Rows of a side; of a family, half of that. */
const MOST_LEFT = 90;
const MOST_RIGHT = 60;

/** What is reached, in a reader's words. */
const familyTitles: Readonly<Record<string, string>> = {
  'kernel-text': 'kernel code',
  init: 'init code and data',
  rodata: 'read-only data',
  bss: 'zeroed data',
  data: 'data',
  percpu: 'per-CPU data',
  'not-loaded': 'not loaded',
  undefined: 'not defined here',
};

const classes: Readonly<Record<Outcome, string>> = {
  'not fine': 'bad',
  unknown: 'unknown',
  'left out': 'left-out',
  fine: 'fine',
};

const worst = (edges: readonly Dependence[]): Outcome =>
  outcomes.find((outcome) => edges.some((edge) => edge.outcome === outcome)) ?? 'fine';

interface Row {
  readonly label: string;
  readonly outcome: Outcome;
  /** Keys of what stands for itself in this row. */
  readonly keys: readonly string[];
}

/** Rows, what is wrong first; beyond `most` what is left becomes one row. */
const rowsOf = (
  edges: readonly Dependence[],
  keyOf: (edge: Dependence) => string,
  most: number,
  noun: string,
): readonly Row[] => {
  const byKey = new Map<string, Dependence[]>();
  for (const edge of edges) {
    const list = byKey.get(keyOf(edge)) ?? [];
    list.push(edge);
    byKey.set(keyOf(edge), list);
  }
  const rows = [...byKey].map(([key, list]): Row => ({ label: key, outcome: worst(list), keys: [key] }));
  rows.sort((a, b) => outcomes.indexOf(a.outcome) - outcomes.indexOf(b.outcome));
  if (rows.length <= most) return rows;
  const rest = rows.slice(most - 1);
  const [first] = rest;
  const together: Row = {
    label: `and ${count(rest.length, `more ${noun}`)}`,
    outcome: first?.outcome ?? 'fine',
    keys: rest.flatMap(({ keys }) => keys),
  };
  return [...rows.slice(0, most - 1), together];
};

interface Spot {
  readonly index: number;
  /** Where the name stands: its end on the left, its beginning on the right. */
  readonly x: number;
  readonly y: number;
}

/** The width of the longest name. */
const columnOf = (names: readonly string[]): number => {
  const longest = names.reduce((most, name) => Math.max(most, name.length), 8);
  return 10 + Math.ceil(CHARACTER * Math.min(longest, NAME_LENGTH));
};

const rowText = ({ label, outcome }: Row, side: 'from' | 'to', { index, x, y }: Spot): string =>
  `<g class="${side} ${classes[outcome]}" data-${side}="${index}" tabindex="0"><title>${text(label)}</title><text x="${x}" y="${y + 4}"${side === 'from' ? ' text-anchor="end"' : ''}>${text(shortened(label, NAME_LENGTH))}</text></g>`;

/** '' if hyp code depends on nothing. */
export const mapPicture = (edges: readonly Dependence[]): string => {
  if (edges.length === 0) return '';
  const left = rowsOf(edges, ({ from }) => from, MOST_LEFT, 'function');
  const families = [...new Set(edges.map(({ family }) => family ?? 'undefined'))].sort((a, b) => {
    const rank = (family: string) =>
      outcomes.indexOf(worst(edges.filter((edge) => (edge.family ?? 'undefined') === family)));
    return rank(a) - rank(b) || (a < b ? -1 : 1);
  });

  const column = columnOf(left.map(({ label }) => label));
  const right = column + GAP;
  const width = right + columnOf([...edges.map(({ to }) => to), ...Object.values(familyTitles)]);

  let body = '';
  let y = HEAD;
  const rightSpots = new Map<string, Spot>();
  let index = 0;
  let rights = '';
  for (const family of families) {
    const own = edges.filter((edge) => (edge.family ?? 'undefined') === family);
    rights += `<text class="family" x="${right}" y="${y + 4}">${text(familyTitles[family] ?? family)}</text>`;
    y += ROW;
    for (const row of rowsOf(
      own,
      ({ to }) => to,
      Math.max(4, Math.floor(MOST_RIGHT / families.length)),
      'name',
    )) {
      const spot = { index: index++, x: right, y };
      for (const key of row.keys) rightSpots.set(JSON.stringify([family, key]), spot);
      rights += rowText(row, 'to', spot);
      y += ROW;
    }
    y += 8;
  }
  const rightHeight = y;
  const leftHeight = HEAD + left.length * ROW;
  const height = Math.max(rightHeight, leftHeight) + 4;
  const start = HEAD + Math.max(0, (height - leftHeight - 4) / 2);
  const leftSpots = new Map<string, Spot>();
  let lefts = '';
  for (const [position, row] of left.entries()) {
    const spot = { index: position, x: column, y: start + position * ROW };
    for (const key of row.keys) leftSpots.set(key, spot);
    lefts += rowText(row, 'from', spot);
  }

  const middle = column + GAP / 2;
  /** Each pair of rows once, the worst on top. */
  const lines = new Map<string, Outcome>();
  for (const edge of [...edges].sort((a, b) => outcomes.indexOf(b.outcome) - outcomes.indexOf(a.outcome))) {
    const from = leftSpots.get(edge.from);
    const to = rightSpots.get(JSON.stringify([edge.family ?? 'undefined', edge.to]));
    if (!from || !to) continue;
    const key = `data-from="${from.index}" data-to="${to.index}" d="M${column + 8} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${right - 8} ${to.y}"`;
    lines.delete(key);
    lines.set(key, edge.outcome);
  }
  for (const [line, outcome] of lines) body += `<path class="${classes[outcome]}" ${line}/>`;
  return svg({
    width,
    height,
    title: `${count(left.length, 'row')} of hyp functions, and what they refer to outside of hyp code`,
    body: `<text class="family" x="${column}" y="14" text-anchor="end">hyp code</text>${body}${lefts}${rights}`,
    className: 'map',
  });
};
