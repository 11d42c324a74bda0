"""Holds exported SavedModels, what TensorFlow's converter makes of them for phones, and ONNX models against the examples beside them: PYTHON exported.py SAVED_MODEL ONNX VARIABLES.

Prints by runtime the largest difference from what the network gave, as a part of the largest number, over batches of 1, 3, 8 and 64.
"""
import base64
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter



def array(compact):
    return np.frombuffer(base64.b64decode(compact["base64"]), compact["dtype"])


saved, onnx_folder, variables = map(pathlib.Path, sys.argv[1:])
manifest = json.loads((saved / "banyan-export.json").read_text())
def run_lite(model, inputs):
    interpreter = Interpreter(model_content=model)
    [details], [numbers] = interpreter.get_input_details(), inputs.values()
    interpreter.resize_tensor_input(details["index"], numbers.shape)
    return interpreter.get_signature_runner()(**inputs)


signatures = tf.saved_model.load(str(saved)).signatures
with_variables = tf.saved_model.load(str(variables))
checkpoint = tf.train.load_checkpoint(str(variables / 'variables/variables'))
assert len(with_variables.variables) == len(checkpoint.get_variable_to_shape_map()) > 0
differences = {}
for task in manifest["tasks"]:
    function = next(each for each in manifest["functions"] if each["name"] == task["name"])
    inputs = {}
    for described in function["inputs"]:
        tensor = task["prepared"][described["name"]]
        numbers = array(tensor["values"]).reshape(tensor["shape"])
        # A batch may be shorter than what the function takes.
        whole = np.zeros([len(numbers), *described["shape"][1:]], tensor["dtype"])
        whole[tuple(slice(size) for size in numbers.shape)] = numbers
        inputs[described["name"]] = whole
    model = onnx_folder / f"{task['name']}.onnx"
    onnx.checker.check_model(onnx.load(model), full_check=True)
    session = onnxruntime.InferenceSession(model)
    lite = tf.lite.TFLiteConverter.from_saved_model(str(saved), signature_keys=[task["name"]]).convert()
    names = [output["name"] for output in function["outputs"]]
    outputs = [{name: array(each) for name, each in example["output"].items()} for example in task["examples"]]
    for batch in (1, 3, 8, 64):
        many = {name: np.resize(numbers, [batch, *numbers.shape[1:]]) for name, numbers in inputs.items()}
        results = signatures[task["name"]](**{name: tf.constant(numbers) for name, numbers in many.items()})
        tensors = {name: tf.constant(numbers) for name, numbers in many.items()}
        by_variables = with_variables.signatures[task["name"]](**tensors)
        by_onnx = session.run(names, many)
        by_lite = run_lite(lite, many)
        for name, other in zip(names, by_onnx):
            expected = np.resize(np.stack([output[name] for output in outputs]), [batch, len(outputs[0][name])])
            largest = np.abs(expected).max()
            for runtime, given in (("tensorflow", results[name].numpy()), ("onnx", other), ("tflite", by_lite[name]), ("variables", by_variables[name].numpy())):
                difference = np.abs(given.reshape(batch, -1) - expected).max() / largest
                differences[runtime] = max(differences.get(runtime, 0), float(difference))
print(json.dumps(differences))
