// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The way to a finding, through the whole program. The line numbers are those that
// the assembler recorded for the assembly below.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';

const skip = without('aarch64-linux-gnu-as');

const func = (name: string, ...lines: readonly string[]): string =>
  [`.type ${name}, %function`, `${name}:`, ...lines, `.size ${name}, . - ${name}`].join('\n');

/** d1 calls d2, and so on; the last one calls the host. */
const chain = (count: number, prefix: string): string =>
  Array.from({ length: count }, (_, index) =>
    func(
      `${prefix}d${index + 1}`,
      index + 1 < count ? `bl ${prefix}d${index + 2} // d${index + 1}` : `bl deep_host // finding`,
      'ret',
    ),
  ).join('\n');

/** Hyp code of a link of its own: vectors, a table of hypercalls, a callback. */
const own = `
.section .hyp.text, "ax"
.balign 2048
__kvm_nvhe___kvm_hyp_vector:
b __kvm_nvhe_trap // in the vectors
.balign 2048
${func('__kvm_nvhe_trap', 'bl __kvm_nvhe_middle // in trap', 'adrp x0, __kvm_nvhe_callback // handed out', 'add x0, x0, :lo12:__kvm_nvhe_callback', 'br x0')}
${func('__kvm_nvhe_middle', 'b __kvm_nvhe_last // in middle')}
${func('__kvm_nvhe_last', 'bl first_host', 'bl second_host', 'ret')}
${func('__kvm_nvhe_callback', 'bl third_host', 'ret')}
${func('__kvm_nvhe_hypercall', 'bl __kvm_nvhe_d1 // in hypercall', 'bl fourth_host', 'ret')}
${chain(12, '__kvm_nvhe_')}
${func('__kvm_nvhe_turns', 'bl __kvm_nvhe_turns_too', 'ret')}
${func('__kvm_nvhe_turns_too', 'bl __kvm_nvhe_turns', 'bl fifth_host', 'ret')}
.section .hyp.rodata, "a"
.quad __kvm_nvhe_hypercall
.text
${['first', 'second', 'third', 'fourth', 'fifth', 'deep'].map((name) => func(`${name}_host`, 'ret')).join('\n')}
`;

/** Hyp code as in kernels up to 5.8, with a cold part split off from a function. */
const shared = `
.section .hyp.text, "ax"
.balign 2048
.globl __kvm_hyp_vector
__kvm_hyp_vector:
b trap // in the vectors
.balign 2048
${func('trap', 'cbz x0, trap.cold // to the cold half', 'ret')}
${func('trap.cold', 'bl last // in the cold half', 'ret')}
${func('last', 'bl first_host', 'ret')}
.text
${func('first_host', 'ret')}
.data
.quad __kvm_hyp_vector
`;

const lineOf = (text: string, marker: string): number =>
  text.split('\n').findIndex((line) => line.endsWith(`// ${marker}`)) + 1;

/** The steps that are printed for each host function, and the callers in JSON. */
const waysOf = async (text: string, options: readonly string[] = []) => {
  const object = assemble(text, ['-g']);
  return await inFolder(async (folder) => {
    writeFileSync(join(folder, 'vmlinux.o'), object);
    const { stderr } = await runMain([...options, 'vmlinux.o'], { directory: folder });
    const ways = new Map<string, string[]>();
    let way: string[] = [];
    for (const line of stderr.split('\n')) {
      const target = / warning: call to '(\w+)'/.exec(line)?.[1];
      if (target !== undefined) {
        way = [];
        ways.set(target, way);
      } else if (/ note: (called|reached|handed|and \d)/.test(line))
        way.push(line.replace(/^.*?:(?=\d)/, '').replace(/^hypcheck: /, ''));
    }
    const { stdout } = await runMain([...options, '-fdiagnostics-format=json', 'vmlinux.o'], {
      directory: folder,
    });
    const json: readonly { hyp: { to: { symbol: string }; callers: readonly Record<string, unknown>[] } }[] =
      JSON.parse(stdout);
    return {
      stderr,
      ways,
      callersOf: (name: string) => json.find(({ hyp }) => hyp.to.symbol === name)?.hyp.callers,
    };
  });
};

t.test('the notes of a finding lead back to an entry, in hyp code of its own link', { skip }, async (t) => {
  const { stderr, ways, callersOf } = await waysOf(own);
  const at = (marker: string) => lineOf(own, marker);
  t.same(
    ways.get('first_host'),
    [
      `${at('in middle')}: note: called from 'middle'`,
      `${at('in trap')}: note: called from 'trap'`,
      `${at('in the vectors')}: note: reached from '__kvm_hyp_vector' through 'trap', 'middle'`,
    ],
    'the nearest caller first, tail calls included',
  );
  t.same(ways.get('second_host'), [], 'the way is printed once for a function');
  t.same(
    ways.get('third_host'),
    [
      `${at('handed out')}: note: handed out by 'trap'`,
      `${at('in the vectors')}: note: reached from '__kvm_hyp_vector' through 'trap'`,
    ],
    'a function whose address is handed out',
  );
  t.same(ways.get('fourth_host'), [], 'the function is an entry itself: a table holds its address');
  t.same(
    ways.get('deep_host'),
    [
      ...[11, 10, 9, 8, 7, 6].map((each) => `${at(`d${each}`)}: note: called from 'd${each}'`),
      'note: and 5 more calls before that',
      `${at('in hypercall')}: note: reached from 'hypercall' through 'd1', 'd2', …, 'd11'`,
    ],
    'a long way is cut in the middle',
  );
  t.same(ways.get('fifth_host'), [], 'nothing calls these two but each other');
  t.notMatch(stderr, /note: called from.*\n +\d+ \|/, 'a step shows no source');
  t.match(callersOf('first_host'), [
    {
      kind: 'call',
      function: 'middle',
      file: /input\.s$/,
      line: at('in middle'),
      column: 0,
      object: 'vmlinux.o',
      section: '.hyp.text',
      offset: 2048 + 16,
    },
    { function: 'trap', line: at('in trap') },
    { function: '__kvm_hyp_vector', line: at('in the vectors'), offset: 0 },
  ]);
  t.same(callersOf('second_host'), callersOf('first_host'), 'in JSON each finding has the way');
  t.equal(callersOf('third_host')?.[0]?.kind, 'address');
  t.equal(callersOf('deep_host')?.length, 12, 'in JSON it is not cut');
});

t.test('the notes of a finding lead back to an entry, in code that VHE shares', { skip }, async (t) => {
  const steps = [
    `${lineOf(shared, 'in the cold half')}: note: called from 'trap'`,
    `${lineOf(shared, 'in the vectors')}: note: reached from '__kvm_hyp_vector' through 'trap'`,
  ];
  const { ways } = await waysOf(shared, ['--vhe-cap=11']);
  t.same(ways.get('first_host'), steps, 'a cold part is no function of its own');
  const unknown = await waysOf(shared, ['--vhe=unknown']);
  t.same(unknown.ways.get('first_host'), steps, 'also if no code is followed');
});

t.test('-q leaves out the steps', { skip }, async (t) => {
  const { ways } = await waysOf(own, ['-q']);
  t.same([...ways.values()].flat(), []);
});
