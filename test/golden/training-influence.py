"""What training examples did to others by Captum's TracInCP: python training-influence.py > training-influence.json

The network is `tabular` of test/explain/networks.ts with the weights of explanations.json, once as they are and once halved: two checkpoints
with a learning rate each. The influence goes through the trunk's block alone. Needs torch and captum.
"""
import json
import pathlib

import captum
import numpy
import torch
from captum.influence import TracInCP
from torch import nn
from torch.utils.data import TensorDataset

torch.set_default_dtype(torch.float64)
random = numpy.random.default_rng(6)
golden = json.loads((pathlib.Path(__file__).parent / "explanations.json").read_text())
weights = {name: torch.tensor(values, dtype=torch.float64) for name, values in golden["tabular"]["weights"].items()}
RATES = {"1": 0.1, "0.5": 0.2}  # By what the weights are multiplied.


def linear(name, inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    layer.names = f"{name}/kernel", f"{name}/bias"
    return layer


model = nn.Sequential(linear("stem/toy/values", 5, 8), linear("column-0/block-0/dense", 8, 8), nn.ReLU(), linear("head/toy/numbers", 8, 1))


def load(model, path):
    with torch.no_grad():
        for layer in model:
            if isinstance(layer, nn.Linear):
                kernel, bias = layer.names
                layer.weight.copy_(float(path) * weights[kernel].T)
                layer.bias.copy_(float(path) * weights[bias])
    return RATES[path]


rows, targets = random.normal(0, 1, (12, 5)).round(3), random.normal(0, 1, (12, 1)).round(3)
others, wanted = random.normal(0, 1, (2, 5)).round(3), random.normal(0, 1, (2, 1)).round(3)
tracing = TracInCP(model, TensorDataset(torch.tensor(rows), torch.tensor(targets)), list(RATES), load, layers=["1"],
                   loss_fn=nn.MSELoss(reduction="none"), batch_size=4)
influence = tracing.influence((torch.tensor(others), torch.tensor(wanted)))
print(json.dumps({
    "meta": {"source": "training-influence.py", "versions": {"torch": torch.__version__, "captum": captum.__version__}},
    "rates": RATES, "rows": rows.tolist(), "targets": targets[:, 0].tolist(), "others": others.tolist(), "wanted": wanted[:, 0].tolist(),
    "influence": influence.numpy().round(9).tolist(),
}))
