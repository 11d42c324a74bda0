// node --conditions=source --import tsx examples/smallest.ts
import { createNetwork, evaluate, train, transformerTrunk } from 'banyan-ml';
import { sentences, shapes } from 'banyan-ml/tasks';
import { lastValueFrom } from 'rxjs';

const network = await createNetwork({
  trunk: transformerTrunk({ width: 64, depth: 2, heads: 4 }),
  tasks: [shapes, sentences], // pictures and text: two modalities, one trunk
  seed: 1,
});
await lastValueFrom(train(network, { steps: 300, batch: 32, seed: 1 }));
console.log(await evaluate(network));
