import type { WirePart } from '../../wire.ts';
import { bytesOf } from '../bytes.ts';
import { element } from '../element.ts';
import { curveCanvas } from './curve.ts';
import type { View } from './view.ts';

/** What is heard was scaled to its peak, which is loud. */
const VOLUME = 0.5;

/** Shows a sound's waveform with a button that plays it. */
export function soundView({ sampleRate, samples }: Extract<WirePart, { kind: 'sound' }>): View {
  const pcm = bytesOf(samples);
  const audio = new Audio(
    URL.createObjectURL(new Blob([wavHeader(pcm.length, sampleRate), pcm], { type: 'audio/wav' })),
  );
  audio.volume = VOLUME;
  const button = element('button', { type: 'button' });
  const tell = () => {
    button.textContent = audio.paused ? '▶ Play' : '■ Stop';
  };
  audio.onplay = audio.onpause = audio.onended = tell;
  button.onclick = () => {
    if (audio.paused) {
      audio.currentTime = 0;
      void audio.play();
    } else audio.pause();
  };
  tell();
  const values = new Int16Array(pcm.buffer);
  const seconds = (values.length / sampleRate).toFixed(1);
  const note = element('span', { className: 'note', textContent: `${seconds} s, ${sampleRate / 1000} kHz` });
  const controls = element('div', { className: 'controls' }, button, note);
  return {
    element: element('div', { className: 'sound' }, curveCanvas(values, 'Waveform'), controls),
    get busy() {
      return !audio.paused;
    },
    close: () => URL.revokeObjectURL(audio.src),
  };
}

/** Makes the header of a WAV file of 16-bit samples, one channel. */
function wavHeader(bytes: number, sampleRate: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(44));
  const text = (at: number, letters: string) => {
    for (const [i, letter] of [...letters].entries()) view.setUint8(at + i, letter.charCodeAt(0));
  };
  text(0, 'RIFF');
  view.setUint32(4, 36 + bytes, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, bytes, true);
  return view.buffer;
}
