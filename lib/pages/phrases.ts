// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Parts of the warnings' sentences: both ends of a reference, each with its section,
// so that the first line of a finding is complete by itself.

import { quote } from '../diagnostics/diagnostic.js';
import { stableSectionName } from '../link/symbol-names.js';
import type { End, HypLink } from './claim.js';

/** The section's name without what changes from build to build. */
export const quoteSection = (section: string): string => quote(stableSectionName(section));

const inSection = (section: string | null): string =>
  section === null ? '' : ` (section ${quoteSection(section)})`;

/** What to do, by how hyp code is linked. */
export type AdviceByLink = Readonly<Record<HypLink, string>>;

export const adviceFor = (advice: AdviceByLink, link: HypLink | undefined): readonly string[] =>
  link === undefined ? [] : [advice[link]];

/**
 * `‘panic’ (section ‘.text.unlikely’)`, or `code without a symbol (section ‘.text’)`, or
 * `‘memset’, which is not defined in hyp code,`
 */
export const target = ({ name, section }: End, kind: 'code' | 'data'): string =>
  name !== null && section === null
    ? `${quote(name)}, which is not defined in hyp code,`
    : `${name === null ? `${kind} without a symbol` : quote(name)}${inSection(section)}`;

/** `hyp code ‘handle_trap’ (section ‘.hyp.text’)`, or `hyp code (section ‘.hyp.text’)` */
export const owner = (kind: 'hyp code' | 'hyp data' | 'host code', { name, section }: End): string =>
  `${kind}${name === null ? '' : ` ${quote(name)}`}${inSection(section)}`;
