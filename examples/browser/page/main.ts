import { available, type Backend, choose } from './backends.ts';
import { gameCard } from './game.ts';
import { ExportedNetwork, type Site } from './network.ts';
import { pictureCard } from './picture.ts';
import { sentenceCard } from './sentence.ts';
import { soundCard } from './sound.ts';

/** So many answers are averaged in the line at the bottom. */
const ANSWERS = 30;

const find = <T extends Element = HTMLElement>(selector: string) => document.querySelector<T>(selector)!;
const status = find('#status');

/** Shows what computes, how long an answer takes, and how much was loaded. */
function footer(network: ExportedNetwork, backends: readonly Backend[], chosen: Backend): void {
  const select = find<HTMLSelectElement>('#backend');
  const titles = { wasm: 'WebAssembly', webgl: 'WebGL', webgpu: 'WebGPU' };
  select.append(...backends.map((backend) => new Option(titles[backend], backend, false, backend === chosen)));
  const taken: number[] = [];
  select.addEventListener('change', async () => {
    status.textContent = `${titles[select.value as Backend]} begins …`;
    await choose(select.value as Backend).catch((error: Error) => fail(error));
    taken.length = 0;
    status.textContent = '';
  });
  network.onAnswer = (milliseconds) => {
    taken.push(milliseconds);
    if (taken.length > ANSWERS) taken.shift();
    const middle = taken.toSorted((a, b) => a - b)[Math.floor(taken.length / 2)]!;
    find('#pace').textContent = `${middle.toFixed(1)} ms a decision`;
  };
  const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  const bytes = loaded.reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).encodedBodySize, 0);
  find('#size').textContent = `${(bytes / 1e6).toFixed(2)} MB loaded`;
  find('footer').hidden = false;
}

function fail(error: Error): void {
  status.classList.add('wrong');
  status.textContent = `It does not begin: ${error.message}`;
}

async function main(): Promise<void> {
  const [site, backends] = await Promise.all([
    fetch('site.json').then((answer) => answer.json() as Promise<Site>),
    available(),
  ]);
  const wanted = new URLSearchParams(location.search).get('backend');
  const chosen = backends.find((backend) => backend === wanted) ?? backends[0]!;
  await choose(chosen);
  const network = await ExportedNetwork.load(site);
  // For the console, and for who tests this page.
  Object.assign(globalThis, { network });
  const { tasks, examples } = site;
  pictureCard(find('#picture'), network, tasks.picture, network.classes(tasks.picture), examples.pictures);
  soundCard(find('#sound'), network, tasks.sound, network.classes(tasks.sound), examples.sounds);
  sentenceCard(find('#sentence'), network, tasks.sentence, network.classes(tasks.sentence), examples.sentences);
  footer(network, backends, chosen);
  gameCard(find('#game'), network, tasks.game);
  find('main').hidden = false;
  status.textContent = '';
}

main().catch(fail);
