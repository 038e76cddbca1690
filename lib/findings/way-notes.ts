// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way to a finding in the reader's words: each call at its line of source, the
// nearest first, the entry point last.

import { type Caller, type Note, quote } from '../diagnostics/diagnostic.js';
import type { Step } from '../flow/way.js';
import { functionName, objectNote, type Spot, spotOf } from './spot.js';

/** The way for people and for machines. */
export interface ToldWay {
  readonly notes: readonly Note[];
  /** The nearest first, all of them. */
  readonly callers: readonly Caller[];
}

/** So many calls are told one by one; of a longer way those in its middle are counted. */
const MOST_NOTES = 8;

interface ToldStep {
  readonly step: Step;
  readonly spot: Spot;
  readonly name: string;
}

/** `callee`: the function that the first step leads to. */
export const tellWay = (steps: readonly Step[], callee: string | null): ToldWay => {
  const all = steps.map(
    (step): ToldStep => ({
      step,
      spot: spotOf(step.at, 'instruction'),
      name: functionName(step.caller) ?? '?',
    }),
  );
  // A function's cold half, or a label of it, is not called by it.
  const seen = all.filter(({ name }, index) => name !== (all[index - 1]?.name ?? callee));
  return { notes: notesOf(seen), callers: seen.map(callerOf) };
};

const notesOf = (steps: readonly ToldStep[]): readonly Note[] => {
  const entry = steps.at(-1);
  if (!entry) return [];
  const between = steps.slice(0, -1);
  const shown = between.length < MOST_NOTES ? between : between.slice(0, MOST_NOTES - 2);
  const count = between.length - shown.length;
  return [
    ...shown.map((step) => noteOf(step, callWords(step))),
    ...(count > 0
      ? [{ message: `and ${count} more calls before that`, place: null, isStep: true } as const]
      : []),
    noteOf(entry, entryWords(entry, between)),
  ];
};

const noteOf = ({ step, spot }: ToldStep, message: string): Note => ({
  message,
  place: spot.place ?? objectNote(step.at).place,
  isStep: true,
});

const verbs = { call: 'called from', address: 'handed out by' } as const;

/** called from ‘fixup_guest_exit’, inlined into ‘__kvm_vcpu_run’ */
const callWords = ({ step, spot, name }: ToldStep): string => {
  const inner = spot.inlinedFrom.length > 0 ? spot.function : null;
  const where =
    inner === null || inner === name ? quote(name) : `${quote(inner)}, inlined into ${quote(name)}`;
  return `${verbs[step.kind]} ${where}`;
};

/** reached from ‘el1_sync’ through ‘__kvm_vcpu_run’, ‘fixup_guest_exit’ */
const entryWords = ({ name }: ToldStep, between: readonly ToldStep[]): string => {
  const names = between.map((step) => quote(step.name)).reverse();
  const listed = names.length > 4 ? [...names.slice(0, 2), '…', ...names.slice(-1)] : names;
  return `reached from ${quote(name)}${listed.length === 0 ? '' : ` through ${listed.join(', ')}`}`;
};

const callerOf = ({ step, spot, name }: ToldStep): Caller => ({
  kind: step.kind,
  function: name,
  place: spot.place,
  object: step.at.object.path,
  section: step.at.section.name,
  offset: step.at.offset,
});
