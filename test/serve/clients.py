"""python clients.py URL PICTURE: asks a server as programs of others do. Prints JSON: what Triton's client reads by binary and plain tensors."""
import json, sys, urllib.request

import numpy
import tritonclient.http
from openapi_spec_validator import validate
from prometheus_client.parser import text_string_to_metric_families

url, picture = sys.argv[1], numpy.fromfile(sys.argv[2], numpy.float32).reshape(1, 8, 8, 1)
get = lambda path: urllib.request.urlopen(url + path).read()

client = tritonclient.http.InferenceServerClient(url.removeprefix('http://'))
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready('shape')
metadata = client.get_model_metadata('shape')
answers = {}
for binary in (True, False):
    tensor = tritonclient.http.InferInput('input', list(picture.shape), 'FP32')
    tensor.set_data_from_numpy(picture, binary_data=binary)
    output = tritonclient.http.InferRequestedOutput('output', binary_data=binary)
    answers[str(binary)] = client.infer('shape', [tensor], outputs=[output]).as_numpy('output').tolist()
# By default the client asks for all outputs, in binary.
answers['default'] = client.infer('shape', [tensor]).as_numpy('output').tolist()
try:
    client.infer('shap', [tensor])
except tritonclient.http.InferenceServerException as error:
    answers['unknown'] = str(error)

validate(json.loads(get('/openapi.json')))
families = {family.name: family.type for family in text_string_to_metric_families(get('/metrics').decode())}
print(json.dumps({'metadata': metadata, 'answers': answers, 'metrics': families}))
