// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way to a finding, step by step: from the entry point of EL2 through the
// functions that call one another, then through those that were inlined, to the
// reference itself.

import { type Diagnostic, type InlineFrame, type Note, quote } from '../diagnostics/diagnostic.js';
import { sourceName } from '../link/symbol-names.js';

export interface Step {
  /** `address`: it hands the next function out. `reference`: the last one, the finding itself. */
  readonly kind: 'call' | 'address' | 'inlined' | 'branch' | 'reference';
  /** Who does it; of a branch, what decides. */
  readonly function: string;
  /** One sentence without a full stop, names marked by quote(). */
  readonly message: string;
  readonly place: Note['place'];
}

const verbs = { call: 'calls', address: 'hands out the address of' } as const;

/** The functions that call one another, the entry point first; `callee`: the one that refers. */
const callSteps = ({ hyp }: Diagnostic, callee: string): readonly Step[] => {
  const callers = [...(hyp?.callers ?? [])].reverse();
  return callers.map(({ kind, function: caller, place, object, section, offset }, index): Step => {
    const next = callers[index + 1]?.function ?? callee;
    return {
      kind,
      function: caller,
      message: `${quote(caller)} ${verbs[kind]} ${quote(next)}`,
      place: place ?? { object, section, offset },
    };
  });
};

const inlinedStep = ({ function: caller, file, line, column }: InlineFrame, callee: string): Step => ({
  kind: 'inlined',
  function: caller,
  message: `${quote(caller)} calls ${quote(callee)}, which is inlined`,
  place: file === '' ? null : { file, line, column },
});

export const stepsOf = (diagnostic: Diagnostic): readonly Step[] => {
  const { message, place, function: name, inlinedFrom, hyp, notes } = diagnostic;
  const symbol = hyp?.from?.symbol ?? null;
  const outermost = inlinedFrom.at(-1)?.function ?? name ?? (symbol === null ? '?' : sourceName(symbol));
  const chain = [...inlinedFrom].reverse();
  const inlined = chain.map((frame, index) => inlinedStep(frame, chain[index + 1]?.function ?? name ?? '?'));
  const branches = notes
    .filter(({ decides }) => decides !== undefined)
    .map(
      (note): Step => ({
        kind: 'branch',
        function: note.decides ?? '',
        message: note.message,
        place: note.place,
      }),
    );
  const last: Step = {
    kind: 'reference',
    function: chain.length > 0 ? (name ?? '?') : outermost,
    message,
    place,
  };
  return [...callSteps(diagnostic, outermost), ...branches, ...inlined, last];
};
