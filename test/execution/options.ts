// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The compilers and options that units are built with, in turn: those of kernels
// 4.16 to 5.8, and options that change the layout of code.

export interface Options {
  readonly name: string;
  readonly compiler: 'gcc' | 'clang';
  readonly flags: readonly string[];
  /** The layout of tables: prelude.h's GENERATION. */
  readonly generation: 416 | 54 | 58;
  /** Whether static keys are jumps; else they are loaded and compared. */
  readonly jumps: boolean;
}

export const commands: Readonly<Record<Options['compiler'], readonly string[]>> = {
  gcc: ['aarch64-linux-gnu-gcc'],
  clang: ['clang-19', '--target=aarch64-linux-gnu'],
};

/** -w: programs are random, their warnings mean nothing. */
export const BASE: readonly string[] = [
  ...['-std=gnu11', '-ffreestanding', '-fno-strict-aliasing', '-fno-common', '-mgeneral-regs-only'],
  ...['-fno-asynchronous-unwind-tables', '-fno-unwind-tables', '-fno-delete-null-pointer-checks'],
  ...['-fno-pic', '-fno-pie', '-fno-stack-protector', '-mno-outline-atomics', '-w', '-c'],
];

const both: readonly string[] = [
  '-O1',
  '-O2',
  '-Os',
  '-O3',
  '-O2 -fno-jump-tables',
  '-Os -fno-jump-tables',
  '-O2 -mbranch-protection=pac-ret+leaf+bti',
  '-O2 -mbranch-protection=standard -fno-omit-frame-pointer',
  '-O2 -fstack-protector-strong',
  '-O2 -fpatchable-function-entry=2',
  '-O2 -fno-inline',
  '-O2 -pg',
  '-O2 -fsanitize-coverage=trace-pc',
  '-O2 -fno-inline-functions-called-once',
  '-O2 -march=armv8.2-a',
  '-O2 -DREPLACEMENT_SECTION',
  '-O2 -fno-optimize-sibling-calls',
  '-O1 @416',
  '-O2 @416',
  '-Os @416',
  '-O2 @58',
  '-Os @58',
  '-O3 @58',
  '-O2 @nojumps',
  '-Os @nojumps',
  '-O1 @nojumps @58',
];
const gccOnly: readonly string[] = [
  '-O2 -fsanitize=shadow-call-stack -ffixed-x18',
  '-O2 -freorder-blocks-and-partition -freorder-functions',
  '-O2 -fno-reorder-blocks -fno-if-conversion -fno-if-conversion2',
  '-O2 -fipa-ra -fipa-icf -fipa-cp-clone',
  '-Os -fno-section-anchors -fno-toplevel-reorder',
  '-O2 -fno-thread-jumps -fno-tree-dominator-opts',
  '-O2 -fno-crossjumping -fno-tree-tail-merge',
  '-O2 -mcmodel=tiny',
];
const clangOnly: readonly string[] = [
  '-O2 -fsanitize=shadow-call-stack -ffixed-x18',
  '-O2 -fno-integrated-as',
  '-Oz',
  '-O3 -mllvm -enable-dfa-jump-thread',
  '-O2 -mllvm -hot-cold-split=true',
  '-O1 -fno-integrated-as @416',
];

const read = (compiler: Options['compiler'], text: string): Options => {
  const words = text.split(' ');
  const generation = words.includes('@416') ? 416 : words.includes('@58') ? 58 : 54;
  const jumps = !words.includes('@nojumps');
  return {
    name: `${compiler} ${text}`,
    compiler,
    generation,
    jumps,
    flags: [
      ...words.filter((word) => !word.startsWith('@')),
      `-DGENERATION=${generation}`,
      `-DJUMPS=${Number(jumps)}`,
    ],
  };
};

export const allOptions: readonly Options[] = [
  ...both.flatMap((text) => [read('gcc', text), read('clang', text)]),
  ...gccOnly.map((text) => read('gcc', text)),
  ...clangOnly.map((text) => read('clang', text)),
];
