// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What decides that something is reached, or keeps it from being reached, in
// words: the static key, alternative or test, at its source line.

import { type Note, quote, type SourcePlace } from '../diagnostics/diagnostic.js';
import type { Reason } from '../flow/left-out.js';
import type { Reach } from '../flow/reach.js';
import type { PlacedGate } from '../flow/way.js';
import { objectNote, spotOf } from './spot.js';

export const reachNotes = (reach: Reach | null): readonly Note[] => {
  if (!reach) return [];
  if (reach.kind === 'live') {
    const { branch } = reach.way();
    return [
      ...(branch ? [gateNote(branch, 'on the side without VHE of')] : []),
      ...(reach.isInDoubt() ? [doubtNote] : []),
    ];
  }
  const why = reach.why();
  return why.gate ? [gateNote(why.gate, 'behind', why.kind)] : [];
};

const doubtNote: Note = {
  message:
    'this stands behind a capability that may be VHE: its number is not known here; name the build directory with --build, or the number with --vhe-cap',
  place: null,
};

/** behind has_vhe(): static key ‘cpu_hwcap_keys+0xb0’, which is off without VHE */
const gateNote = (gate: PlacedGate, relation: string, kind: Reason['kind'] = 'vhe-only'): Note => {
  const spot = spotOf(gate.place, 'instruction');
  const functions = [spot.function, ...spot.inlinedFrom.map((frame) => frame.function)];
  const places: readonly (SourcePlace | null)[] = [spot.place, ...spot.inlinedFrom];
  const test = functions.indexOf('has_vhe');
  const shown = (test >= 0 ? places[test + 1] : places.at(-1)) ?? places.at(-1) ?? null;
  return {
    message: `${relation} ${test >= 0 ? 'has_vhe(): ' : ''}${gateWords[kind](gate)}`,
    decides: [test >= 0 ? 'not has_vhe()' : 'not VHE', gate.key ?? []].flat().join(': '),
    place: shown
      ? { file: shown.file, line: shown.line, column: shown.column }
      : objectNote(gate.place).place,
  };
};

const staticKey = (key: string | null): string => `static key ${quote(key ?? '?')}`;

const vheWords: Readonly<Record<PlacedGate['kind'], (key: string | null) => string>> = {
  key: (key) => `${staticKey(key)}, which is off without VHE`,
  alternative: () => 'an alternative of the VHE capability',
  test: () => 'a test of the VHE capability',
  call: () => 'a call that comes back with VHE only',
  other: () => 'what only VHE does here',
};

const settledWords: typeof vheWords = {
  key: (key) => `${staticKey(key)}, which is on before KVM runs`,
  alternative: () => 'an alternative that every machine has taken before KVM runs',
  test: () => 'a test of what is settled before KVM runs',
  call: () => 'a call that never comes back while KVM runs',
  other: () => 'what nothing does while KVM runs',
};

const gateWords: Readonly<Record<Reason['kind'], (gate: PlacedGate) => string>> = {
  'vhe-only': ({ kind, key }) => vheWords[kind](key),
  dead: ({ kind, key }) => settledWords[kind](key),
};
