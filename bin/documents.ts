// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// What stands beside the program in a package, by its name: bin/build.js writes it.

import { PAGE } from '../lib/cli/documentation.js';
import { version } from '../lib/cli/version.js';
import { manual } from '../lib/formats/html/manual.js';
import { bash, fish, zsh } from './completions.js';
import { manPage } from './man-page.js';

export const documents: Readonly<Record<string, string>> = {
  'hypcheck.1': manPage(version),
  [PAGE]: manual(version),
  'completions/hypcheck': bash,
  'completions/_hypcheck': zsh,
  'completions/hypcheck.fish': fish,
};
