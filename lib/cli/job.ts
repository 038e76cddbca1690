// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What one run checks: the objects that the command line names or a build directory
// holds, as one image, and what the build says about them.

import { basename } from 'node:path';
import { sectionsOf } from '../code/object-sections.js';
import { FormatError } from '../elf/format-error.js';
import type { ObjectFile } from '../elf/object-file.js';
import { WantedNames } from '../elf/wanted-names.js';
import { type CapabilityNumbers, unknownNumbers } from '../flow/capability.js';
import type { FlowOptions } from '../flow/reach.js';
import { type Aliases, Image } from '../link/image.js';
import { linkNameOf, NVHE_PREFIX } from '../link/symbol-names.js';
import { LinkedObject } from '../linked/linked-object.js';
import { isModulePart } from '../policy/detect-generation.js';
import { BuildTree } from './build-tree.js';
import type { Files } from './files.js';
import { loadInputs } from './inputs.js';
import { KernelSources } from './kernel-sources.js';
import type { Options } from './options.js';

export interface Job {
  readonly image: Image;
  /** null: of the mode that was asked for nothing is known. */
  readonly kernel: KernelSources | null;
  /** The inputs as they were named, or found in the build directory. */
  readonly paths: readonly string[];
  readonly flow: FlowOptions;
  /** The build directory that was named or found, or null. */
  readonly build: BuildTree | null;
  /** The source tree: the build's, or the one that was named; null where neither is there. */
  readonly source: string | null;
  /** A build directory that was found and belongs to somebody else. */
  readonly foreignBuild: string | null;
  /** Inputs that cannot be checked, and why. */
  readonly faults: readonly FormatError[];
}

/** Files that contain all hyp code of a kernel or a module, by the names that Kbuild gives them. */
const WHOLE = /^(vmlinux(\.[oa])?|.*\.ko)(\.gz)?$/;
/** Files in which nothing of the link is missing, host code included. */
const COMPLETE = /^(vmlinux\.[oa]|.*\.ko)(\.gz)?$/;
const MODULE = /\.ko(\.gz)?$/;

/** `progress` is told how many inputs are read, of how many. */
export const prepare = async (
  options: Options,
  files: Files,
  progress?: (done: number, all: number) => void,
): Promise<Job> => {
  const faults: FormatError[] = [];
  const fault = (file: string, sentence: string) => faults.push(new FormatError(file, null, 0, sentence));

  const isThere = options.build !== null && files.isDirectory(options.build);
  if (options.build !== null && !isThere) fault(options.build, 'no such directory');
  const source = options.source !== null && files.isDirectory(options.source) ? options.source : null;
  if (options.source !== source) fault(options.source ?? '', 'no such directory (--source)');
  const named = options.build !== null && isThere ? new BuildTree(files, options.build, source) : null;
  // If files are named, the build directory is only asked about them.
  const isSearched = named !== null && options.files.length === 0;
  const fromBuild = isSearched ? named.inputs() : [];
  if (isSearched && fromBuild.length === 0) {
    fault(named.directory, 'no kernel objects with hyp code are in this build directory');
  }
  const given = [...options.files, ...fromBuild];
  const inputs = await loadInputs(files, given, !isSearched, { debugFile: options.debugFile, progress });
  // Few modules have hyp code, and a kernel has thousands.
  const modules = await loadInputs(files, isSearched ? named.modules() : [], false, { isWanted: hasHyp });
  const paths = [...given, ...modules.byPath.keys()];
  for (const one of [...inputs.faults, ...modules.faults]) faults.push(one);
  const [firstPath] = paths;
  const found = firstPath === undefined ? null : BuildTree.around(files, firstPath, source);
  const isFound = options.build === null && found !== null;
  const build = isFound && found instanceof BuildTree ? found : named;
  const foreignBuild = isFound && 'foreign' in found ? found.foreign : null;

  const objects = oneLinkOf([...inputs.objects, ...modules.objects], fault);
  if (objects.length > 0 && !objects.some(hasHyp)) {
    // Modules seldom have hyp code; every other input should have some.
    for (const [path, contents] of inputs.byPath) {
      if (MODULE.test(path)) continue;
      const isImage = contents.some(isLinked);
      // Sections get hyp names, and symbols the prefix, when the object is linked.
      const isUnlinked = /\.nvhe\.o$/.test(path);
      fault(
        path,
        isUnlinked
          ? 'an object of the nVHE code that is not linked yet; check kvm_nvhe.o, which is made of it'
          : isImage
            ? 'a linked image without bounds of hyp code (__hyp_text_start): there is nothing to check in it'
            : 'no hyp section (.hyp.text): there is nothing to check in it',
      );
    }
  }
  const images = objects.filter(isLinked);
  const kernel = new KernelSources(files, build, source, options.protectedMode, images[0] ?? null);
  // Of a module the mode takes nothing away.
  const isModulesOnly =
    objects.some(isModulePart) && !objects.some((one) => hasHyp(one) && !isModulePart(one));
  const isKnown = !options.protectedMode || isModulesOnly || kernel.mapped() !== null;
  if (!isKnown) {
    const release = build?.release() ?? null;
    fault(
      build?.directory ?? firstPath ?? '',
      `--protected: what protected KVM maps in ${release === null ? 'a kernel of unknown version' : `kernel ${release}`} is not known; name its source tree (--source)`,
    );
  }
  const names = objects.map(({ path }) => basename(path));
  const isWhole =
    options.whole || isSearched || images.length > 0 || paths.some((path) => WHOLE.test(basename(path)));
  const linked = build?.aliases();
  const isKernel = names.includes('vmlinux.o') || images.length > 0;
  const asksWitnesses = !isKernel && linked && objects.some((one) => usesAliases(one, linked.aliases));
  const witnessPaths = asksWitnesses ? (build?.witnesses() ?? []) : [];
  const definitions = new WantedNames(linked?.aliases.values() ?? []);
  const witnesses = (await loadInputs(files, witnessPaths, false, { definitions })).objects;
  const list = linked?.from ?? null;
  if (list !== null && linked?.aliases.size === 0 && objects.some(asksForAliases))
    fault(list, 'no alias of the nVHE code is in it, although the code uses some (a Git LFS pointer?)');
  const image = new Image(objects, {
    whole: isWhole,
    // What an image has of them is what its link made.
    aliases: new Map([...(linked?.aliases ?? []), ...images.flatMap(({ aliases }) => [...aliases])]),
    witnesses: () => witnesses,
  });
  let numbers: CapabilityNumbers | null = null;
  const flow = {
    // Read from half a dozen headers, where somebody asks.
    get numbers(): CapabilityNumbers {
      const read = numbers ?? build?.capabilities() ?? unknownNumbers;
      numbers = numbers ?? { ...read, vhe: options.vheCap ?? read.vhe };
      return numbers;
    },
    isComplete:
      paths.length > 0 && (objects.every(isLinked) || paths.every((path) => COMPLETE.test(basename(path)))),
  };
  return {
    image,
    paths,
    kernel: isKnown ? kernel : null,
    flow,
    build,
    source: build?.source() ?? source,
    foreignBuild,
    faults,
  };
};

const hasHyp = (object: ObjectFile): boolean => sectionsOf(object).hyp.length > 0;

/** Whether it has names of the kernel's nVHE link that the link does not define: all such kernels have. */
const asksForAliases = (object: ObjectFile): boolean =>
  !isModulePart(object) &&
  hasHyp(object) &&
  object.symbols.withPrefix(NVHE_PREFIX).some((symbol) => object.symbols.isUndefined(symbol));

/** Whether it lacks a name that the linker script makes one of something else, which may be the host's. */
const usesAliases = ({ symbols, path }: ObjectFile, aliases: Aliases): boolean => {
  for (let symbol = 1; symbol < symbols.count; symbol++)
    if (symbols.isUndefined(symbol) && aliases.has(linkNameOf(path, symbols.name(symbol)))) return true;
  return false;
};

const isLinked = (object: ObjectFile): object is LinkedObject => object instanceof LinkedObject;

/** A finished kernel is a link of its own: modules may stand beside it, another kernel or its objects not. */
const oneLinkOf = (
  objects: readonly ObjectFile[],
  fault: (file: string, sentence: string) => void,
): readonly ObjectFile[] => {
  const image = objects.find(isLinked);
  if (!image) return objects;
  return objects.filter((object) => {
    if (object === image || MODULE.test(object.path)) return true;
    fault(object.path, `not checked: '${image.path}' is a link of its own; check this by itself`);
    return false;
  });
};
