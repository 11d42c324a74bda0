import type { Routing, Shown } from '../evaluate/index.ts';
import type { DisplayPart, Explanation, Mark } from '../task/display.ts';
import type { ProgressEvent, TrainingLogState } from './training-log.ts';

/** Bytes as base64. */
type Bytes = string;

/** A part of a display as JSON. */
export type WirePart =
  | { readonly kind: 'picture'; readonly width: number; readonly height: number; readonly rgb: Bytes }
  | {
      readonly kind: 'film';
      readonly width: number;
      readonly height: number;
      /** The pixels of all frames, one after the other. */
      readonly frames: Bytes;
      readonly perSecond: number;
      readonly captions?: readonly string[];
      readonly marks?: readonly (readonly Mark[])[];
    }
  /** 16-bit samples, the lower byte first, as in a WAV file. */
  | { readonly kind: 'sound'; readonly sampleRate: number; readonly samples: Bytes }
  | { readonly kind: 'curve'; readonly label: string; readonly values: readonly number[] }
  | { readonly kind: 'words'; readonly text: string };

/** An example as JSON, with what the network makes of it. */
export interface WireShown extends Partial<Explanation> {
  readonly parts: readonly WirePart[];
  readonly words?: string;
}

/** What there is to see of a task. */
export interface WireGallery {
  readonly task: string;
  /** The number of updates that were made by then. */
  readonly step: number;
  readonly shown: readonly WireShown[];
  /** Why there is nothing to see. */
  readonly problem?: string;
}

/** Where the tokens of tasks go. */
export interface WireRoutes {
  /** The number of updates that were made by then. */
  readonly step: number;
  readonly blocks: readonly Routing[];
}

/** Everything that a page shows so far. */
export interface WireBeginning {
  readonly log: TrainingLogState;
  readonly galleries: readonly WireGallery[];
  /** Absent where no block sends tokens to some of its parts. */
  readonly routes?: WireRoutes;
}

/** What the server sends, by the name of the event. */
export interface WireMessages {
  readonly beginning: WireBeginning;
  readonly progress: readonly ProgressEvent[];
  readonly gallery: WireGallery;
  readonly routes: WireRoutes;
  /** Nothing more will come. */
  readonly over: null;
}

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array | Int16Array): Bytes =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');

// Numbers of a curve and of a map are for the eye.
const DIGITS = 4;

function wirePart(part: DisplayPart): WirePart {
  switch (part.kind) {
    case 'picture':
      return { ...part, rgb: base64(part.rgb) };
    case 'film':
      return { ...part, frames: Buffer.concat(part.frames).toString('base64') };
    case 'sound':
      return { ...part, samples: base64(Int16Array.from(part.samples, (sample) => Math.round(32767 * sample))) };
    case 'curve':
      return { ...part, values: Array.from(part.values, (value) => Number(value.toPrecision(DIGITS))) };
    case 'words':
      return part;
  }
}

/** Turns an example into JSON. */
export function wireShown({ display, predicted, confidence, expected, right, words }: Shown): WireShown {
  const explanation = { predicted, confidence, expected, right, words };
  const present = Object.entries(explanation).filter(([, value]) => value !== undefined);
  return { parts: display.map(wirePart), ...Object.fromEntries(present) };
}

/** Makes what a page shows of where tokens go, with as many digits as it shows; nothing where no block sends them anywhere. */
export function wireRoutes(routing: readonly Routing[], step: number): { readonly routes?: WireRoutes } {
  if (routing.length === 0) return {};
  const rounded = (shares: readonly number[]) => shares.map((share) => Number(share.toFixed(DIGITS)));
  const blocks = routing.map(({ block, shares }) => ({
    block,
    shares: Object.fromEntries(Object.entries(shares).map(([task, each]) => [task, rounded(each)])),
  }));
  return { routes: { step, blocks } };
}

/** Makes a gallery for each task that has something to show. */
export const wireGalleries = (shown: readonly Shown[], step: number): readonly WireGallery[] =>
  [...new Set(shown.map(({ task }) => task))].map((task) => ({
    task,
    step,
    shown: shown.filter((example) => example.task === task).map(wireShown),
  }));
