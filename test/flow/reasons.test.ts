// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The gate that -Whyp-vhe-only names for a reference that is left out: the key,
// alternative or test, and its source line. Lines are the samples' own, keys are
// from readelf's listing of their tables.

import t from 'tap';
import { runMain } from '../support/run-main.js';

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
