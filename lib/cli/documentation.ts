// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// Where the page of all warnings is: below the address that who built the program
// gave (DOCUMENTATION_ROOT_URL, as gcc's --with-documentation-root-url), or beside the
// program, where an installation puts it. The project has no address of its own.

import { existsSync, realpathSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** bin/build.js puts a text in its place. */
declare const DOCUMENTATION_ROOT_URL: string | undefined;

/** The page's file. */
export const PAGE = 'warnings.html';

/** The page by the address that was built in; null without one. Reports have this alone: it is the same everywhere. */
export const documentationPage: string | null =
  typeof DOCUMENTATION_ROOT_URL === 'string' ? DOCUMENTATION_ROOT_URL + PAGE : null;

/** From the folder of the program: as it is built and packed by npm, and as `make install` leaves it. */
const places = [PAGE, join('../../doc/hypcheck', PAGE)];

/** The page as a file of this machine, whose name a terminal elsewhere needs; null if there is none. */
const installedPage = (program: string): string | null => {
  try {
    const folder = dirname(realpathSync(program));
    const path = places.map((place) => join(folder, place)).find((one) => existsSync(one));
    if (path === undefined) return null;
    const host = /^[\w.-]*$/.test(hostname()) ? hostname() : '';
    return `file://${host}${pathToFileURL(path).pathname}`;
  } catch {
    return null;
  }
};

/** What a terminal is led to; null if there is nothing. `program`: its file. */
export const pageForTerminal = (program: string | undefined): string | null =>
  documentationPage ?? (program === undefined ? null : installedPage(program));
