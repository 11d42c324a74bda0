import { existsSync } from 'node:fs';

/** The Chromium of this machine; undefined where there is none. `apt-get install chromium` brings one. */
export const chromiumPath: string | undefined = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);
