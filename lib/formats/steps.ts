// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way to a finding, step by step: through the functions that were inlined
// around it, the outermost first, to the reference itself.

import { type Diagnostic, type Note, quote } from '../diagnostics/diagnostic.js';

export interface Step {
  /** `reference`: the last one, the finding itself. */
  readonly kind: 'inlined' | 'reference';
  /** One sentence without a full stop, names marked by quote(). */
  readonly message: string;
  readonly place: Note['place'];
}

export const stepsOf = ({ message, place, function: name, inlinedFrom }: Diagnostic): readonly Step[] => {
  const chain = [...inlinedFrom].reverse();
  const inlined = chain.map(({ function: caller, file, line, column }, index): Step => {
    const callee = chain[index + 1]?.function ?? name ?? '?';
    return {
      kind: 'inlined',
      message: `${quote(caller)} calls ${quote(callee)}, which is inlined`,
      place: file === '' ? null : { file, line, column },
    };
  });
  return [...inlined, { kind: 'reference', message, place }];
};
