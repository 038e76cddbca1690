// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Words and lines for the findings of a run. Where hyp code relies on the compiler to
// inline, the source tells what to change, and the audit what it relies on.

import { Macros } from '../c-source/macros.js';
import type { Sources } from '../c-source/sources.js';
import { familyOfName } from '../code/sections.js';
import { compareDiagnostics, type Diagnostic, quote } from '../diagnostics/diagnostic.js';
import type { Guarded } from '../elf/format-error.js';
import { type DiagnoseOptions, diagnose } from '../findings/diagnose.js';
import type { Execution } from '../findings/execution.js';
import { type Finding, unchecked } from '../findings/finding.js';
import { locatorOf } from '../findings/spot.js';
import { callsLeadingTo } from '../flow/call-graph.js';
import type { Image } from '../link/image.js';
import type { Policy } from '../policy/policy.js';
import type { WarningName } from '../policy/warnings.js';
import { InlineAdvisor } from './advice.js';
import { auditInlines } from './audit.js';
import type { IsExecuted } from './closure.js';
import { InlineDeclarations } from './declaration.js';

export interface InlineSource {
  readonly sources: Sources;
  /** What is defined before the first line: by the configuration, the compiler and the command line. */
  readonly defined: () => ReadonlyMap<string, string>;
}

export interface DescribeOptions {
  readonly errors: ReadonlySet<WarningName>;
  readonly execution: Execution;
  readonly source: InlineSource;
  /** What hyp code relies on the compiler to inline is a finding as well. */
  readonly audits: boolean;
}

/** Findings as diagnostics. If the code around one cannot be read, the advice is missing. */
export const describe = (
  image: Image,
  found: readonly Finding[],
  { generation, ranges }: Policy,
  options: DescribeOptions,
  guarded: Guarded,
): readonly Diagnostic[] => {
  const plain: DiagnoseOptions = {
    errors: options.errors,
    sources: options.source.sources,
    // The walk knows the way, if there was one.
    stepsTo: options.execution.isWalked ? null : callsLeadingTo(image, ranges),
    adviseCall: null,
  };
  const plainly = () => diagnose(found, plain);
  return generation.hintsCanHurt
    ? guarded(() => diagnoseWithSource(image, found, plain, options), plainly)
    : plainly();
};

const isHypName = (section: string): boolean => familyOfName(section)?.startsWith('hyp-') === true;

/** Those about inlined functions with their fixes; and the audit. */
const diagnoseWithSource = (
  image: Image,
  found: readonly Finding[],
  plain: DiagnoseOptions,
  { source, audits, execution, errors }: DescribeOptions,
): readonly Diagnostic[] => {
  const isExecuted: IsExecuted = (place, end) => execution.isExecuted(place, end);
  let macros: Macros | undefined;
  const declarations = new InlineDeclarations(
    source.sources,
    () => {
      macros ??= new Macros(source.sources, { defined: source.defined() });
      return macros;
    },
    isHypName,
  );
  const advisor = new InlineAdvisor(image, declarations, locatorOf, isExecuted);
  const options: DiagnoseOptions = {
    ...plain,
    adviseCall: (callee, caller) => advisor.forCall(callee, caller),
  };
  if (!audits) return diagnose(found, options);
  const audit = auditInlines(image, { declarations, locatorOf, isExecuted, errors });
  const unread = [...audit.unreadable].map(([file, { object, names }]) =>
    unchecked(
      object,
      `${quote(file)} cannot be read, so it is not known whether ${list([...names].sort())} must be inlined (--source)`,
    ),
  );
  const untold = [...audit.untold].flatMap(([object, problems]) =>
    [...problems].map((problem) =>
      unchecked(object, `it is not known what was inlined into hyp code: ${problem}`),
    ),
  );
  return [...diagnose([...found, ...unread, ...untold], options), ...audit.diagnostics].sort(
    compareDiagnostics,
  );
};

/** `‘a’, ‘b’, ‘c’ and others`: no count, which would change from build to build. */
const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map(quote);
  return names.length > shown.length ? `${shown.join(', ')} and others` : shown.join(', ');
};
