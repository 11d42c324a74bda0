/** It is told how far a long set-up is. */
export interface Progress {
  /** A new piece of work; `total` in bytes, where known. */
  begin(label: string, total?: number): void;
  advance(done: number): void;
  end(): void;
  say(line: string): void;
}

const mega = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/** Tells it on standard error, which keeps standard output for results: a bar on a terminal, else a line at every quarter. */
export function terminalProgress(out: NodeJS.WriteStream = process.stderr): Progress {
  let label = '';
  let total: number | undefined;
  let quarter = 0;
  let ticking: NodeJS.Timeout | undefined;
  let since = 0;

  const draw = (text: string): void => {
    if (out.isTTY) out.write(`\r\x1b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
  };
  const finish = (): void => {
    clearInterval(ticking);
    ticking = undefined;
    if (label && out.isTTY) out.write('\r\x1b[2K');
  };

  return {
    begin(name, bytes) {
      finish();
      label = name;
      total = bytes;
      quarter = 0;
      since = Date.now();
      if (!out.isTTY) out.write(`${name}${bytes ? `, ${mega(bytes)}` : ''} …\n`);
      else if (!bytes)
        ticking = setInterval(() => draw(`${name} … ${Math.round((Date.now() - since) / 1000)} s`), 500).unref();
      draw(`${name} …`);
    },
    advance(done) {
      if (!total) return;
      const share = Math.min(done / total, 1);
      const filled = Math.round(share * 24);
      draw(`${label} ${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${mega(done)} of ${mega(total)}`);
      const now = Math.floor(share * 4);
      if (!out.isTTY && now > quarter && now < 4) out.write(`  ${now * 25} % of ${mega(total)}\n`);
      quarter = Math.max(quarter, now);
    },
    end() {
      if (label && out.isTTY) {
        finish();
        out.write(`${label}: ${((Date.now() - since) / 1000).toFixed(1)} s\n`);
      }
      label = '';
    },
    say(line) {
      finish();
      label = '';
      out.write(`${line}\n`);
    },
  };
}
