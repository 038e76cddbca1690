// SPDX-License-Identifier: GPL-2.0-only OR MIT

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isWrittenCall } from '../../lib/findings/written-calls.js';
import { runMain } from '../support/run-main.js';
import { assemble, inFolder, without } from '../support/tools.js';

const text = `#define CLEAR(p) \\
	memset(p, 0, 8)
#define OTHER(p) memset_io(p)
	return memcmp(a, b, 40) == 0;
	*to = *from;
	return __builtin_memcmp(a, b, 40);
	CLEAR(p); OTHER(p);
	memcpy (to, from, 40);
	memcpy_toio(to, from, 40);
`;
const sources = { treeName: (file: string) => file, text: (file: string) => (file === 'a.c' ? text : null) };

/** Function, line, column of the call, and whether the source calls it. */
const rows: readonly (readonly [string, number, number, boolean])[] = [
  ['memcmp', 4, 9, true],
  ['memcmp', 4, 0, true],
  ['memcpy', 5, 6, false],
  ['memcmp', 6, 9, false],
  ['memset', 7, 2, true],
  ['memset', 7, 12, false],
  ['memcpy', 8, 2, true],
  ['memcpy', 9, 2, false],
  ['memcpy', 9, 0, false],
  ['memcpy', 99, 1, false],
];

for (const [name, line, column, written] of rows) {
  t.test(
    `${name} at ${line}:${column} is ${written ? 'written in the source' : 'not written in the source'}`,
    async (t) => {
      t.equal(isWrittenCall(name, { file: 'a.c', line, column }, sources), written);
    },
  );
}

t.test('without a line or its source no call counts as written', async (t) => {
  t.equal(isWrittenCall('memcmp', null, sources), false);
  t.equal(isWrittenCall('memcmp', { file: 'b.c', line: 4, column: 9 }, sources), false);
});

t.test(
  'a call of memcmp() that is written in the source is hyp-call, with advice',
  { skip: without('aarch64-linux-gnu-as') },
  async (t) => {
    const text = `.section .hyp.text, "ax"
.type __kvm_nvhe_f, %function
__kvm_nvhe_f:
  bl __kvm_nvhe_memcmp // memcmp(a, b, 40)
  ret
.size __kvm_nvhe_f, . - __kvm_nvhe_f
.section .hyp.rodata, "a"
.quad __kvm_nvhe_f
`;
    await inFolder(async (folder) => {
      mkdirSync(join(folder, 'source'));
      writeFileSync(join(folder, 'source/input.s'), text);
      writeFileSync(join(folder, 'vmlinux.o'), assemble(text, ['-g']));
      const { stderr } = await runMain(['--source', 'source', 'vmlinux.o'], { directory: folder });
      t.match(stderr, /:4: warning: call to 'memcmp', which is not defined in hyp code, .* \[-Whyp-call\]/);
      t.match(stderr, /note: define the callee below arch\/arm64\/kvm\/hyp\/nvhe/);
      const unread = await runMain(['vmlinux.o'], { directory: folder });
      t.match(
        unread.stderr,
        /\[-Whyp-instrumentation\]/,
        'without the source it counts as made by the compiler',
      );
    });
  },
);
