import { onFile, showClasses, showNote } from './answers.ts';
import type { Classification, ExportedNetwork } from './network.ts';
import recorder from './recorder.ts?worker&url';

/** A sound begins where it is louder than this. */
const LOUD = 0.02;

/** The card that names the instrument of a note, from the microphone, a file, or an example. */
export function soundCard(
  card: HTMLElement,
  network: ExportedNetwork,
  task: string,
  names: readonly string[],
  examples: readonly string[],
): void {
  const { sampleRate, seconds } = network.settings(task) as { sampleRate: number; seconds: number };
  const length = Math.round(sampleRate * seconds);
  const wave = card.querySelector<HTMLCanvasElement>('canvas.wave')!.getContext('2d')!;
  const list = card.querySelector('.answers')!;
  card.querySelector('.task')!.textContent =
    `A note for the microphone, a WAV dropped on the card, or one of these: ${names.length} kinds.`;
  showNote(list, 'Play a note …');
  drawWave(wave, new Float32Array(length));

  const hear = async (samples: Float32Array) => {
    const { prediction } = await network.ask<Classification>(task, samples);
    showClasses(list, prediction, names);
    drawWave(wave, samples);
  };
  /** A file as one channel of the network's rate, from where its sound begins. */
  const read = async (bytes: ArrayBuffer) => {
    const decoded = await new OfflineAudioContext(1, 1, sampleRate).decodeAudioData(bytes);
    const samples = new Float32Array(decoded.length);
    for (let channel = 0; channel < decoded.numberOfChannels; channel++)
      for (const [i, sample] of decoded.getChannelData(channel).entries())
        samples[i]! += sample / decoded.numberOfChannels;
    return samples;
  };
  const cut = (samples: Float32Array) => {
    const begin = Math.max(
      0,
      samples.findIndex((sample) => Math.abs(sample) > LOUD),
    );
    return samples.slice(begin, begin + length);
  };

  onFile(card, async (file) => {
    const samples = await file
      .arrayBuffer()
      .then(read)
      .catch(() => undefined);
    if (samples === undefined || samples.length === 0)
      return showNote(list, `${file.name} is no sound that this browser reads.`);
    await hear(cut(samples));
  });

  card.querySelector('.examples')!.append(
    ...examples.map((path, i) => {
      const button = Object.assign(document.createElement('button'), { type: 'button', textContent: `♪ ${i + 1}` });
      button.setAttribute('aria-label', `Note ${i + 1}`);
      button.addEventListener('click', async () => {
        const bytes = await (await fetch(path)).arrayBuffer();
        play(bytes.slice(0));
        // As it is: what it has never heard begins where it was cut.
        await hear((await read(bytes)).slice(0, length));
      });
      return button;
    }),
  );

  const button = card.querySelector<HTMLButtonElement>('.listen')!;
  let stop: (() => void) | undefined;
  button.addEventListener('click', async () => {
    if (stop !== undefined) {
      stop();
      stop = undefined;
    } else {
      stop = await listen(sampleRate, length, (samples) => void hear(samples)).catch((error: Error) => {
        showNote(list, `No microphone: ${error.message}`);
        return undefined;
      });
      if (stop !== undefined) showNote(list, 'Listening: play a note …');
    }
    button.setAttribute('aria-pressed', String(stop !== undefined));
  });
}

/** Hands each sound that begins loud enough to `take`, `length` samples of it. @returns what ends it. */
async function listen(sampleRate: number, length: number, take: (samples: Float32Array) => void): Promise<() => void> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false },
  });
  const context = new AudioContext({ sampleRate });
  await context.audioWorklet.addModule(recorder);
  const node = new AudioWorkletNode(context, 'recorder');
  context.createMediaStreamSource(stream).connect(node);
  let heard: Float32Array | undefined;
  let filled = 0;
  node.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
    if (heard === undefined) {
      if (!data.some((sample) => Math.abs(sample) > LOUD)) return;
      [heard, filled] = [new Float32Array(length), 0];
    }
    const part = data.subarray(0, length - filled);
    heard.set(part, filled);
    filled += part.length;
    if (filled < length) return;
    take(heard);
    heard = undefined;
  };
  return () => {
    for (const track of stream.getTracks()) track.stop();
    void context.close();
  };
}

function play(bytes: ArrayBuffer): void {
  const audio = new Audio(URL.createObjectURL(new Blob([bytes], { type: 'audio/wav' })));
  audio.addEventListener('ended', () => URL.revokeObjectURL(audio.src));
  // Where nothing can be played it is still heard by the network.
  audio.play().catch(() => URL.revokeObjectURL(audio.src));
}

/** The loudest and the most silent sample of each column. */
function drawWave(context: CanvasRenderingContext2D, samples: Float32Array): void {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  context.fillStyle = '#be84ff';
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-6);
  const column = samples.length / width;
  for (let x = 0; x < width; x++) {
    const part = samples.subarray(Math.floor(x * column), Math.floor((x + 1) * column));
    const [low, high] = [Math.min(0, ...part) / peak, Math.max(0, ...part) / peak];
    const top = (height / 2) * (1 - 0.94 * high);
    context.fillRect(x, top, 1, Math.max(1, (height / 2) * 0.94 * (high - low)));
  }
}
