import { createHash } from 'node:crypto';
import type { OutgoingHttpHeaders } from 'node:http';

/** What every answer tells a browser: keep nothing, guess nothing, tell nobody the address, show it in no other page. */
export function headersFor(page: string): OutgoingHttpHeaders {
  return {
    'cache-control': 'no-store',
    'content-security-policy': policyOf(page),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
}

/** The page runs the scripts that it has, and loads nothing but its events (Content Security Policy Level 3). */
function policyOf(page: string): string {
  const hashes = [...page.matchAll(/<script type="module">([\s\S]*?)<\/script>/g)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  );
  return [
    "default-src 'none'",
    `script-src ${hashes.length === 0 ? "'none'" : hashes.join(' ')}`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    'media-src blob:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}
