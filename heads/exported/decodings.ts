import type { SampleOutput } from 'banyan-ml';
import { type TempoSettings, tempoScale } from '../audio/decodings/tempo.ts';
import { decodeTranscript } from '../audio/decodings/transcript.ts';
import { decodeDecision } from '../control/decodings/decision.ts';
import { decodePreference } from '../control/decodings/preference.ts';
import { decodeRuling } from '../control/decodings/ruling.ts';
import { decodeClasses } from '../decodings/classes.ts';
import { decodeEstimates, oneEstimate, type ScaleOfOutputs, unitsOf } from '../decodings/estimates.ts';
import { decodeLevels } from '../decodings/levels.ts';
import { decodeTags } from '../decodings/tags.ts';
import { decodeVector } from '../decodings/vector.ts';
import { decodeLabels } from '../text/decodings/labels.ts';
import { decodeText } from '../text/decodings/text.ts';
import { decodeDrawing } from '../vision/decodings/drawing.ts';
import { decodeMask } from '../vision/decodings/mask.ts';

/** Makes what says what an output means, of the settings of a head and of what it declares. */
export type Decoding = (settings: never) => (output: never) => unknown;

interface RegressorSettings {
  readonly spread: boolean;
  readonly scale?: ScaleOfOutputs;
}

const estimates = ({ spread, scale }: RegressorSettings) => decodeEstimates({ units: unitsOf(scale), spread });

/** The decodings that a head can declare, by the name of their kind. */
export const DECODINGS: Readonly<Record<string, Decoding>> = {
  classes: decodeClasses,
  tags: decodeTags,
  levels: decodeLevels,
  vector: () => decodeVector,
  estimate: (settings: RegressorSettings) => {
    const decode = estimates(settings);
    return (output: Float32Array) => oneEstimate(decode(output));
  },
  estimates,
  mask: decodeMask,
  drawing: decodeDrawing,
  transcript: decodeTranscript,
  tempo: (settings: TempoSettings) => {
    const { tempoAt } = tempoScale(settings);
    return (output: Float32Array) => tempoAt(output[0]!);
  },
  labels: decodeLabels,
  text: decodeText,
  decision: decodeDecision,
  preference: decodePreference,
  ruling: decodeRuling,
} satisfies Readonly<Record<string, (settings: never) => (output: never & SampleOutput) => unknown>>;
