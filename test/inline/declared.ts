// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Source trees in memory, and their declarations.

import { Macros } from '../../lib/c-source/macros.js';
import type { Sources } from '../../lib/c-source/sources.js';
import { InlineDeclarations } from '../../lib/inline/declaration.js';

export const sourcesOf = (files: Readonly<Record<string, string>>): Sources => ({
  text: (file) => files[file.replace(/^\.\//, '')] ?? null,
  treeName: (file) => file.replace(/^\.\//, ''),
});

export const declarationsIn = (
  files: Readonly<Record<string, string>>,
  defined: readonly (readonly [string, string])[] = [],
): InlineDeclarations => {
  const sources = sourcesOf(files);
  const macros = new Macros(sources, { defined: new Map([['__GNUC__', '12'], ...defined]) });
  return new InlineDeclarations(
    sources,
    () => macros,
    (name) => name.startsWith('.hyp.'),
  );
};
