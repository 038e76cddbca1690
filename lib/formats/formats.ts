// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The forms of -fdiagnostics-format= and --report, each loaded when it is asked
// for. A new form is a file and a row.

import type { Formatter } from './formatter.js';
import type { FormatName } from './names.js';

const loaders: Readonly<Record<FormatName, () => Promise<Formatter>>> = {
  text: async () => (await import('./text.js')).text,
  json: async () => (await import('./json.js')).json,
  sarif: async () => (await import('./sarif.js')).sarif,
  gitlab: async () => (await import('./gitlab.js')).gitlab,
  modpost: async () => (await import('./modpost.js')).modpost,
};

export const loadFormat = (name: FormatName): Promise<Formatter> => loaders[name]();
