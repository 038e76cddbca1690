// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Validation by the published schema of SARIF 2.1.0, which Microsoft's package of
// matchers contains.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { ErrorObject, Format, ValidateFunction } from 'ajv';
import type { Log } from 'sarif';

const require = createRequire(import.meta.url);
// CommonJS packages whose types declare their one export as the default.
const { default: Ajv } = require('ajv-draft-04') as typeof import('ajv-draft-04');
const formats = require('ajv-formats/dist/formats') as {
  readonly fullFormats: Readonly<Record<string, Format>>;
};

const schema: unknown = JSON.parse(
  readFileSync(require.resolve('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8'),
);

// One of the schema's patterns is invalid with the flag u.
const validator = (): ValidateFunction<Log> => {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, formats: formats.fullFormats });
  return ajv.compile<Log>(schema as object);
};

let validate: ValidateFunction<Log> | undefined;

/** The log, and its errors by the schema. */
export const readSarif = (text: string): { readonly log: Log; readonly errors: readonly ErrorObject[] } => {
  validate ??= validator();
  const log: Log = JSON.parse(text);
  return { log, errors: validate(log) ? [] : (validate.errors ?? []) };
};
