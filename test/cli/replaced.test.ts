// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A vmlinux.o that is linked anew while it is checked: it is checked again, and a
// pipe is not read a second time.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { buildObject, code } from '../support/object-builder.js';
import { programFile } from '../support/program.js';
import { run, without } from '../support/tools.js';

const folder = mkdtempSync(join(tmpdir(), 'hypcheck-replaced-'));
t.teardown(() => rmSync(folder, { recursive: true, force: true }));

const objectThatCalls = (name: string) =>
  buildObject({
    sections: [
      {
        name: '.hyp.text',
        flags: code,
        items: [{ label: 'f' }, { word: 0x94000000, relocation: { type: 283, to: name } }, 0xd65f03c0],
      },
      { name: '.text', flags: code, items: [{ label: name }, 0xd65f03c0] },
      { name: '.rodata', items: [{ quad: 0n, relocation: { type: 257, to: 'f' } }] },
    ],
  });

t.test(
  'an input that is replaced during the check is checked again, beside a FIFO',
  { skip: without('mkfifo', 'mv') },
  async (t) => {
    writeFileSync(join(folder, 'vmlinux.o'), objectThatCalls('before'));
    writeFileSync(join(folder, 'new.o'), objectThatCalls('after'));
    writeFileSync(join(folder, 'other.o'), objectThatCalls('other'));
    run('mkfifo', [join(folder, 'gate')]);
    // The program opens the FIFO after vmlinux.o; only then does its writer go on, and replaces vmlinux.o.
    const writer = spawn('sh', ['-c', 'exec 3> gate; mv new.o vmlinux.o; cat other.o >&3'], { cwd: folder });
    const program = spawn(process.execPath, [programFile(), '--vhe=unknown', 'vmlinux.o', 'gate'], {
      cwd: folder,
    });
    let text = '';
    program.stderr.on('data', (piece) => {
      text += piece;
    });
    const status = await new Promise((resolve) => program.on('close', resolve));
    writer.kill();
    t.equal(status, 0);
    t.match(text, /^vmlinux\.o: warning: call to .after./m);
    t.match(text, /^gate: warning: call to .other./m);
    t.notMatch(text, 'before');
  },
);
