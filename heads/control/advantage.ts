/** A trajectory is what happened in one environment, step after step. */
export interface Trajectory {
  readonly rewards: Float32Array;
  /** Each state was thought to be worth so much, and the one after the last: it is one longer than `rewards`. */
  readonly values: Float32Array;
  /** It is 1 where the episode ended with the step, by itself or by a cut, else 0. */
  readonly ends: Uint8Array;
  /** Where an episode was cut with the step, its last state was thought to be worth so much. Default: 0, as where it terminated. */
  readonly cuts?: Float32Array;
}

/**
 * Estimates by how much each action was better than expected, by generalised advantage estimation (Schulman et al. 2016,
 * "High-Dimensional Continuous Control Using Generalized Advantage Estimation", equation 16): `A_t = Σ_l (γλ)^l δ_{t+l}` with
 * `δ_t = r_t + γ V_{t+1} - V_t`, cut at the end of an episode, after which nothing is worth anything, unless it was itself cut: then
 * `V_{t+1}` is that of its last state. `gamma` says what a reward one step later is worth; `lambda` goes from 0, the next step alone,
 * to 1, all that followed.
 */
export function advantages({ rewards, values, ends, cuts }: Trajectory, gamma: number, lambda: number): Float32Array {
  const result = new Float32Array(rewards.length);
  let next = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const goesOn = 1 - ends[t]!;
    const after = goesOn === 1 ? values[t + 1]! : (cuts?.[t] ?? 0);
    const delta = rewards[t]! + gamma * after - values[t]!;
    next = delta + gamma * lambda * goesOn * next;
    result[t] = next;
  }
  return result;
}
