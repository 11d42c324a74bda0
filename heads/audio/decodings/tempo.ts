/** Settings of the head `tempo`, both in beats a minute. */
export interface TempoSettings {
  readonly slowest: number;
  readonly fastest: number;
}

/** The logarithmic scale of tempi, from -1, the slowest, to 1, the fastest. */
export function tempoScale({ slowest, fastest }: TempoSettings) {
  const [middle, half] = [Math.log(slowest * fastest) / 2, Math.log(fastest / slowest) / 2];
  return {
    positionOf: (tempo: number) => (Math.log(tempo) - middle) / half,
    tempoAt: (position: number) => Math.exp(middle + half * position),
  };
}
