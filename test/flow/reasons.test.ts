// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The gate that -Whyp-vhe-only names for a reference that is left out: the key,
// alternative or test, and its source line. Lines are the samples' own, keys are
// from readelf's listing of their tables.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';
import { fun, key } from './walked.js';

const folder = 'test/samples/flow';
const ready = 'static key ‘arm64_const_caps_ready’, which is on before KVM runs';

/** Object; line of the reference; what is said of it there; place and words of the note. */
const reasons: readonly (readonly [string, number, string, string, string])[] = [
  ['keys.gcc-O2-keys16.o', 73, 'nothing executes this', 'keys.c:72', `behind ${ready}`],
  ['keys.clang-O2-keys24.o', 73, 'nothing executes this', 'keys.c:72', `behind ${ready}`],
  [
    'keys.gcc-O2-keys0.o',
    73,
    'nothing executes this',
    'keys.c:72',
    'behind a test of what is settled before KVM runs',
  ],
  [
    'tlb-switch.gcc-O2-keys16.o',
    38,
    'only VHE executes this',
    'tlb-switch.c:74',
    'behind has_vhe(): static key ‘cpu_hwcap_keys+0xb0’, which is off without VHE',
  ],
];

for (const [object, line, who, place, words] of reasons) {
  t.test(`the note names the gate: ${object}, line ${line}`, async (t) => {
    const args = [
      '--whole',
      '--vhe-cap=11',
      '-Whyp-vhe-only',
      '-fno-diagnostics-show-caret',
      `${folder}/${object}`,
    ];
    const { stderr } = await runMain(args, { environment: { LC_ALL: 'C.UTF-8' } });
    const lines = stderr.split('\n');
    const at = lines.findIndex((one) => new RegExp(`\\.c:${line}:\\d+: warning: ${who}: `).test(one));
    t.not(at, -1, 'the reference is listed');
    const note = lines.slice(at + 1).find((one) => / note: behind /.test(one)) ?? '';
    t.match(note, new RegExp(`^${folder}/${place.replace('.', '\\.')}:\\d+: note: `));
    t.ok(note.endsWith(`note: ${words}`), note);
  });
}

const skip = without('aarch64-linux-gnu-as');

t.test(
  'a reference behind VHE code that is too involved to be followed is listed without a gate',
  { skip },
  async (t) => {
    // A machine without VHE returns at once; for one with VHE, each of 20,000 branches leads back over all before it.
    const branches = Array.from({ length: 20_000 }, (_, index) => {
      const [to, from] = [1 + (index % 8), 1 + ((index + 3) % 8)];
      return `adds x${to}, x${from}, #${index % 4000}\nb.eq 1b\n`;
    });
    const object = assemble(
      `.section .hyp.text, "ax"\n${fun('f', `${key('2f')}\nret\n2: mov x1, #1\n1: ${branches.join('')}bl host\nret`)}.data\n.quad f\n`,
    );
    await inFolder(async (directory) => {
      writeFileSync(join(directory, 'x.o'), object);
      const options = ['--whole', '--vhe-cap=11', 'x.o'];
      const left = await runMain(['-Whyp-vhe-only', ...options], { directory });
      t.match(left.stderr, /warning: only VHE executes this: call to 'host'/);
      t.notMatch(left.stderr, /too involved|note: behind/);
      t.equal(left.status, 0);
      t.match(
        (await runMain(['--references', ...options], { directory })).stdout,
        /calls 'host'.*; only VHE executes it/,
      );
    });
  },
);

const doubt =
  /note: this stands behind a capability that may be VHE: .* with --build, or the number with --vhe-cap$/m;

t.test('without VHE’s number, a finding behind a capability is reported with a note', async (t) => {
  const guarded = [`${folder}/tlb-switch.gcc-O2-keys16.o`, '-fno-diagnostics-show-caret', '--whole'];
  const { stderr } = await runMain(guarded, { environment: { LC_ALL: 'C.UTF-8' } });
  t.match(stderr, /tlb-switch\.c:38:\d+: warning: call to ‘trace_irqs_off’/);
  t.match(stderr, doubt);
});

t.test('a finding that no capability decides has no such note', async (t) => {
  const { stderr } = await runMain([
    '--whole',
    'test/samples/hyp-text/ubsan.o',
    'test/samples/hyp-text/call-helper.o',
  ]);
  t.match(stderr, /-Whyp-call/);
  t.match(stderr, /-Whyp-instrumentation/);
  t.notMatch(stderr, /may be VHE/);
});
