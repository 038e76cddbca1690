// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The tool and its rules, as SARIF describes them: the same pages as --explain's.

import type { ReportingDescriptor, ToolComponent } from 'sarif';
import { explain } from '../pages/explain.js';
import { orderedRules, type RuleCard } from '../pages/registry.js';
import { urlOf } from './urls.js';

/** Prose as Markdown: names in back quotes stay, nothing else in the pages is marked. */
const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

const markdown = ({ name, summary, page }: RuleCard): string =>
  [
    `**${name}**: ${summary}`,
    ...page.meaning,
    `For example, in ${page.example.sample}:`,
    `\`\`\`\n${page.example.text.trimEnd()}\n\`\`\``,
    `How to fix it:\n\n${list(page.fixes)}`,
    `When to suppress it: ${page.suppress}`,
    `Kernels: ${page.kernels}`,
  ].join('\n\n');

/** hyp-call: HypCall. An id is for machines, a name for readers [SARIF 2.1.0, 3.49.7]. */
const readableName = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const sentence = (text: string): string => `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;

const descriptor = (rule: RuleCard, documentation: string | null): ReportingDescriptor => ({
  id: rule.name,
  name: readableName(rule.name),
  shortDescription: { text: sentence(rule.summary) },
  fullDescription: { text: rule.page.meaning.join(' ') },
  help: { text: explain(rule), markdown: markdown(rule) },
  ...(documentation === null ? {} : { helpUri: urlOf(documentation, rule.name) }),
  defaultConfiguration: { level: 'warning', enabled: rule.default === 'on' },
  properties: { tags: ['arm64', 'kvm', 'correctness'], precision: 'high', 'problem.severity': 'warning' },
});

/** `documentation`: the address of the page of all warnings, or null. */
export const driver = (version: string, documentation: string | null): ToolComponent => ({
  name: 'hypcheck',
  semanticVersion: version,
  version,
  rules: orderedRules.map((rule) => descriptor(rule, documentation)),
});
