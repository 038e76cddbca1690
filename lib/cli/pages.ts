// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// --list-warnings and --explain: the pages, which a check does not load.

import { explain, listWarnings } from '../pages/explain.js';
import { orderedRules } from '../pages/registry.js';
import { isWarningName } from '../policy/warnings.js';
import { ExitStatus } from './exit-status.js';
import { type Io, say } from './io.js';
import type { Command } from './options.js';

export const printPages = (
  command: Extract<Command, { readonly kind: 'list-warnings' | 'explain' }>,
  io: Io,
): ExitStatus => {
  if (command.kind === 'list-warnings') {
    io.stdout.write(listWarnings(orderedRules));
    return ExitStatus.clean;
  }
  const name = command.warning.replace(/^-?W/, '');
  const rule = isWarningName(name) ? orderedRules.find((one) => one.name === name) : undefined;
  if (rule) io.stdout.write(explain(rule));
  else say(io, `hypcheck: error: '${command.warning}' is not a warning; see --list-warnings`);
  return rule ? ExitStatus.clean : ExitStatus.usage;
};
