// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Binds what knows of inlining to one run: the source and the configuration on
// one side, the image and its debug information on the other.

import { familyOfName } from '../code/sections.js';
import { compareDiagnostics, type Diagnostic, quote } from '../diagnostics/diagnostic.js';
import type { Sources } from '../diagnostics/sources.js';
import type { Image } from '../link/image.js';
import { Macros } from './c-macros.js';
import { type DiagnoseOptions, diagnose } from './diagnose.js';
import type { Found } from './found.js';
import { foundSentence } from './found.js';
import { InlineAdvisor } from './inline-advice.js';
import { type AuditOptions, auditInlines } from './inline-audit.js';
import { InlineDeclarations } from './inline-declaration.js';
import { locatorOf } from './spot.js';

export interface InlineSource {
  readonly sources: Sources;
  /** What is defined before the first line: the configuration, the compiler's macros, the command line's. */
  readonly defined: () => ReadonlyMap<string, string>;
}

export interface InlineCheckOptions extends Pick<AuditOptions, 'isExecuted' | 'errors'> {
  readonly source: InlineSource;
  /** What hyp code relies on is a finding as well. */
  readonly audits: boolean;
}

const isHypName = (section: string): boolean => familyOfName(section)?.startsWith('hyp-') === true;

/** Findings as diagnostics, those about inlined functions with their fixes; and the audit. */
export const diagnoseWithSource = (
  image: Image,
  found: readonly Found[],
  { source, audits, isExecuted, errors }: InlineCheckOptions,
): readonly Diagnostic[] => {
  let macros: Macros | undefined;
  const declarations = new InlineDeclarations(
    source.sources,
    () => {
      macros ??= new Macros(source.sources, { defined: source.defined() });
      return macros;
    },
    isHypName,
  );
  const options: DiagnoseOptions = {
    errors,
    inlines: new InlineAdvisor(image, declarations, locatorOf, isExecuted),
  };
  if (!audits) return diagnose(found, options);
  const audit = auditInlines(image, { declarations, locatorOf, isExecuted, errors });
  const unread = [...audit.unreadable].map(([file, { object, names }]) =>
    foundSentence(
      object,
      `${quote(file)} cannot be read, so it is not known whether ${list([...names].sort())} must be inlined (--source)`,
    ),
  );
  const untold = [...audit.untold].flatMap(([object, problems]) =>
    [...problems].map((problem) =>
      foundSentence(object, `it is not known what was inlined into hyp code: ${problem}`),
    ),
  );
  return [...diagnose([...found, ...unread, ...untold], options), ...audit.diagnostics].sort(
    compareDiagnostics,
  );
};

/** `‘a’, ‘b’ and 3 others` */
const list = (names: readonly string[]): string => {
  const shown = names.slice(0, 3).map(quote);
  const more = names.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} others` : shown.join(', ');
};
