// What a recording says, by the log-probabilities of symbols in its frames, of which symbol 0 is the blank (Graves et al. 2006).
const BLANK = 0;

/** Takes the likeliest symbol of each frame, then leaves out repetitions, then blanks (Graves et al. 2006, section 3.2, best path). */
export const bestPath = (frames: readonly ArrayLike<number>[]): number[] =>
  bestRuns(frames).map(({ symbol }) => symbol);

/** As `bestPath`, with the frames in which each symbol is the likeliest. */
export function bestRuns(
  frames: readonly ArrayLike<number>[],
): { readonly symbol: number; readonly frames: number[] }[] {
  const path = frames.map((frame) => {
    let best = BLANK;
    for (let symbol = 1; symbol < frame.length; symbol++) if (frame[symbol]! > frame[best]!) best = symbol;
    return best;
  });
  const runs: { symbol: number; frames: number[] }[] = [];
  for (const [i, symbol] of path.entries()) {
    if (i > 0 && symbol === path[i - 1]) runs.at(-1)!.frames.push(i);
    else runs.push({ symbol, frames: [i] });
  }
  return runs.filter(({ symbol }) => symbol !== BLANK);
}

/** How likely the frames so far say a prefix, ending with a blank, or with its last symbol: logarithms. */
interface Prefix {
  readonly symbols: readonly number[];
  blank: number;
  symbol: number;
}

/**
 * Finds a sequence that is likely by the sum over all ways to spread it over the frames (Hannun et al. 2014, "First-pass large vocabulary
 * continuous speech recognition using bi-directional recurrent DNNs", algorithm 1, without a language model): after each frame the `beam`
 * likeliest beginnings go on. With a beam that is wide enough for all of them it is the likeliest sequence.
 */
export function prefixBeam(frames: readonly ArrayLike<number>[], beam: number): number[] {
  let prefixes: readonly Prefix[] = [{ symbols: [], blank: 0, symbol: Number.NEGATIVE_INFINITY }];
  for (const frame of frames) {
    const next = new Map<string, Prefix>();
    const at = (symbols: readonly number[]): Prefix => {
      const key = symbols.join();
      const found = next.get(key) ?? { symbols, blank: Number.NEGATIVE_INFINITY, symbol: Number.NEGATIVE_INFINITY };
      next.set(key, found);
      return found;
    };
    for (const prefix of prefixes) {
      const both = addLogs(prefix.blank, prefix.symbol);
      const same = at(prefix.symbols);
      same.blank = addLogs(same.blank, both + frame[BLANK]!);
      const last = prefix.symbols.at(-1);
      if (last !== undefined) same.symbol = addLogs(same.symbol, prefix.symbol + frame[last]!);
      for (let symbol = BLANK + 1; symbol < frame.length; symbol++) {
        const longer = at([...prefix.symbols, symbol]);
        // A symbol is said twice only where a blank lies between.
        longer.symbol = addLogs(longer.symbol, (symbol === last ? prefix.blank : both) + frame[symbol]!);
      }
    }
    prefixes = [...next.values()]
      .sort((a, b) => addLogs(b.blank, b.symbol) - addLogs(a.blank, a.symbol))
      .slice(0, beam);
  }
  return [...prefixes[0]!.symbols];
}

/** `ln(e^a + e^b)`. */
function addLogs(a: number, b: number): number {
  const larger = Math.max(a, b);
  return larger === Number.NEGATIVE_INFINITY ? larger : larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}
