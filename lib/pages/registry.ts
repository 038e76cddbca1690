// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// All warnings, in the order of warningNames, which is that of the printed tables.

import { defaultNames, type WarningName, warningNames } from '../policy/warnings.js';
import type { Claim, FactsByWarning } from './claim.js';
import { hypAbsolute } from './hyp-absolute.js';
import { hypCall } from './hyp-call.js';
import { hypData } from './hyp-data.js';
import { hypFromHost } from './hyp-from-host.js';
import { hypInlineHint } from './hyp-inline-hint.js';
import { hypInstrumentation } from './hyp-instrumentation.js';
import { hypSection } from './hyp-section.js';
import { hypUnchecked } from './hyp-unchecked.js';
import { hypVeneer } from './hyp-veneer.js';
import { hypVheOnly } from './hyp-vhe-only.js';
import { hypWrite } from './hyp-write.js';
import type { Rule } from './rule.js';

export const rules: { readonly [W in WarningName]: Rule<W> } = {
  'hyp-call': hypCall,
  'hyp-data': hypData,
  'hyp-write': hypWrite,
  'hyp-absolute': hypAbsolute,
  'hyp-instrumentation': hypInstrumentation,
  'hyp-veneer': hypVeneer,
  'hyp-section': hypSection,
  'hyp-from-host': hypFromHost,
  'hyp-unchecked': hypUnchecked,
  'hyp-inline-hint': hypInlineHint,
  'hyp-vhe-only': hypVheOnly,
};

/** What tables and pages need. */
export interface RuleCard extends Pick<Rule<WarningName>, 'summary' | 'page'> {
  readonly name: WarningName;
  readonly default: 'on' | 'off';
}

export const orderedRules: readonly RuleCard[] = warningNames.map((name) => ({
  name,
  default: defaultNames.includes(name) ? 'on' : 'off',
  summary: rules[name].summary,
  page: rules[name].page,
}));

/** A claim as one sentence, and the notes that say what to do. */
export interface Wording {
  readonly message: string;
  readonly advice: readonly string[];
}

const word = <W extends WarningName>(warning: W, facts: FactsByWarning[W]): Wording => ({
  message: rules[warning].describe(facts),
  advice: rules[warning].advise?.(facts) ?? [],
});

export const wordingOf = (claim: Claim): Wording => word(claim.warning, claim.facts);
