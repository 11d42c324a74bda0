import { double, encode, type Field, flag, single, text, whole, within } from '../../protobuf.ts';

// TensorBoard's messages, under the names and numbers of summary.proto, event.proto, tensor.proto and the plugin's plugin_data.proto.

const SUMMARY_VALUE = 1;
const [TAG, SIMPLE_VALUE, TENSOR, METADATA] = [1, 2, 8, 9];
const [PLUGIN_DATA, PLUGIN_NAME, PLUGIN_CONTENT] = [1, 1, 2];
const [DTYPE, TENSOR_SHAPE, STRING_VAL, DIM, DIM_SIZE] = [1, 2, 8, 2, 1];
const [DT_FLOAT, DT_STRING] = [1, 7];
const [WALL_TIME, STEP, SESSION_LOG, STATUS, START] = [1, 2, 7, 1, 1];
const [SESSION_START_INFO, HPARAMS, GROUP_NAME, START_TIME] = [3, 1, 4, 5];
const [NUMBER_VALUE, STRING_VALUE, BOOL_VALUE] = [2, 3, 4];

const plugin = (name: string, ...content: readonly Field[]): Field =>
  within(METADATA!, within(PLUGIN_DATA!, text(PLUGIN_NAME!, name), ...content));

/** A `Summary` of numbers, by their tags. */
export const scalarSummary = (values: Readonly<Record<string, number>>): Uint8Array =>
  encode(
    ...Object.entries(values).map(([tag, value]) =>
      within(SUMMARY_VALUE, text(TAG!, tag), single(SIMPLE_VALUE!, value)),
    ),
  );

/** A `Summary` of one text, which is shown as Markdown. */
export const textSummary = (tag: string, words: string): Uint8Array =>
  encode(
    within(
      SUMMARY_VALUE,
      text(TAG!, tag),
      plugin('text'),
      within(
        TENSOR!,
        whole(DTYPE!, DT_STRING!),
        within(TENSOR_SHAPE!, within(DIM!, whole(DIM_SIZE!, 1))),
        text(STRING_VAL!, words),
      ),
    ),
  );

/** A `Summary` that tells the plugin for hyper-parameters what a training is made with. `seconds`: when it began. */
export const settingsSummary = (
  name: string,
  settings: Readonly<Record<string, string | number | boolean>>,
  seconds: number,
): Uint8Array =>
  encode(
    within(
      SUMMARY_VALUE,
      text(TAG!, '_hparams_/session_start_info'),
      plugin(
        'hparams',
        within(
          PLUGIN_CONTENT!,
          within(
            SESSION_START_INFO!,
            ...Object.entries(settings).map(([key, value]) =>
              within(HPARAMS!, text(1, key), within(2, settingValue(value))),
            ),
            text(GROUP_NAME!, name),
            double(START_TIME!, seconds),
          ),
        ),
      ),
      // TensorBoard's NULL_TENSOR: a value has to be there.
      within(TENSOR!, whole(DTYPE!, DT_FLOAT!), within(TENSOR_SHAPE!, within(DIM!))),
    ),
  );

/** An `Event` after which TensorBoard forgets what it has read of this step and later ones. */
export const restartEvent = (step: number, seconds: number): Uint8Array =>
  encode(double(WALL_TIME!, seconds), whole(STEP!, step), within(SESSION_LOG!, whole(STATUS!, START!)));

const settingValue = (value: string | number | boolean): Field => {
  if (typeof value === 'number') return double(NUMBER_VALUE!, value);
  return typeof value === 'boolean' ? flag(BOOL_VALUE!, value) : text(STRING_VALUE!, value);
};
