// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// The forms that -fdiagnostics-format= can ask for. A new form is a file and a row.

import type { Formatter } from './formatter.js';
import { json } from './json.js';
import { modpost } from './modpost.js';
import type { FormatName } from './names.js';
import { text } from './text.js';

export const formats: Readonly<Record<FormatName, Formatter>> = { text, json, modpost };
