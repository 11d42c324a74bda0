import type { Model } from './models.ts';

/** The page that a person sees: the tasks, and a command for each. It loads nothing. */
export function pageHtml(models: readonly Model[], url: string): string {
  const rows = models.map(
    ({ name, network, served: { inputs = [], outputs = [] } }) =>
      `<tr><td>${name}</td><td>${network.version}</td><td>${inputs.map(described).join('<br>')}</td><td>${outputs.map(described).join('<br>')}</td></tr>`,
  );
  const commands = models.map((model) => escaped(commandFor(model, url)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>banyan serve</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color-scheme: light dark }
  table { border-collapse: collapse } td, th { padding: .25rem 1rem .25rem 0; text-align: left; vertical-align: top }
  .wide { overflow-x: auto } pre { font-size: 14px }
</style>
<h1>Tasks that are served</h1>
<div class="wide"><table><tr><th>task<th>version<th>takes<th>gives</tr>${rows.join('')}</table></div>
<h2>Ask</h2>
<pre class="wide">${commands.join('\n')}</pre>
<p><a href="openapi.json">openapi.json</a> describes all paths for programs, <a href="metrics">metrics</a> is for Prometheus.</p>
</html>
`;
}

const described = ({ name, shape, dtype }: { name: string; shape: readonly number[]; dtype: string }) =>
  `${escaped(name)}: ${dtype} [${shape.join(', ')}]`;

/** What a body may look like, by the modality of the stem that reads it. */
const EXAMPLES: Readonly<Record<string, string>> = {
  vision: "-H 'content-type: image/png' --data-binary @picture.png",
  audio: "-H 'content-type: audio/wav' --data-binary @sound.wav",
  text: "-H 'content-type: text/plain' --data 'a sentence'",
};

function commandFor({ name, served: { task } }: Model, url: string): string {
  const { parts } = task.input;
  if (parts.length > 1)
    return `curl ${url}/predict/${name} ${parts.map((part) => `--form ${part.name}=@file`).join(' ')}`;
  const json =
    task.definition.fromRow === undefined
      ? `-H 'content-type: application/json' --data '{ "inputs": [ … ] }'`
      : `-H 'content-type: text/csv' --data-binary @rows.csv`;
  return `curl ${url}/predict/${name} ${EXAMPLES[parts[0]!.stem.implementation.modality] ?? json}`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
