// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What the kernel's headers say of capabilities: their numbers, and with which of
// them KVM starts only if VHE is on, so that hyp code without VHE never has them.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';
import { numbersOfHeader } from '../../lib/flow/capability.js';
import { runMain } from '../support/run-main.js';

const header = `#define ARM64_HAS_VIRT_HOST_EXTN	11
#define ARM64_HAS_OTHER			20
#define ARM64_SVE			22
#define ARM64_NCAPS			48
`;
const refusal = (body: string): string =>
  `static inline int before(void)\n{\n\treturn cpus_have_cap(ARM64_BEFORE);\n}\n\nstatic inline bool ${body}\n`;
const requires = refusal(`kvm_arch_requires_vhe(void)
{
	if (system_supports_sve())
		return true;
	if (cpus_have_cap(ARM64_HAS_OTHER))
		return true;
	return false;
}`);

t.test('numbers of capabilities are read from cpucaps.h', async (t) => {
  t.same(numbersOfHeader(header, ['ARM64_SVE', 'ARM64_ELSEWHERE']), {
    vhe: 11,
    always: null,
    count: 48,
    needVhe: [22],
  });
});

t.test('code behind a capability for which KVM requires VHE is left out', async (t) => {
  const object = resolve('test/samples/flow/keys.gcc-O2-keys16.o');
  const judged = async (kvmHost: string): Promise<string> => {
    const folder = mkdtempSync(join(tmpdir(), 'hypcheck-capability-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const files = {
      Kbuild: '',
      'include/config/auto.conf': '',
      'arch/arm64/include/asm/cpucaps.h': header,
      'arch/arm64/include/asm/kvm_host.h': kvmHost,
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const args = ['--whole', '--build', folder, '-fdiagnostics-plain-output', object];
    return (await runMain(args)).stderr;
  };
  const call = /keys\.c:152:\d+: warning: call to 'host_call'/;
  t.match(await judged(''), call);
  t.notMatch(await judged(requires), call);
  t.match(await judged(requires), /keys\.c:63:/, 'a call behind no capability is reported');
});
