import { element } from '../element.ts';
import { colour, onTheme } from '../theme.ts';

const [WIDTH, HEIGHT] = [640, 120];

/** Draws numbers from left to right on a canvas: of many, what each column of pixels spans. */
export function curveCanvas(values: ArrayLike<number>, label: string): HTMLCanvasElement {
  const canvas = element('canvas', { width: WIDTH, height: HEIGHT });
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  const context = canvas.getContext('2d')!;
  const columns = spans(values);
  const low = Math.min(...columns.map(([least]) => least));
  const high = Math.max(...columns.map(([, most]) => most));
  const y = (value: number) => 4 + ((high - value) / (high - low || 1)) * (HEIGHT - 8);
  const draw = () => {
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.strokeStyle = colour('accent');
    context.lineWidth = 2;
    context.lineJoin = 'round';
    context.beginPath();
    for (const [i, [least, most]] of columns.entries()) {
      const x = ((i + 0.5) / columns.length) * WIDTH;
      context.lineTo(x, y(most));
      context.lineTo(x, y(least));
    }
    context.stroke();
  };
  // Colours are known once it is in the page.
  requestAnimationFrame(draw);
  onTheme(draw);
  return canvas;
}

/** Finds the least and the most of each part of the values. */
function spans(values: ArrayLike<number>): (readonly [number, number])[] {
  const count = Math.min(values.length, WIDTH / 2);
  return Array.from({ length: count }, (_, column) => {
    const from = Math.floor((column * values.length) / count);
    const to = Math.floor(((column + 1) * values.length) / count);
    let [least, most] = [values[from]!, values[from]!];
    for (let i = from + 1; i < to; i++) [least, most] = [Math.min(least, values[i]!), Math.max(most, values[i]!)];
    return [least, most] as const;
  });
}
