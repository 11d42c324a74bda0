import { statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** In a sentence, how much room is left on the device of a path, which need not be there; none where the system does not say. */
export function roomLeft(path: string): string {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      const { bavail, bsize } = statfsSync(place);
      return ` ${((bavail * bsize) / 1e6).toFixed(1)} MB are left on its device.`;
    } catch {
      if (place === dirname(place)) return '';
    }
  }
}
