import { TrainingLog } from '../training-log.ts';
import type { WireBeginning, WireGallery, WireMessages, WireRoutes } from '../wire.ts';
import { BlocksPanel } from './blocks-panel.ts';
import type { Axis } from './chart.ts';
import { byId } from './element.ts';
import { Panel } from './panel.ts';
import { RoutesPanel } from './routes-panel.ts';
import { type Line, showStatus } from './status.ts';

let log = new TrainingLog({ title: document.title });
const panels = new Map<string, Panel>();
const blocks = new BlocksPanel();
const routes = new RoutesPanel();
let axis: Axis = 'step';
let line: Line = 'fine';
let due = false;

function panelOf(task: string): Panel {
  const existing = panels.get(task);
  if (existing !== undefined) return existing;
  const panel = new Panel(task);
  panels.set(task, panel);
  byId('tasks').append(panel.element);
  return panel;
}

/** Draws once for all that comes before the next picture on the screen. */
function update(): void {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    showStatus(log, line);
    for (const task of log.tasks) panelOf(task).update(log, axis);
    blocks.update(log, axis, byId('tasks'));
  });
}

const hang = (gallery: WireGallery): void => panelOf(gallery.task).hang(gallery);

const lay = (found: WireRoutes): void => routes.update(found, byId('tasks'));

function begin({ log: state, galleries, routes: found }: WireBeginning): void {
  log = new TrainingLog(state);
  for (const task of log.tasks) panelOf(task);
  for (const gallery of galleries) hang(gallery);
  if (found !== undefined) lay(found);
  update();
}

function listen(): void {
  // With the token that the page's own address has.
  const source = new EventSource(`events${location.search}`);
  const on = <Name extends keyof WireMessages>(name: Name, take: (data: WireMessages[Name]) => void) =>
    source.addEventListener(name, ({ data }) => {
      take(JSON.parse(data as string));
      update();
    });
  on('beginning', begin);
  on('progress', (events) => {
    for (const event of events) log.add(event);
  });
  on('gallery', hang);
  on('routes', lay);
  on('over', () => {
    source.close();
    if (log.status === 'running') line = 'left';
  });
  source.onopen = () => {
    line = 'fine';
    update();
  };
  source.onerror = () => {
    line = 'lost';
    update();
  };
}

byId('axis').addEventListener('change', ({ target }) => {
  axis = (target as HTMLInputElement).value as Axis;
  update();
});

const report = byId('report').textContent;
if (report) begin(JSON.parse(report));
else listen();
