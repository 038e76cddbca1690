// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What -v says of a run.

import type { CheckResult } from '../check.js';
import type { Job } from './job.js';
import type { Options } from './options.js';

export const verboseLines = (
  options: Options,
  { image, build, foreignBuild, kernel }: Job,
  result: CheckResult,
): readonly string[] => {
  const { generations, unknown } = result;
  const named = unknown.map(({ target }) => target.name ?? target.section ?? '?');
  const undefinedNames = [...new Set(named)].sort();
  const isAsked = build !== null && options.files.length > 0;
  const lines = [
    ...generations.map(({ title, kernels }) => `generation: ${title} (${kernels})`),
    `inputs: ${image.objects.length === 1 ? image.objects[0]?.path : `${image.objects.length} objects`}, ${image.whole ? 'all hyp code is among them' : 'other objects may hold hyp code'}`,
    `build directory: ${build?.directory ?? 'none'}; ${image.aliases.size} aliases of host symbols${isAsked ? '; it tells about the files, and is not checked itself' : ''}`,
    ...(foreignBuild === null
      ? []
      : [
          `build directory: ${foreignBuild} is not used: it belongs to another user, or everybody may write to it (name it with --build)`,
        ]),
    ...(kernel?.origins() ?? []),
    ...vheLines(options, result),
    ...(undefinedNames.length > 0 ? [`not defined in any input: ${undefinedNames.join(' ')}`] : []),
  ];
  return lines.map((line) => `hypcheck: ${line}`);
};

/** What is said of VHE: how its capability is known, and how much was left out. */
const vheLines = ({ vhe, vheCap }: Options, result: CheckResult): readonly string[] => {
  const { vheNumber, reaches, generations } = result;
  if (vhe === 'unknown') return ['VHE: everything counts as executed (--vhe=unknown)'];
  if (!generations.some(({ isSharedWithVhe }) => isSharedWithVhe))
    return ['VHE: no code of this link is executed with VHE'];
  if (vheNumber === undefined) return ['VHE: nothing was objected to, so nothing was followed'];
  if (vheNumber === null) {
    return [
      'VHE: the number of its capability is not known, so all code counts as executed (--vhe-cap, --build)',
    ];
  }
  const count = (kind: string): number => [...reaches.values()].filter((one) => one.kind === kind).length;
  return [
    `VHE: capability ${vheNumber}${vheCap === null ? '' : ' (--vhe-cap)'}; of ${reaches.size} references followed ${count('live')} are executed without VHE, ${count('left-out')} are left out (-Whyp-vhe-only)`,
  ];
};
