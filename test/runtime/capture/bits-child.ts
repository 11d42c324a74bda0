// Run with TF_ENABLE_ONEDNN_OPTS=0 and BANYAN_GRAPH_OPTIMIZER=off: what differs between eager and graph, by case.
import { startRuntime } from '../../../src/runtime/index.ts';
import { cases, jointCase, runCase } from './cases.ts';

await startRuntime({ require: 'tensorflow' });
const differences: Record<string, string[]> = {};
for (const one of [...cases(), ...[jointCase()].flatMap((joint) => joint ?? [])]) {
  const [eager, graph] = [await runCase(one, 'eager'), await runCase(one, 'graph')];
  const found: string[] = [];
  if (JSON.stringify(eager.figures) !== JSON.stringify(graph.figures)) found.push('losses and norms');
  for (const [name, weights] of eager.weights)
    if (Buffer.compare(Buffer.from(weights.buffer), Buffer.from(graph.weights.get(name)!.buffer)) !== 0)
      found.push(name);
  if (eager.predictions !== graph.predictions) found.push('predictions');
  differences[one.name] = found;
}
process.stdout.write(JSON.stringify(differences));
