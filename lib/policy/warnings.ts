// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The permanent names of the warnings: `[-W...]`, ruleId, suppressions and
// --explain use them. Retired names are never used again. The order is that of
// the tables that print them.

export const warningNames = [
  'hyp-call',
  'hyp-data',
  'hyp-write',
  'hyp-absolute',
  'hyp-instrumentation',
  'hyp-section',
  'hyp-from-host',
  'hyp-unchecked',
] as const;

export type WarningName = (typeof warningNames)[number];

export const isWarningName = (text: string): text is WarningName =>
  warningNames.some((name) => name === text);
