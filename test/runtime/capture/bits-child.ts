// Run with TF_ENABLE_ONEDNN_OPTS=0 and BANYAN_GRAPH_OPTIMIZER=off: what differs between eager and graph, by case.
// Arguments: the number of steps, and `joint` where the joint network is one of the cases. Without them every second case is held:
// equal.native.test.ts holds them all but for rounding.
import { startRuntime } from '../../../src/runtime/index.ts';
import { inTurn } from '../../in-turn.ts';
import { cases, jointCase, runCase, STEPS } from './cases.ts';

await startRuntime({ require: 'tensorflow' });
const steps = Number(process.argv[2] ?? STEPS);
const differences: Record<string, string[]> = {};
const joint = process.argv[3] === 'joint' ? jointCase() : undefined;
const held = process.argv[2] === undefined ? inTurn(cases(), 'bits', ['rounding', 'bits']) : cases();
for (const one of [...held, ...(joint ? [joint] : [])]) {
  const [eager, graph] = [await runCase(one, 'eager', steps), await runCase(one, 'graph', steps)];
  const found: string[] = [];
  if (JSON.stringify(eager.figures) !== JSON.stringify(graph.figures)) found.push('losses and norms');
  for (const [name, weights] of eager.weights)
    if (Buffer.compare(Buffer.from(weights.buffer), Buffer.from(graph.weights.get(name)!.buffer)) !== 0)
      found.push(name);
  if (eager.predictions !== graph.predictions) found.push('predictions');
  differences[one.name] = found;
}
process.stdout.write(JSON.stringify(differences));
