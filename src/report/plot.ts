import type { TopLevelSpec } from 'vega-lite';

// Text and lines take the colour of the text around them: a picture can be read on light and on dark ground.
const INK = 'currentColor';
const config: TopLevelSpec['config'] = {
  background: 'transparent',
  font: 'system-ui, sans-serif',
  view: { stroke: null },
  axis: {
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: INK,
    gridOpacity: 0.15,
    domainOpacity: 0.4,
    tickOpacity: 0.4,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 'normal',
  },
  legend: { labelColor: INK, titleColor: INK, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
  header: { labelColor: INK, titleColor: INK },
  title: { color: INK, subtitleColor: INK, anchor: 'start', fontSize: 13, fontWeight: 600 },
  text: { color: INK },
};

/** Draws a Vega-Lite specification whose data stands in it, as SVG. */
export async function plot(spec: TopLevelSpec): Promise<string> {
  // Late: they take longer to load than most commands to run.
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')]);
  const view = new vega.View(vega.parse(compile({ ...spec, config: { ...config, ...spec.config } }).spec), {
    renderer: 'none',
  });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
