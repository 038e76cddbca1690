// SPDX-License-Identifier: GPL-2.0-only OR MIT
//
// A kernel's configuration as C sees it: include/config/auto.conf says what
// include/generated/autoconf.h defines.

/** `CONFIG_X=y` defines CONFIG_X as 1, `=m` CONFIG_X_MODULE; other values are taken as they are. */
export const readConfiguration = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^(CONFIG_\w+)=(.*)$/gm)].map(([, name = '', value = '']) =>
      value === 'm' ? ([`${name}_MODULE`, '1'] as const) : ([name, value === 'y' ? '1' : value] as const),
    ),
  );
