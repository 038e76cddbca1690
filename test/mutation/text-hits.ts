// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Damages text files and words: configurations, linker scripts, headers, sources,
// suppressions, response files, words of a command line.

import type { Random } from '../execution/random.js';
import { badCharacters } from './hits.js';

/** Strings that are hard for readers of C, of make and of globs. */
const fragments: readonly string[] = [
  ...[
    '/*',
    '*/',
    '//',
    '"',
    "'",
    '\\',
    '\\\n',
    '#',
    '#if',
    '#ifdef X',
    '#else',
    '#endif',
    '#include "x.h"',
    '\0',
    '\r\n',
  ],
  ...[
    '(',
    ')',
    '{',
    '}',
    '((((((((',
    '))))))))',
    '##',
    '__VA_ARGS__',
    '@',
    '@words',
    '-',
    '--',
    '---',
    '*',
    '**',
    '***a***',
    '?',
    '[',
    ']',
  ],
  ...[
    '#define A A A\n',
    '#define A(x) A(x) A(x)\n',
    'A',
    'A(A(A(A(x))))',
    '#if (1 ? 2 : 3) || 1/0 || 1%0 || 1 << 99\n#endif\n',
    'defined',
    'defined(',
    '~-!+',
  ],
  ...[
    '0x',
    '0xffffffffffffffffffffffff',
    '99999999999999999999',
    '-1',
    '1e9',
    '08',
    "'\\",
    'inline',
    'static inline',
    '__always_inline',
  ],
  ...[
    'CONFIG_',
    'CONFIG_ARM64_VHE=y\n',
    '__kvm_nvhe_',
    '__kvm_nvhe_a = b;',
    'ARM64_HAS_VIRT_HOST_EXTN',
    ' ',
    '\t',
    '\n',
    ...badCharacters,
  ],
];

const hit = (text: string, random: Random): readonly [what: string, text: string] => {
  const at = random.below(text.length + 1);
  const until = Math.min(text.length, at + 1 + random.below(random.pick([4, 40, 400])));
  const fragment = random.pick(fragments);
  const lines = text.split('\n');
  const [a, b] = [random.below(lines.length), random.below(lines.length)];
  switch (random.pick(['insert', 'overwrite', 'delete', 'repeat', 'line', 'drop', 'long', 'cut'] as const)) {
    case 'insert':
      return [`${JSON.stringify(fragment)} at ${at}`, text.slice(0, at) + fragment + text.slice(at)];
    case 'overwrite':
      return [
        `${JSON.stringify(fragment)} over ${at}`,
        text.slice(0, at) + fragment + text.slice(at + fragment.length),
      ];
    case 'delete':
      return [`${at} to ${until} deleted`, text.slice(0, at) + text.slice(until)];
    case 'repeat': {
      const times = 1 + random.below(random.pick([3, 30, 300]));
      return [
        `${at} to ${until} ${times} times`,
        text.slice(0, at) + text.slice(at, until).repeat(times) + text.slice(at),
      ];
    }
    case 'line':
      return [`line ${a} becomes line ${b}`, lines.with(a, lines[b] ?? '').join('\n')];
    case 'drop':
      return [`line ${a} is gone`, lines.toSpliced(a, 1).join('\n')];
    case 'long':
      return [
        `${JSON.stringify(fragment)} 5000 times at ${at}`,
        text.slice(0, at) + fragment.repeat(5000) + text.slice(at),
      ];
    default:
      return [`cut at ${at}`, text.slice(0, at)];
  }
};

/** Makes one to three hits. */
export const hitText = (text: string, random: Random): readonly [what: readonly string[], text: string] => {
  const what: string[] = [];
  let changed = text;
  for (let count = 1 + random.below(3); count > 0; count--) {
    const [did, next] = hit(changed, random);
    what.push(did);
    changed = next.slice(0, 1 << 20);
  }
  return [what, changed];
};
