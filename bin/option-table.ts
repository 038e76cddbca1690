// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The options as the manual page and shells' completions tell them. A test holds the
// names to those that the parser takes.

export interface OptionRow {
  /** Spelt as they are typed, the value behind it: `--build DIR`. */
  readonly names: readonly string[];
  readonly text: string;
  /** What completes the value. */
  readonly value?: 'file' | 'folder' | 'warning' | 'form' | 'report' | readonly string[];
}

export const optionTable: readonly OptionRow[] = [
  {
    names: ['--build DIR'],
    value: 'folder',
    text: 'The build directory of a kernel. Alone, it says what there is to check; beside files, it tells about them: configuration, capability numbers, aliases. May be repeated.',
  },
  {
    names: ['--source DIR'],
    value: 'folder',
    text: 'The source tree that it was built from, if it is not where the build says.',
  },
  {
    names: ['--vhe=off', '--vhe=unknown'],
    text: 'Judge as on a machine without VHE (the default), where what only VHE executes is left out; or judge every reference, as modpost would.',
  },
  {
    names: ['--vhe-cap=N'],
    value: [],
    text: 'The number of the VHE capability, where no build directory tells it.',
  },
  {
    names: ['--whole'],
    text: 'All hyp objects of the kernel are among the inputs: what they do not define is not hyp code.',
  },
  { names: ['--protected'], text: 'Judge by what protected KVM maps.' },
  {
    names: ['-WNAME', '-Wno-NAME'],
    value: 'warning',
    text: 'Switch a warning on or off.',
  },
  { names: ['-Wall', '-Wextra'], text: 'All warnings that are on by default; with hyp-inline-hint.' },
  { names: ['-w'], text: 'No warnings.' },
  {
    names: ['-Werror', '-E', '-Werror=NAME', '-Wno-error=NAME'],
    value: 'warning',
    text: 'Warnings, or one of them, are errors, or none.',
  },
  {
    names: ['-fdiagnostics-format=FORM'],
    value: 'form',
    text: 'The form of the output. text and modpost go to standard error, the others to standard output.',
  },
  {
    names: ['-fdiagnostics-color=WHEN'],
    value: ['auto', 'always', 'never'],
    text: 'Colours, as in gcc, with GCC_COLORS and NO_COLOR.',
  },
  {
    names: ['-fdiagnostics-urls=WHEN'],
    value: ['auto', 'always', 'never'],
    text: 'Names of warnings in brackets are links to their pages, as in gcc, with GCC_URLS and TERM_URLS (no, st, bel).',
  },
  { names: ['-fdiagnostics-color', '-fno-diagnostics-color'], text: 'Colours always, and never.' },
  {
    names: ['-fdiagnostics-show-caret', '-fno-diagnostics-show-caret'],
    text: 'Show the line of source below a message, or do not.',
  },
  {
    names: ['-fdiagnostics-plain-output'],
    text: 'One line a message, without colours and lines of source; the inline chain as notes.',
  },
  { names: ['-fdiagnostics-parseable-fixits'], text: 'Fix-its also as lines for programs.' },
  { names: ['-fdiagnostics-generate-patch'], text: 'All fix-its as a patch behind the text.' },
  { names: ['-fmax-errors=N'], value: [], text: 'After N messages the rest is only counted.' },
  {
    names: ['--references', '--references=list', '--references=summary'],
    text: 'Instead of findings, every reference that leaves hyp code and hyp data with what is thought of it; or each target once.',
  },
  { names: ['-o FILE'], value: 'file', text: 'The output goes there.' },
  {
    names: ['--report FORM=FILE'],
    value: 'report',
    text: 'Beside the output a report, in json, sarif, gitlab or html. May be repeated.',
  },
  {
    names: ['--debug-file FILE'],
    value: 'file',
    text: 'Where the symbols and lines of a stripped kernel are.',
  },
  { names: ['--suppressions FILE'], value: 'file', text: 'Reviewed exceptions, each with a reason.' },
  {
    names: ['--baseline FILE'],
    value: 'file',
    text: 'Findings that were known before: they are counted, not printed, and those that are gone are said.',
  },
  { names: ['--write-baseline FILE'], value: 'file', text: 'What is found now is known from now on.' },
  { names: ['--stats'], text: 'What was read and decided, and how long it took.' },
  { names: ['-v'], text: 'What was found out about the kernel.' },
  { names: ['-q'], text: 'Without notes.' },
  { names: ['@FILE'], text: 'Words of the command line from a file.' },
  {
    names: ['--explain WARNING'],
    value: 'warning',
    text: 'What a warning means, how to fix it, and when to suppress it.',
  },
  { names: ['--list-warnings'], text: 'All warnings.' },
  { names: ['-h', '--help'], text: 'The options, on one screen.' },
  { names: ['-V', '--version'], text: 'The version.' },
];
