/** Means, squared deviations and their products of pairs of numbers, in one pass (Welford 1962; for pairs: Chan et al. 1983). */
export class Moments {
  count = 0;
  /** Σ (x - mean of x)² */
  squaresOfX = 0;
  /** Σ (y - mean of y)² */
  squaresOfY = 0;
  /** Σ (x - mean of x) (y - mean of y) */
  products = 0;
  #meanOfX = 0;
  #meanOfY = 0;

  add(x: number, y: number): void {
    this.count++;
    const [fromX, fromY] = [x - this.#meanOfX, y - this.#meanOfY];
    this.#meanOfX += fromX / this.count;
    this.#meanOfY += fromY / this.count;
    this.squaresOfX += fromX * (x - this.#meanOfX);
    this.squaresOfY += fromY * (y - this.#meanOfY);
    this.products += fromX * (y - this.#meanOfY);
  }

  /** Pearson's correlation, from -1 to 1; NaN where x or y is constant. */
  get correlation(): number {
    const correlation = this.products / (Math.sqrt(this.squaresOfX) * Math.sqrt(this.squaresOfY));
    return Math.max(-1, Math.min(1, correlation));
  }
}
