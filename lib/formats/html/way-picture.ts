// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way from an entry point to a bad reference, drawn from top to bottom, so that
// it fits a phone: functions as boxes, inlined ones dashed and indented, the branch
// that only machines without VHE take as a diamond, the target at the end.

import { type Diagnostic, isSourcePlace, type Note } from '../../diagnostics/diagnostic.js';
import { sourceName } from '../../link/symbol-names.js';
import { type Step, stepsOf } from '../steps.js';
import { shortened, svg, text } from './markup.js';

const WIDTH = 320;
const BOX = 26;
const GAP = 24;
const INDENT = 14;
/** Characters of 12 pixels in a box of the full width. */
const NAME_LENGTH = 38;

interface Node {
  readonly kind: 'function' | 'inlined' | 'branch' | 'target';
  readonly name: string;
  /** Between this one and the next: how, and where. */
  readonly edge: string;
}

const lineOf = (place: Note['place']): string =>
  place !== null && isSourcePlace(place)
    ? `${place.file.split('/').at(-1) ?? ''}${place.line > 0 ? `:${place.line}` : ''}`
    : '';

const verbs: Readonly<Record<Exclude<Step['kind'], 'reference' | 'branch'>, string>> = {
  call: 'calls',
  address: 'hands out',
  inlined: 'inlines',
};

const nodesOf = (diagnostic: Diagnostic): readonly Node[] => {
  const steps = stepsOf(diagnostic);
  const target = diagnostic.hyp?.to ?? null;
  const targetName =
    target === null ? null : target.symbol === null ? target.section : sourceName(target.symbol);
  let isInlined = false;
  const nodes: Node[] = steps.map((step): Node => {
    if (step.kind === 'branch') return { kind: 'branch', name: step.function, edge: lineOf(step.place) };
    const kind = isInlined ? 'inlined' : 'function';
    if (step.kind === 'inlined') isInlined = true;
    const verb = step.kind === 'reference' ? (diagnostic.hyp?.access ?? '') : verbs[step.kind];
    return { kind, name: step.function, edge: `${verb} ${lineOf(step.place)}`.trim() };
  });
  return targetName === null ? nodes : [...nodes, { kind: 'target', name: targetName, edge: '' }];
};

const drawNode = ({ kind, name, edge }: Node, index: number, last: number, depth: number): string => {
  const top = 1 + index * (BOX + GAP);
  const left = 1 + depth * INDENT;
  const width = WIDTH - 2 - depth * INDENT;
  const label = text(shortened(name, Math.max(8, NAME_LENGTH - depth * 2)));
  const middle = top + BOX / 2;
  const full = `<title>${text(name)}</title>`;
  const shape =
    kind === 'branch'
      ? `<path class="branch" d="M${left + 8} ${top + 4}l9 9-9 9-9-9z"/><text x="${left + 24}" y="${middle + 4}">${label}</text>`
      : `<rect class="${kind}" x="${left}" y="${top}" width="${width}" height="${BOX}" rx="4"/><text x="${left + 10}" y="${middle + 4}">${label}</text>`;
  const from = top + BOX;
  const arrow =
    index === last
      ? ''
      : `<path class="edge" d="M${left + 16} ${from}v${GAP - 2}m-4-5l4 5 4-5"/><text class="how" x="${left + 28}" y="${from + 16}">${text(shortened(edge, NAME_LENGTH))}</text>`;
  return `<g>${full}${shape}${arrow}</g>`;
};

/** '' if there is no way to draw: no target, and nobody who refers. */
export const wayPicture = (diagnostic: Diagnostic): string => {
  const nodes = nodesOf(diagnostic);
  if (nodes.length < 2) return '';
  const last = nodes.length - 1;
  let depth = 0;
  const body = nodes.map((node, index) => {
    if (node.kind === 'inlined') depth = Math.min(depth + 1, 6);
    return drawNode(node, index, last, node.kind === 'target' ? 0 : depth);
  });
  return svg({
    width: WIDTH,
    height: nodes.length * (BOX + GAP) - GAP + 2,
    title: `The way to it: ${nodes.map(({ name }) => name).join(', then ')}`,
    body: body.join(''),
    className: 'way',
  });
};
