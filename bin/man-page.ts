// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// hypcheck.1, in man(7): the usage is --help's, the warnings are --explain's pages.

import { helpText } from '../lib/cli/help.js';
import { orderedRules, type RuleCard } from '../lib/pages/registry.js';
import { type OptionRow, optionTable } from './option-table.js';

/** A line of text: a leading dot or apostrophe would be a request, a hyphen a dash. */
const line = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');

const paragraph = (words: string): string => `.PP\n${line(words)}\n`;
const bold = (words: string): string => `\\fB${line(words)}\\fR`;

/** `--build DIR`: the value in italics. */
const optionName = (name: string): string => {
  const [, word = name, separator = '', value = ''] =
    /^(.+?)([ =])([A-Z]+(?:=[A-Z]+)?)$/.exec(name) ?? /^(-W(?:no-)?|@)()([A-Z]+)$/.exec(name) ?? [];
  return `${bold(word)}${separator}${value === '' ? '' : `\\fI${line(value)}\\fR`}`;
};

const option = ({ names, text }: OptionRow): string =>
  `.TP\n${names.map(optionName).join(', ')}\n${line(text)}\n`;

const usage = helpText
  .split('\n')
  .filter((one) => /^( {7}|usage: )hypcheck /.test(one))
  .map((one) => one.replace(/^usage: | {7}/, '').replace(/ {4,}.*$/, ''));

const rule = ({ name, default: state, summary, page }: RuleCard): string =>
  [
    `.SS ${line(name)}\n${line(`${summary} (${state} by default)`)}\n`,
    ...page.meaning.map(paragraph),
    `.PP\nFor example:\n.PP\n.nf\n.RS 4\n${line(page.example.text.trimEnd())}\n.RE\n.fi\n`,
    ...page.fixes.map((fix) => `.IP \\(bu 2\n${line(fix)}\n`),
    paragraph(`When to suppress it: ${page.suppress}`),
  ].join('');

const statuses: readonly (readonly [string, string])[] = [
  ['0', 'Everything was checked and there is no error; warnings may have been printed.'],
  ['1', 'At least one finding that -E or -Werror makes an error.'],
  ['2', 'The command line is wrong.'],
  ['3', 'Something could not be checked; what could be was, and its findings are printed.'],
];

export const manPage = (version: string): string =>
  [
    `.\\" SPDX-License-Identifier: GPL-2.0-only OR MIT\n.TH HYPCHECK 1 "2026" "hypcheck ${version}" "User Commands"\n`,
    '.SH NAME\nhypcheck \\- check that arm64 KVM code which runs at EL2 refers only to what EL2 maps\n',
    `.SH SYNOPSIS\n.nf\n${usage.map(bold).join('\n')}\n.fi\n`,
    '.SH DESCRIPTION\n',
    line(
      "On arm64, KVM's non-VHE code runs at EL2, where little of the kernel is mapped. A call or a load from it to anything else takes the whole machine down, and no compiler or linker says so. hypcheck reads relocatable objects, archives, vmlinux.o, modules, or all that a build directory has, and prints each such reference in gcc's format at the line of source that is wrong.",
    ),
    '\n.SH OPTIONS\n',
    ...optionTable.map(option),
    '.SH EXIT STATUS\n',
    ...statuses.map(([status, text]) => `.TP\n${bold(status)}\n${line(text)}\n`),
    '.SH FILES\n',
    '.TP\n\\fBsuppressions\\fR\n',
    line(
      'One entry a line: WARNING FROM TO [access=HOW] [until=VERSION] and a reason; * matches any run of characters, # begins a comment.',
    ),
    '\n.TP\n\\fBbaseline\\fR\n',
    line('One finding a line: WARNING FROM TO ACCESS. Lines may be taken out, put in and merged.'),
    '\n.SH WARNINGS\n',
    ...orderedRules.map(rule),
    '.SH SEE ALSO\n.BR gcc (1),\n.BR modinfo (8)\n',
  ].join('');
