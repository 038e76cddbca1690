// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Findings for instrumented functions that EL2 executes: one per function, at its
// declaration, even if it pushes in several places.

import { nameAt } from '../code/functions.js';
import { sourceName } from '../link/symbol-names.js';
import { type Instrumented, patchedEntry, shadowCallStack } from '../policy/silent-instrumentation.js';
import type { Execution } from './execution.js';
import { type Finding, makeFinding } from './finding.js';

const instrumentations = { push: shadowCallStack, entry: patchedEntry } as const;

export const silentFindings = (all: readonly Instrumented[], execution: Execution): readonly Finding[] => {
  const found = new Map<string, Finding>();
  for (const { at, executed, kind, table } of all) {
    const live = executed.find(({ place, end }) => execution.isExecuted(place, end));
    if (!live) continue;
    const name = nameAt(at);
    const plain = name === null ? null : sourceName(name);
    // The cold half of a function has the name of the whole.
    const key = `${at.object.path} ${at.section.index} ${kind} ${plain ?? at.offset}`;
    if (found.has(key)) continue;
    const facts = {
      access: kind,
      from: { name: plain, section: at.section.name },
      table,
      instrumentation: instrumentations[kind],
    };
    const place = kind === 'push' ? live.place : at;
    const claim = { warning: 'hyp-instrumentation', facts } as const;
    found.set(key, makeFinding(claim, at.object.path, { at: place, shows: 'function' }));
  }
  return [...found.values()];
};
