import { writeFile } from 'node:fs/promises';
import { page, plot, type Section, sizeSpec } from '../../report/index.ts';
import { FORMS } from './point.ts';
import type { SmallerResult } from './result.ts';
import { SIZE_NOTES, sizeTable } from './tables.ts';

/** Writes a page about networks of several sizes: each task's metric over bytes, and over milliseconds. */
export async function writePage(path: string, result: SmallerResult): Promise<void> {
  const { name, networks, findings } = result;
  const sections: Section[] = [
    { title: 'What follows', text: findings.join(' ') },
    { title: 'Networks', text: SIZE_NOTES, tables: [sizeTable(result)] },
  ];
  for (const [task, { metric, values }] of Object.entries(networks[0]!.tasks)) {
    const measured = networks.flatMap((network) => {
      const point = network.tasks[task];
      return point === undefined ? [] : [{ network, point }];
    });
    const bytes = measured.flatMap(({ network, point }) =>
      FORMS.map((form) => ({
        name: network.name,
        route: network.route,
        form,
        size: network.bytes[form],
        value: point.values[form],
      })),
    );
    const times = measured.map(({ network, point }) => ({
      name: network.name,
      route: network.route,
      form: 'float32',
      size: point.milliseconds,
      value: point.values.float32,
    }));
    sections.push({
      title: task,
      text: 'The dashed line is the original with float32 weights.',
      pictures: [
        await plot(sizeSpec(`${metric} over bytes`, { metric, axis: 'bytes', format: '~s' }, bytes, values.float32)),
        await plot(
          sizeSpec(
            `${metric} over the time of one example`,
            { metric, axis: 'milliseconds', format: '~g' },
            times,
            values.float32,
          ),
        ),
      ],
    });
  }
  await writeFile(path, page(`Smaller networks of ${name}`, sections));
}
