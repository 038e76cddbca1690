// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// kbuild/stress-build on a small tree that looks like a kernel before 5.9: what it
// compiles, where, and what hypcheck then finds. And what `inline` means in that tree, by
// its headers, its configuration and the commands it was built with.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { runMain } from '../support/run-main.js';
import { inFolder, run, without } from '../support/tools.js';

const skip = without('aarch64-linux-gnu-gcc');
const script = join(process.cwd(), 'kbuild/stress-build');
const object = 'arch/arm64/kvm/hyp/audit.o';

const headerOf = (option: string): string => `
#ifndef CONFIG_${option}
#define inline inline __attribute__((always_inline, unused))
#endif
`;

/** Makes a source tree and its build directory; inline is a hint if `option` is on. */
const makeTree = (folder: string, more: string, option = 'OPTIMIZE_INLINING'): void => {
  const at = (path: string): string => join(folder, path);
  const write = (path: string, text: string): void => {
    mkdirSync(join(at(path), '..'), { recursive: true });
    writeFileSync(at(path), text);
  };
  for (const name of ['audit.c', 'helpers.h', 'words.h']) {
    mkdirSync(at('tree/arch/arm64/kvm/hyp'), { recursive: true });
    cpSync(`test/samples/inline/${name}`, at(`tree/arch/arm64/kvm/hyp/${name}`));
  }
  cpSync('test/samples/include', at('tree/arch/arm64/kvm/include'), { recursive: true });
  write('tree/include/linux/compiler_types.h', headerOf(option));
  write('build/include/config/auto.conf', 'CONFIG_JUMP_LABEL=y\n');
  write('build/arch/arm64/kvm/hyp/placeholder', '');
  const source = at('tree/arch/arm64/kvm/hyp/audit.c');
  const command = [
    'aarch64-linux-gnu-gcc -Wp,-MD,arch/arm64/kvm/hyp/.audit.o.d -std=gnu11 -O2 -g -ffreestanding -fno-pic -fno-pie',
    `-mgeneral-regs-only -include ${at('tree/include/linux/compiler_types.h')} -DNAME='"audit"' ${more}`,
    `-c -o ${object} ${source}`,
  ].join(' ');
  run('sh', ['-c', command], at('build'));
  write(
    'build/arch/arm64/kvm/hyp/.audit.o.cmd',
    `cmd_${object} := ${command}\n\nsource_${object} := ${source}\n\ndeps_${object} := \\\n`,
  );
};

const stress = (folder: string, ...more: readonly string[]) => {
  const program = join(folder, 'told');
  writeFileSync(program, '#!/bin/sh\necho "$@"\nexit 7\n');
  chmodSync(program, 0o755);
  const { quiet: _quiet, ...inherited } = process.env;
  return spawnSync('sh', [script, ...more], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...inherited, HYPCHECK: './told' },
  });
};

const stateOf = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name} ${statSync(join(folder, name)).mtimeMs}`);

const common = ['--vhe-cap=11', '-fdiagnostics-format=json'];

const optionsOf = async (args: readonly string[]): Promise<readonly string[]> => {
  const list: unknown = JSON.parse((await runMain([...common, ...args])).stdout);
  if (!Array.isArray(list)) throw new Error('the JSON form is an array');
  return list.map((one) => String(one.option));
};

t.test('objects are compiled again, elsewhere, with -fno-inline, and checked', { skip }, async (t) => {
  await inFolder(async (folder) => {
    makeTree(folder, '');
    const before = stateOf(join(folder, 'build'));
    const { status, stdout, stderr } = stress(folder, 'build', 'result', '-q');
    t.equal(status, 7, "the status is the program's");
    t.match(stderr, /compiled with -fno-inline: 1 objects/);
    const tree = realpathSync(join(folder, 'tree'));
    t.equal(
      stdout,
      `--whole --build result --source ${tree} -q\n`,
      'hypcheck runs in the directory of the caller',
    );
    t.same(stateOf(join(folder, 'build')), before, 'the build directory is as it was');
    const stressed = ['--whole', '--build', join(folder, 'result'), '--source', tree];
    const found = await optionsOf(stressed);
    // By truth.txt: each callee is called at one place, but `plain` at two.
    t.equal(found.filter((option) => option === '-Whyp-call').length, 28);
    t.equal(found.length, 28);
    // The normal build has no findings, as inline means always_inline there.
    t.same(await optionsOf(['--whole', '--build', join(folder, 'build')]), []);
  });
});

t.test(
  'no file name is executed as a command, and CDPATH does not redirect the result',
  { skip },
  async (t) => {
    const names = [
      "it's; touch planted; '",
      'a b',
      '$(touch planted)',
      '`touch planted`',
      '"',
      'a\nb',
      'end\n',
      '-n',
      'a&|\\1',
    ];
    inFolder((folder) => {
      makeTree(folder, '');
      for (const name of names) {
        const { status, stderr } = stress(folder, 'build', name);
        t.equal(status, 7, `${JSON.stringify(name)} ${stderr}`);
        t.ok(existsSync(join(folder, name, object)), JSON.stringify(name));
        t.notOk(existsSync(join(folder, 'planted')) || existsSync(join(folder, 'build/planted')), name);
      }
      mkdirSync(join(folder, 'elsewhere/build'), { recursive: true });
      const script = stress(folder, 'build', 'found', '-q');
      t.equal(script.status, 7);
      process.env.CDPATH = join(folder, 'elsewhere');
      const { status, stdout } = stress(folder, 'build', 'found', '-q');
      delete process.env.CDPATH;
      t.equal(status, 7);
      t.equal(stdout, script.stdout, 'CDPATH');
      t.notOk(existsSync(join(folder, 'elsewhere/found')));
    });
    inFolder((folder) => {
      makeTree(folder, '');
      const hyp = join(folder, 'build/arch/arm64/kvm/hyp');
      const command = readFileSync(join(hyp, '.audit.o.cmd'), 'utf8');
      writeFileSync(join(hyp, '$(touch planted).o'), '');
      writeFileSync(join(hyp, '.$(touch planted).o.cmd'), command);
      const { status, stderr } = stress(folder, 'build', 'result');
      t.equal(status, 3);
      t.match(stderr, /unexpected name of an object/);
      t.notOk(existsSync(join(folder, 'build/planted')));
    });
  },
);

t.test('symbolic links in the result directory are not followed', { skip }, async (t) => {
  const plants: readonly (readonly [string, string])[] = [
    ['result/arch', 'outside'],
    ['result/include', 'outside'],
    ['result/arch/arm64/kvm/hyp', 'outside'],
    [`result/${object}`, 'outside/file'],
    ['result/errors', 'outside/file'],
    ['result/include/config/auto.conf', 'outside/file'],
    ['result/include/without-jump-label.h', 'outside/file'],
  ];
  for (const [link, target] of plants) {
    inFolder((folder) => {
      makeTree(folder, '');
      mkdirSync(join(folder, 'outside'));
      writeFileSync(join(folder, 'outside/file'), 'kept');
      mkdirSync(dirname(join(folder, link)), { recursive: true });
      symlinkSync(join(folder, target), join(folder, link));
      const { status, stderr } = stress(folder, 'build', 'result');
      if (target === 'outside') {
        t.equal(status, 3, link);
        t.match(stderr, /is a link; remove it/, link);
      } else t.equal(status, 7, link);
      t.same(readdirSync(join(folder, 'outside')), ['file'], link);
      t.equal(readFileSync(join(folder, 'outside/file'), 'utf8'), 'kept', link);
    });
  }
  inFolder((folder) => {
    makeTree(folder, '');
    writeFileSync(join(folder, 'tree/Kbuild'), '');
    t.match(stress(folder, 'build', 'tree'), { status: 2, stderr: /RESULT is a source tree/ });
  });
});

t.test('generated headers are copied, also into a result that exists', { skip }, async (t) => {
  inFolder((folder) => {
    makeTree(folder, '');
    for (const path of ['include/generated', 'arch/arm64/include/generated/asm']) {
      mkdirSync(join(folder, 'build', path), { recursive: true });
      writeFileSync(join(folder, 'build', path, 'x.h'), path);
    }
    for (const time of ['once', 'twice']) {
      t.equal(stress(folder, 'build', 'result').status, 7, time);
      for (const path of ['include/generated', 'arch/arm64/include/generated/asm'])
        t.equal(readFileSync(join(folder, 'result', path, 'x.h'), 'utf8'), path, time);
    }
  });
});

t.test('headers, configuration and command line say whether inline is a hint', { skip }, async (t) => {
  const audit = (folder: string): Promise<readonly string[]> =>
    optionsOf(['-Whyp-inline-hint', '--source', join(folder, 'tree'), '--build', join(folder, 'build')]);
  await inFolder(async (folder) => {
    makeTree(folder, '');
    // __inline__ and __inline, which the header does not redefine, and called_once, which is not inline.
    t.equal((await audit(folder)).length, 3, 'always');
  });
  await inFolder(async (folder) => {
    makeTree(folder, '-DCONFIG_OPTIMIZE_INLINING');
    t.equal((await audit(folder)).length, 28, 'a hint by the command line');
  });
  await inFolder(async (folder) => {
    makeTree(folder, '-DCONFIG_SMALL=1', 'SMALL');
    writeFileSync(join(folder, 'build/include/config/auto.conf'), 'CONFIG_SMALL=y\n');
    t.equal((await audit(folder)).length, 28, 'a hint by the configuration');
  });
});

t.test('for a kernel with an nVHE link it says that it is not needed', async (t) => {
  inFolder((folder) => {
    mkdirSync(join(folder, 'build/arch/arm64/kvm/hyp/nvhe'), { recursive: true });
    const { status, stderr } = stress(folder, 'build', 'result');
    t.equal(status, 0);
    t.match(stderr, /^stress-build: not needed/);
  });
});

t.test('wrong arguments and failed compilations are reported, by status and message', { skip }, async (t) => {
  inFolder((folder) => {
    t.equal(stress(folder).status, 2);
    t.equal(stress(folder, 'nowhere', 'result').status, 2);
    mkdirSync(join(folder, 'empty'));
    t.equal(stress(folder, 'empty', 'empty').status, 2);
    t.equal(stress(folder, 'empty', 'result').status, 3);
    makeTree(folder, '');
    writeFileSync(join(folder, 'tree/arch/arm64/kvm/hyp/helpers.h'), '#error no\n');
    const { status, stderr } = stress(folder, 'build', 'result');
    t.equal(status, 3);
    t.match(stderr, /#error no/);
    t.match(stderr, /cannot be compiled with -fno-inline/);
    t.notOk(existsSync(join(folder, 'result', object)));
    t.ok(readFileSync(join(folder, 'build/arch/arm64/kvm/hyp/.audit.o.cmd'), 'utf8').length > 0);
  });
});
