import { z } from 'zod';
import { checkOptions, optionsOf, text } from '../../check.ts';
import type { Kind } from '../../kind/index.ts';
import type { Logger } from './logger.ts';
import { MlflowLog } from './mlflow-log.ts';

export interface MlflowOptions {
  /** The address of the tracking server, such as `http://127.0.0.1:5000`. */
  readonly url: string;
  /** The experiment that the run belongs to; it is made where it is missing. Default `banyan`. */
  readonly experiment?: string;
}

const URL_TEXT = 'an address such as http://127.0.0.1:5000, without a password in it';

const schema = optionsOf('mlflow', {
  url: z
    .string(URL_TEXT)
    .refine(isAddress, { error: URL_TEXT, params: { mend: 'Give the address of the tracking server.' } })
    .describe('the address of the tracking server'),
  experiment: text
    .min(1, 'a text that is not empty')
    .default('banyan')
    .describe('the experiment that the run belongs to'),
});

/**
 * Makes the log on an MLflow server, by its REST API: settings as parameters, and the numbers of every step and evaluation as metrics.
 * They are sent beside the training, which waits for nothing of it. Where the server does not answer that is a warning, and tried again.
 * @throws BanyanError `argument` for an option that is wrong.
 */
export function mlflowLogger(options: MlflowOptions): Logger {
  const { url, experiment } = checkOptions('mlflowLogger', schema, options);
  return { kind: 'mlflow', open: (training) => new MlflowLog(training, url, experiment) };
}

/** `mlflowLogger`, as files name it. */
export const mlflowKind: Kind<Logger, MlflowOptions> = {
  kind: 'mlflow',
  about: 'A run on an MLflow server: curves, and what the run is made with.',
  options: schema,
  build: mlflowLogger,
};

function isAddress(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
}
