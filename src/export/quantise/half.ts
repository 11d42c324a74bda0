// Numbers of 16 bits (IEEE 754 binary16): a sign, 5 bits of exponent with bias 15, 10 bits of fraction.

const bits = new Uint32Array(1);
const number = new Float32Array(bits.buffer);

/** The bits of the nearest number of 16 bits, of two equally near the even one; of one that is too large those of infinity. */
export function toHalf(value: number): number {
  number[0] = value;
  const sign = (bits[0]! >>> 16) & 0x8000;
  const exponent = ((bits[0]! >>> 23) & 0xff) - 127 + 15;
  const fraction = bits[0]! & 0x7fffff;
  if (exponent >= 31) return sign | 0x7c00;
  // Below 2^-14 the leading 1 is written out, further to the right.
  const [whole, shift] = exponent > 0 ? [(exponent << 23) | fraction, 13] : [fraction | 0x800000, 14 - exponent];
  if (shift > 24) return sign;
  const rest = whole & ((1 << shift) - 1);
  const middle = 1 << (shift - 1);
  const half = whole >>> shift;
  // What is carried over goes into the exponent, as it has to.
  return sign | (half + Number(rest > middle || (rest === middle && half % 2 === 1)));
}

/** The number of these 16 bits. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}
