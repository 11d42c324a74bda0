/** What happened in one environment, step after step. */
export interface Trajectory {
  readonly rewards: Float32Array;
  /** What each state was thought to be worth, and the one after the last. One longer than `rewards`. */
  readonly values: Float32Array;
  /** 1 where the episode ended with the step, else 0. */
  readonly ends: Uint8Array;
}

/**
 * Generalised advantage estimation (Schulman et al. 2016, "High-Dimensional Continuous Control Using Generalized Advantage
 * Estimation", equation 16): `A_t = Σ_l (γλ)^l δ_{t+l}` with `δ_t = r_t + γ V_{t+1} - V_t`, cut at the end of an episode, after
 * which nothing is worth anything. `gamma`: what a reward one step later is worth; `lambda`: from 0, the next step alone, to 1,
 * all that followed.
 */
export function advantages({ rewards, values, ends }: Trajectory, gamma: number, lambda: number): Float32Array {
  const result = new Float32Array(rewards.length);
  let next = 0;
  for (let t = rewards.length - 1; t >= 0; t--) {
    const goesOn = 1 - ends[t]!;
    const delta = rewards[t]! + gamma * goesOn * values[t + 1]! - values[t]!;
    next = delta + gamma * lambda * goesOn * next;
    result[t] = next;
  }
  return result;
}
