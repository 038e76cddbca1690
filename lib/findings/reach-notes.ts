// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// How something is reached, or what keeps it from being reached, in words: the
// entry and the functions on the way; the static key, alternative or test, at its
// source line.

import { type Note, quote, type SourcePlace } from '../diagnostics/diagnostic.js';
import type { PlacedGate, Reach, Reason } from '../flow/reach.js';
import type { Place } from '../link/place.js';
import { functionName, objectNote, spotOf } from './spot.js';

export const reachNotes = (reach: Reach | null): readonly Note[] => {
  if (!reach) return [];
  if (reach.kind === 'live') {
    const { path, branch } = reach.way();
    return [
      ...pathNotes(path),
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

/** reached from ‘el1_sync’ through ‘fixup_guest_exit’; nothing if the entry itself makes the reference. */
const pathNotes = (path: readonly Place[]): readonly Note[] => {
  const names = path.map((place) => functionName(place) ?? '?');
  const distinctNames = names.filter((name, index) => name !== names[index - 1]);
  const [entry] = path;
  const [first = '', ...others] = distinctNames;
  const through = others.slice(0, -1).map(quote);
  if (!entry || others.length === 0) return [];
  const list =
    through.length > 4 ? [...through.slice(0, 2), '…', ...through.slice(-1)].join(', ') : through.join(', ');
  const message = `reached from ${quote(first)}${list === '' ? '' : ` through ${list}`}`;
  return [{ message, place: spotOf(entry, 'instruction').place ?? objectNote(entry).place }];
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
