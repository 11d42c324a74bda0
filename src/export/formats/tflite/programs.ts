// Python programs of the side-car. Each says what it has done in lines of JSON on its standard output.

/**
 * Converts functions of a SavedModel. The first argument is a file: `{ saved, functions: [{ name, form, out, inputs }] }`.
 *
 * Full int8 leaves the stems in float32: a spectrogram's numbers and those of bytes have no room in 8 bits. TensorFlow's way to leave out
 * operations is its debugger of quantisation, by the names that they have in the float32 model.
 */
export const CONVERT = `
import json, sys
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter

work = json.load(open(sys.argv[1]))

def converter_of(name):
    return tf.lite.TFLiteConverter.from_saved_model(work['saved'], signature_keys=[name], tags={'serve'})

def samples_of(inputs):
    arrays = {each['name']: np.fromfile(each['file'], each['dtype']).reshape(each['shape']) for each in inputs}
    def samples():
        for i in range(len(next(iter(arrays.values())))):
            yield {name: array[i : i + 1] for name, array in arrays.items()}
    return samples

def convert(name, form, inputs):
    converter = converter_of(name)
    if form == 'float32':
        return converter.convert()
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if form == 'float16':
        converter.target_spec.supported_types = [tf.float16]
    if form != 'full-int8':
        return converter.convert()
    samples = samples_of(inputs)
    converter.representative_dataset = samples
    details = Interpreter(model_content=converter_of(name).convert()).get_tensor_details()
    stems = [each['name'] for each in details if '/graph/stem/' in each['name']]
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_nodes=stems)
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=converter, debug_dataset=samples, debug_options=options)
    return debugger.get_nondebug_quantized_model()

for each in work['functions']:
    try:
        with open(each['out'], 'wb') as out:
            out.write(convert(each['name'], each['form'], each['inputs']))
    except Exception as error:
        print(json.dumps({'function': each['name'], 'fault': str(error)}), flush=True)
        sys.exit(1)
`;

/** Runs files of LiteRT's form: a line in is `{ file, inputs, outputs, times }`, the line out the outputs, and the least milliseconds of so many times. */
export const RUN = `
import base64, json, sys, time
from importlib.metadata import version
import numpy as np
from ai_edge_litert.interpreter import Interpreter

print(json.dumps({'version': version('ai-edge-litert')}), flush=True)
runners = {}

def array(tensor):
    return np.frombuffer(base64.b64decode(tensor['base64']), tensor['dtype']).reshape(tensor['shape'])

def tensor(array):
    numbers = np.ascontiguousarray(array)
    return {'shape': numbers.shape, 'dtype': str(numbers.dtype), 'base64': base64.b64encode(numbers.tobytes()).decode()}

for line in sys.stdin:
    try:
        asked = json.loads(line)
        if asked['file'] not in runners:
            interpreter = Interpreter(asked['file'])
            runners[asked['file']] = (interpreter, interpreter.get_signature_runner())
        runner = runners[asked['file']][1]
        inputs = {name: array(each) for name, each in asked['inputs'].items()}
        results = runner(**inputs)
        least = None
        for _ in range(asked['times']):
            begin = time.perf_counter()
            runner(**inputs)
            took = 1000 * (time.perf_counter() - begin)
            least = took if least is None else min(least, took)
        outputs = [tensor(results[name]) for name in asked['outputs']]
        print(json.dumps({'outputs': outputs, 'milliseconds': least}), flush=True)
    except Exception as error:
        print(json.dumps({'fault': str(error)}), flush=True)
`;
