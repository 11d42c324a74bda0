import { philox } from './philox.ts';
import { checkSeed, highWord } from './seed.ts';

/** 32-bit FNV-1a of a text, to turn names into numbers. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/**
 * Random numbers on the host: a pure function of seed, name and position. Two streams of different names are
 * independent; the same seed and name give the same numbers on every machine.
 */
export class RandomStream {
  readonly #seed: number;
  readonly #high: number;
  readonly #name: number;
  readonly #words = new Uint32Array(4);
  /** Words drawn so far. */
  #position = 0;

  /** @throws BanyanError `argument` for a seed that is no whole number from 0 to 2^53 - 1. */
  constructor(seed: number, name: string) {
    checkSeed(`RandomStream "${name}": seed`, seed);
    this.#seed = seed >>> 0;
    this.#high = highWord(seed);
    this.#name = hash(name);
  }

  /** An integer in [0, 2^32). */
  word(): number {
    const lane = this.#position & 3;
    if (lane === 0) {
      const group = this.#position / 4;
      philox([group >>> 0, Math.floor(group / 2 ** 32), this.#high, 0], this.#seed, this.#name, this.#words);
    }
    this.#position++;
    return this.#words[lane]!;
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.word() / 2 ** 32;
  }

  /** An integer in [0, below). */
  integer(below: number): number {
    return Math.floor(this.uniform() * below);
  }

  /** Standard normal, by Box and Muller. */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log((this.word() + 1) / 2 ** 32));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }
}
