// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The permanent names of the warnings, as in `[-W...]`, ruleId, suppressions and
// --explain. A retired name is never used again. The order is that of the printed
// tables.

export const warningNames = [
  'hyp-call',
  'hyp-data',
  'hyp-write',
  'hyp-absolute',
  'hyp-instrumentation',
  'hyp-veneer',
  'hyp-section',
  'hyp-from-host',
  'hyp-unchecked',
  'hyp-inline-hint',
  'hyp-vhe-only',
] as const;

export type WarningName = (typeof warningNames)[number];

/** Off unless asked for. */
const silentNames: ReadonlySet<WarningName> = new Set<WarningName>(['hyp-inline-hint', 'hyp-vhe-only']);

/** On by default: the group hyp-mismatch. */
export const defaultNames: readonly WarningName[] = warningNames.filter((name) => !silentNames.has(name));

/** What -Wextra adds to them. */
export const extraNames: readonly WarningName[] = [...defaultNames, 'hyp-inline-hint'];

export const isWarningName = (text: string): text is WarningName =>
  warningNames.some((name) => name === text);
