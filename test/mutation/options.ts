// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The options for a mutant: random combinations of all options and output forms.

import type { Random } from '../execution/random.js';

const groups: readonly (readonly (readonly string[])[])[] = [
  [[], [], ['-fdiagnostics-format=json'], ['-fdiagnostics-format=modpost'], ['-fdiagnostics-plain-output']],
  [
    [],
    [],
    ['-fdiagnostics-parseable-fixits'],
    ['-fdiagnostics-generate-patch'],
    ['-fno-diagnostics-show-caret'],
  ],
  [[], [], ['-fdiagnostics-color=always'], ['-fdiagnostics-color=auto']],
  [[], [], [], ['--references'], ['--references']],
  [[], [], ['--vhe=unknown'], ['--vhe-cap=11'], ['--vhe-cap=26']],
  [[], ['--whole'], ['--whole']],
  [
    [],
    [],
    ['-Wextra'],
    ['-Whyp-vhe-only'],
    ['-Wextra', '-Whyp-vhe-only'],
    ['-Wno-hyp-data', '-Wno-hyp-unchecked'],
    ['-w'],
  ],
  [[], [], ['-E'], ['-Werror'], ['-Werror=hyp-call']],
  [[], [], [], ['-v'], ['-q'], ['--stats'], ['-v', '--stats']],
  [[], [], [], [], ['-fmax-errors=3']],
  [[], [], [], [], [], ['-o', 'report.txt']],
  [[], [], [], [], [], [], ['--protected']],
];

export const environments: readonly Readonly<Record<string, string>>[] = [
  {},
  { LC_ALL: 'C.UTF-8' },
  { LANG: 'en_GB.UTF-8', GCC_COLORS: 'error=01;31:warning=\x1b[2J:note=9999999:caret=' },
  { NO_COLOR: '1' },
];

export const randomOptions = (random: Random): readonly string[] => {
  const words = groups.flatMap((group) => random.pick(group));
  // The only combination that the command line refuses.
  return words.includes('--references') && !words.includes('-fdiagnostics-format=json') && random.chance(0.3)
    ? words.map((word) => (word === '--references' ? '--references=summary' : word))
    : words;
};

/** Options with which findings are compared with those of the undamaged file. */
export const judgedOptions: readonly (readonly string[])[] = [
  ['-fdiagnostics-format=json', '--whole', '--vhe=unknown'],
  ['-fdiagnostics-format=json', '--whole'],
];
