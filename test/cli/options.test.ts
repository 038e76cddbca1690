// SPDX-License-Identifier: GPL-2.0-only OR MIT

import t from 'tap';
import { helpText } from '../../lib/cli/help.js';
import { type Options, parseOptions } from '../../lib/cli/options.js';

const parse = (line: string) => parseOptions(line.split(' '));

const options = (line: string): Options => {
  const command = parse(line);
  if (command.kind !== 'check') throw new Error(`'${line}' is ${JSON.stringify(command)}`);
  return command.options;
};

const complaint = (line: string): string => {
  const command = parse(line);
  return command.kind === 'usage' ? command.sentence : `(${command.kind})`;
};

t.test('without options everything has its default', async (t) => {
  t.match(options('a.o b.a'), {
    files: ['a.o', 'b.a'],
    build: null,
    moreBuilds: [],
    source: null,
    vhe: 'off',
    vheCap: null,
    whole: false,
    protectedMode: false,
    format: 'text',
    color: 'auto',
    caret: true,
    plain: false,
    references: null,
    maxErrors: null,
    output: null,
    suppressions: null,
    baseline: null,
    writeBaseline: null,
    reports: [],
    stats: false,
    verbose: false,
    quiet: false,
  });
});

t.test('each option sets its value', async (t) => {
  const rows: readonly (readonly [string, Partial<Options>])[] = [
    ['--build dir', { build: 'dir', files: [] }],
    ['--build a --build=b --build c', { build: 'a', moreBuilds: ['b', 'c'], files: [] }],
    ['--build=dir', { build: 'dir', files: [] }],
    ['--build dir --source tree', { build: 'dir', source: 'tree' }],
    ['--vhe=off x.o', { vhe: 'off' }],
    ['--vhe unknown x.o', { vhe: 'unknown', files: ['x.o'] }],
    ['--vhe-cap=11 x.o', { vheCap: 11 }],
    ['--whole x.o', { whole: true, files: ['x.o'] }],
    ['--protected x.o', { protectedMode: true, files: ['x.o'] }],
    ['--references x.o', { references: 'list', files: ['x.o'] }],
    ['--references=list x.o', { references: 'list' }],
    ['--references=summary x.o', { references: 'summary' }],
    ['-fmax-errors=3 x.o', { maxErrors: 3 }],
    ['-fmax-errors=0 x.o', { maxErrors: null }],
    ['--suppressions list x.o', { suppressions: 'list', files: ['x.o'] }],
    ['--baseline known x.o', { baseline: 'known', writeBaseline: null }],
    ['--write-baseline=known x.o', { baseline: null, writeBaseline: 'known', files: ['x.o'] }],
    ['--report sarif=a.sarif x.o', { reports: [{ form: 'sarif', file: 'a.sarif' }], files: ['x.o'] }],
    [
      '--report=gitlab=a=b --report json=c x.o',
      {
        reports: [
          { form: 'gitlab', file: 'a=b' },
          { form: 'json', file: 'c' },
        ],
      },
    ],
    ['-fdiagnostics-format=sarif x.o', { format: 'sarif' }],
    ['-fdiagnostics-format=gitlab x.o', { format: 'gitlab' }],
    ['--stats x.o', { stats: true, files: ['x.o'] }],
    ['-o out x.o', { output: 'out', files: ['x.o'] }],
    ['x.o -oout', { output: 'out', files: ['x.o'] }],
    ['-v -q x.o', { verbose: true, quiet: true, files: ['x.o'] }],
    ['-fdiagnostics-format=json x.o', { format: 'json' }],
    ['-fdiagnostics-format=modpost x.o', { format: 'modpost' }],
    ['-fdiagnostics-format=json -fdiagnostics-format=text x.o', { format: 'text' }],
    ['-fdiagnostics-color=always x.o', { color: 'always' }],
    ['-fdiagnostics-color=auto x.o', { color: 'auto' }],
    ['-fno-diagnostics-show-caret x.o', { caret: false }],
    ['-fno-diagnostics-show-caret -fdiagnostics-show-caret x.o', { caret: true }],
    ['-fdiagnostics-plain-output x.o', { plain: true, caret: false, color: 'never' }],
    ['-- -Wstrange.o --odd', { files: ['-Wstrange.o', '--odd'] }],
    ['1e3 0x10 007', { files: ['1e3', '0x10', '007'] }],
    ['x.o --whole y.o', { files: ['x.o', 'y.o'], whole: true }],
  ];
  for (const [line, expected] of rows) t.match(options(line), expected, line);
});

t.test('every option that --help names is accepted', async (t) => {
  const words = [
    ...helpText.matchAll(/(?<![\w-])-{1,2}[A-Za-z][\w-]*(?:\[[^\]]*\][A-Z]*)?(?:=[\w|]+)?/g),
  ].map(([word]) => word);
  t.ok(words.length > 20, words.join(' '));
  const values: Readonly<Record<string, string>> = {
    '--build': '--build dir',
    '--source': '--source tree',
    '--explain': '--explain hyp-call',
    '--suppressions': '--suppressions list',
    '--debug-file': '--debug-file half',
    '-o': '-o out',
    '--report': '--report sarif=out',
    '--baseline': '--baseline known',
    '--write-baseline': '--write-baseline known',
    '--references[=summary]': '--references=summary',
    '-fmax-errors=N': '-fmax-errors=3',
    '--vhe=off|unknown': '--vhe=unknown',
    '--vhe-cap=N': '--vhe-cap=3',
    '-W[no-]NAME': '-Wno-hyp-call',
    '-Werror[=NAME]': '-Werror=hyp-call',
    '-fdiagnostics-format=FORM': '-fdiagnostics-format=json',
    '-fdiagnostics-color=WHEN': '-fdiagnostics-color=never',
    '-fdiagnostics-urls=WHEN': '-fdiagnostics-urls=never',
  };
  for (const word of words) {
    const line = `${values[word] ?? word} x.o`;
    t.not(parse(line).kind, 'usage', `${line}: ${complaint(line)}`);
  }
});

t.test('a wrong command line gives a sentence that says what is wrong', async (t) => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ['--whole', /^no input files; see --help$/],
    ['--nonsense x.o', /^unknown option '--nonsense'$/],
    ['-x x.o', /^unknown option '-x'/],
    ['--refernces x.o', /^unknown option '--refernces'; did you mean '--references'\?$/],
    ['--sauce=tree x.o', /^unknown option '--sauce=tree'/],
    ['--supressions list x.o', /; did you mean '--suppressions'\?$/],
    ['-Whyp-cal x.o', /^unknown warning option '-Whyp-cal'; did you mean '-Whyp-call'\?; see/],
    ['--references=all x.o', /^--references is 'list' or 'summary', not 'all'$/],
    ['--references=summary -fdiagnostics-format=json x.o', /^--references=summary is a text/],
    ['--references -fdiagnostics-format=sarif x.o', /^--references lists no findings/],
    ['--references --report json=j x.o', /^--references lists no findings/],
    ['--report sarif x.o', /^--report is FORM=FILE, FORM 'json', .*, not 'sarif'$/],
    ['--report text=out x.o', /^--report is FORM=FILE/],
    ['--report toString=out x.o', /^--report is FORM=FILE/],
    ['--report sarif= x.o', /^--report sarif= needs a file$/],
    [`${'--report json=a '.repeat(21)}x.o`, /^--report is given more than 20 times$/],
    ['--report= x.o', /^option '--report' needs a value$/],
    ['--baseline', /^option '--baseline' needs a value$/],
    [
      '--build a --build b --report json=j',
      /^'--build' is given more than once: one report is of one kernel$/,
    ],
    ['--build a --build b --write-baseline j', /^'--build' is given more than once/],
    ['-fmax-errors=many x.o', /^-fmax-errors is a number, not 'many'$/],
    ['--no-whole x.o', /^unknown option '--no-whole'$/],
    ['--whole.now x.o', /^unknown option '--whole\.now'$/],
    ['-Wnonsense x.o', /^unknown warning option '-Wnonsense'; see --list-warnings$/],
    ['-Wno-nonsense x.o', /^unknown warning option '-Wno-nonsense'/],
    ['-Werror=nonsense x.o', /^unknown warning option '-Werror=nonsense'/],
    ['-W x.o', /^option '-W' needs the name of a warning$/],
    ['x.o --build', /^option '--build' needs a value$/],
    ['--build a --build b x.o', /^files are checked beside one '--build'/],
    ['--build a --build b -o report', /^'--build' is given more than once/],
    ['--build a --build b -fdiagnostics-format=json', /one report in JSON is of one kernel$/],
    ['--build --whole', /^option '--build' needs a value$/],
    ['--build= x.o', /^option '--build' needs a value$/],
    ['x.o -o', /^option '-o' needs a file$/],
    ['--vhe=on x.o', /^--vhe is 'off' or 'unknown', not 'on'$/],
    ['--vhe-cap=many x.o', /^--vhe-cap is a number, not 'many'$/],
    ['--vhe-cap=-1 x.o', /^--vhe-cap is a number, not '-1'$/],
    [
      '-fdiagnostics-format=xml x.o',
      /^unknown output format 'xml'; it is 'text', 'json', 'sarif', 'gitlab' or 'modpost'$/,
    ],
    ['-fdiagnostics-color=red x.o', /^-fdiagnostics-color is 'auto', 'always' or 'never', not 'red'$/],
    [
      '-fdiagnostics-colour x.o',
      /^unknown option '-fdiagnostics-colour'; did you mean '-fdiagnostics-color'\?$/,
    ],
    ['-fsanitize=address x.o', /^unknown option '-fsanitize=address'$/],
    ['-ffdiagnostics-format= x.o', /^unknown option/],
    ['--explain', /^option '--explain' needs a value$/],
  ];
  for (const [line, sentence] of rows) t.match(complaint(line), sentence, line);
});

t.test('names of properties that every JavaScript object has are no options', async (t) => {
  for (const word of [
    '--constructor',
    '--__proto__',
    '--toString',
    '-fconstructor',
    '-Wconstructor',
    '-W__proto__',
  ]) {
    t.match(complaint(`${word} x.o`), /^unknown/, word);
  }
});
