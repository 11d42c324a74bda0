// node --conditions=source --import tsx src/cli/banyan.ts train examples/my-plugin.yaml
//
// A plugin: a module whose default export brings tasks. This one puts a built-in stem and head on data of its own, pictures
// of stripes: across (0) or down (1).
import { defineTask, taskPlugin } from 'banyan-ml';
import { arraySource } from 'banyan-ml/data';
import * as vision from 'banyan-ml/heads/vision';
import { RandomStream } from 'banyan-ml/plugin';

const COUNT = 400;
const SIZE = 8;

const random = new RandomStream(1, 'stripes');
const pixels = new Float32Array(COUNT * SIZE * SIZE);
const directions = new Int32Array(COUNT);
for (let i = 0; i < COUNT; i++) {
  const direction = random.integer(2);
  const phase = random.integer(4);
  directions[i] = direction;
  for (let p = 0; p < SIZE * SIZE; p++) {
    const along = direction === 0 ? Math.floor(p / SIZE) : p % SIZE;
    pixels[i * SIZE * SIZE + p] = ((along + phase) % 4 < 2 ? 1 : 0) + 0.3 * random.normal();
  }
}

const stripes = defineTask({
  name: 'stripes',
  stem: vision.patchStem({ height: SIZE, width: SIZE, channels: 1, patch: 4 }),
  head: vision.classifier({ classes: ['across', 'down'] }),
  source: arraySource({
    inputs: { data: pixels, shape: [COUNT, SIZE, SIZE, 1] },
    targets: directions,
    validation: 0.2,
  }),
});

export default taskPlugin(stripes);
