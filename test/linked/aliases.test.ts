// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A linker script gives a variable a second name (`jiffies = jiffies_64`), and hyp code has
// an alias of that: findings name the variable, in vmlinux.o and in the finished kernel.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { linkImage, links } from '../support/link-image.js';
import { runMain } from '../support/run-main.js';
import { run, without } from '../support/tools.js';

const objcopy = 'aarch64-linux-gnu-objcopy';
const SCRIPT = 'arch/arm64/kernel/vmlinux.lds';
const ALIAS = '__kvm_nvhe_host_data = host_data;';

for (const link of links.filter(({ name }) => name === 'GNU ld' || name === 'lld, relocatable')) {
  t.test(
    `${link.name}: findings name the variable, not its second name`,
    { skip: without(link.linker, objcopy, 'aarch64-linux-gnu-gcc') },
    async (t) => {
      const folder = mkdtempSync(join(tmpdir(), 'hypcheck-aliases-'));
      t.teardown(() => rmSync(folder, { recursive: true, force: true }));
      linkImage(folder, ['test/samples/nvhe/aliases-build/vmlinux.o'], link);
      run(objcopy, ['--redefine-sym', '__kvm_nvhe_host_data=__kvm_nvhe_host_other', 'vmlinux.o'], folder);
      const script = readFileSync(join(folder, SCRIPT), 'utf8');
      t.ok(script.includes(ALIAS));
      const chain = ['host_other = host_data;', '__kvm_nvhe_host_other = host_other;'].join('\n');
      writeFileSync(join(folder, SCRIPT), script.replace(ALIAS, chain));
      run(link.linker, [...link.options, '-T', SCRIPT, '-o', 'vmlinux', 'vmlinux.o'], folder);
      const said = async (file: string) =>
        (await runMain(['-fdiagnostics-plain-output', file], { directory: folder })).stderr
          .split('\n')
          .filter((line) => /'host_(data|other)'/.test(line));
      const ofObject = await said('vmlinux.o');
      t.match(ofObject.join('\n'), /read of 'host_data'.*\n.*makes 'host_other' another name of 'host_data'/);
      t.same(await said('vmlinux'), ofObject);
    },
  );
}
