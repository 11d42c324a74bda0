import { RandomStream } from 'banyan-ml/plugin';
import { SpaceInvaders } from '../../../tasks/space-invaders/game.ts';
import { showChoices } from './answers.ts';
import type { ExportedNetwork } from './network.ts';

/** What `actorCritic` predicts. */
interface Decision {
  readonly action: number;
  readonly probabilities: Float32Array;
  readonly value: number;
}

/** So many values are shown as a curve. */
const SHOWN = 110;

/** The card on which the network plays. */
export function gameCard(card: HTMLElement, network: ExportedNetwork, task: string): void {
  const find = <T extends Element>(selector: string) => card.querySelector<T>(selector)!;
  const world = find<HTMLCanvasElement>('canvas.world').getContext('2d')!;
  const curve = find<HTMLCanvasElement>('canvas.curve').getContext('2d')!;
  card.querySelector('.task')!.textContent =
    'Space Invaders, live: what it would do, and what it thinks is still to come.';
  const seed = Math.floor(Math.random() * 2 ** 32);
  const [game, chance] = [new SpaceInvaders(), new RandomStream(seed, 'page')];
  const seen = new Float32Array(game.observationShape.reduce((a, b) => a * b, 1));
  const values: number[] = [];
  let [score, best, paused] = [0, 0, false];

  const again = () => {
    game.reset();
    [score, values.length] = [0, 0];
  };
  const draw = () => {
    const { rgb, width, height } = game.draw();
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) image.data.set([...rgb.subarray(3 * i, 3 * i + 3), 255], 4 * i);
    world.putImageData(image, 0, 0);
    find('.score').textContent = String(score);
    find('.best').textContent = String((best = Math.max(best, score)));
  };
  const step = async () => {
    game.observe(seen);
    const { prediction } = await network.ask<Decision>(task, seen);
    const { action, probabilities, value } = prediction;
    showChoices(
      find('.answers'),
      game.actions.map((name, i) => ({ name, probability: probabilities[i]!, chosen: i === action })),
    );
    find('.value').textContent = value.toFixed(2);
    values.push(value);
    if (values.length > SHOWN) values.shift();
    drawCurve(curve, values);
    score += game.step(action, chance);
    draw();
    if (game.terminated) again();
  };

  find('.again').addEventListener('click', () => {
    again();
    draw();
  });
  find('.pause').addEventListener('click', () => {
    paused = !paused;
    find('.pause').textContent = paused ? 'Play' : 'Pause';
  });
  const speed = find<HTMLInputElement>('input[type=range]');
  const play = async () => {
    // A page that nobody sees does not play.
    if (!paused && !document.hidden) await step();
    setTimeout(() => void play(), 1000 / Number(speed.value));
  };
  again();
  draw();
  void play();
}

/** A line over the last values, between the least and the greatest of them. */
function drawCurve(context: CanvasRenderingContext2D, values: readonly number[]): void {
  const { width, height } = context.canvas;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  context.clearRect(0, 0, width, height);
  context.strokeStyle = '#5ee278';
  context.lineWidth = 2;
  context.beginPath();
  for (const [i, value] of values.entries())
    context.lineTo((i * width) / (SHOWN - 1), height - 3 - ((height - 6) * (value - low)) / (high - low || 1));
  context.stroke();
}
