// On the thread of sounds: hands on what the microphone hears.
declare const registerProcessor: (name: string, processor: unknown) => void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

registerProcessor(
  'recorder',
  class extends AudioWorkletProcessor {
    process(inputs: readonly (readonly Float32Array[])[]): boolean {
      const channel = inputs[0]?.[0];
      if (channel !== undefined) this.port.postMessage(channel.slice());
      return true;
    }
  },
);
