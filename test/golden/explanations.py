"""Explanations of three small networks by Captum and shap: python explanations.py NOISE > explanations.json

The networks are those of test/explain/golden.ts, written in torch with the same weights. NOISE is a JSON list of the normal numbers that
`RandomStream(0, 'explain/smooth-grad')` draws first; Captum's NoiseTunnel is given them in the place of its own. Needs torch, captum and shap.
"""
import json
import sys

import captum
import numpy
import shap
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, NoiseTunnel, Occlusion, Saliency
from torch import nn
from torch.nn import functional

torch.set_default_dtype(torch.float64)
random = numpy.random.default_rng(5)
noise = numpy.array(json.load(open(sys.argv[1]))).reshape(4, 1, 6, 6)
WIDTH, PLACES, CLASSES = 8, 9, 3
DIGITS = 9


def weight(*shape, scale=0.5):
    return random.normal(0, scale, shape).round(4)


def numbers(values):
    return numpy.round(numpy.asarray(torch.as_tensor(values).detach()), DIGITS).tolist()


stem = {"stem/toy/patch/kernel": weight(4, WIDTH), "stem/toy/patch/bias": weight(WIDTH), "stem/toy/positions": weight(PLACES, WIDTH)}
head = {"head/toy/logits/kernel": weight(PLACES * WIDTH, CLASSES), "head/toy/logits/bias": weight(CLASSES)}


def norm(name):
    return {f"{name}/gain": 1 + weight(WIDTH, scale=0.1), f"{name}/bias": weight(WIDTH, scale=0.1)}


block = "column-0/block-0"
convolution = {
    **stem, **head, **norm(f"{block}/norm"),
    f"{block}/depthwise": weight(3, 1, WIDTH, 1),
    f"{block}/pointwise/kernel": weight(WIDTH, WIDTH), f"{block}/pointwise/bias": weight(WIDTH),
}
attention = {**stem, **head, **norm("column-0/finish/norm")}
for b in range(2):
    name = f"column-0/block-{b}"
    attention |= norm(f"{name}/norm-1") | norm(f"{name}/norm-2")
    for layer, inputs, outputs in [("attention/query-key-value", WIDTH, 3 * WIDTH), ("attention/output", WIDTH, WIDTH),
                                   ("dense-1", WIDTH, 4 * WIDTH), ("dense-2", 4 * WIDTH, WIDTH)]:
        attention |= {f"{name}/{layer}/kernel": weight(inputs, outputs), f"{name}/{layer}/bias": weight(outputs)}
table = {
    "stem/toy/values/kernel": weight(5, WIDTH), "stem/toy/values/bias": weight(WIDTH), "stem/toy/missing/kernel": weight(5, WIDTH),
    f"{block}/dense/kernel": weight(WIDTH, WIDTH), f"{block}/dense/bias": weight(WIDTH),
    "head/toy/numbers/kernel": weight(WIDTH, 1), "head/toy/numbers/bias": weight(1),
}


def tensor(weights, name):
    return torch.tensor(weights[name])


def linear(weights, name, x):
    return x @ tensor(weights, f"{name}/kernel") + tensor(weights, f"{name}/bias")


def normalise(weights, name, x):
    return functional.layer_norm(x, [WIDTH], tensor(weights, f"{name}/gain"), tensor(weights, f"{name}/bias"), 1e-5)


def tokens(weights, pictures):  # [N, 1, 6, 6] to [N, 9, 8]
    patches = pictures.reshape(-1, 3, 2, 3, 2).permute(0, 1, 3, 2, 4).reshape(-1, PLACES, 4)
    return linear(weights, "stem/toy/patch", patches) + tensor(weights, "stem/toy/positions")


class Block(nn.Module):
    """Gives [N, channels, places], as Captum expects a convolution to."""

    def forward(self, x):
        mixed = functional.conv1d(normalise(convolution, f"{block}/norm", x).transpose(1, 2),
                                  tensor(convolution, f"{block}/depthwise")[:, 0, :, :].permute(1, 2, 0), padding=1, groups=WIDTH)
        return (x + functional.relu(linear(convolution, f"{block}/pointwise", mixed.transpose(1, 2)))).transpose(1, 2)


class AfterStem(nn.Module):
    def __init__(self):
        super().__init__()
        self.block = Block()

    def forward(self, x):
        return linear(convolution, "head/toy/logits", self.block(x).transpose(1, 2).reshape(-1, PLACES * WIDTH))


class Whole(nn.Module):
    def __init__(self):
        super().__init__()
        self.rest = AfterStem()

    def forward(self, pictures):
        return self.rest(tokens(convolution, pictures))


model = Whole()
picture, baseline = (torch.tensor(random.normal(0, 1, (1, 1, 6, 6)).round(4)) for _ in range(2))
target = 1
line = {"n_steps": 32, "method": "gausslegendre"}


def with_noise(*_, **__):
    return torch.tensor(noise) * torch.tensor(0.15) * (picture.max() - picture.min())


drawn, torch.normal = torch.normal, with_noise
smooth = NoiseTunnel(Saliency(model)).attribute(picture, nt_type="smoothgrad", nt_samples=4, stdevs=1.0, target=target, abs=False)
torch.normal = drawn
# NoiseTunnel adds what torch.normal gives to four copies of the picture.

convolutional = {
    "weights": convolution, "input": picture.flatten(), "baseline": baseline.flatten(), "target": target,
    "output": model(picture)[0],
    "integratedGradients": IntegratedGradients(model).attribute(picture, target=target, **line),
    "fromBaseline": IntegratedGradients(model).attribute(picture, baselines=baseline, target=target, **line),
    "onTokens": IntegratedGradients(model.rest).attribute(tokens(convolution, picture), target=target, **line),
    "gradientTimesInput": InputXGradient(model).attribute(picture, target=target),
    "smoothGrad": smooth,
    "occlusion": Occlusion(model).attribute(picture, (1, 2, 2), strides=(1, 1, 1), target=target),
    "occlusionByTwo": Occlusion(model).attribute(picture, (1, 3, 3), strides=(1, 2, 2), target=target, baselines=baseline),
    "gradCam": LayerGradCam(model, model.rest.block).attribute(picture, target=target, relu_attributions=True),
}

x = tokens(attention, picture)
rollout = torch.eye(PLACES)
weights_of_blocks = []
for b in range(2):
    name = f"column-0/block-{b}"
    normal = normalise(attention, f"{name}/norm-1", x)
    layer = nn.MultiheadAttention(WIDTH, 2, batch_first=True)
    with torch.no_grad():
        layer.in_proj_weight.copy_(tensor(attention, f"{name}/attention/query-key-value/kernel").T)
        layer.in_proj_bias.copy_(tensor(attention, f"{name}/attention/query-key-value/bias"))
        layer.out_proj.weight.copy_(tensor(attention, f"{name}/attention/output/kernel").T)
        layer.out_proj.bias.copy_(tensor(attention, f"{name}/attention/output/bias"))
    attended, weights = layer(normal, normal, normal, average_attn_weights=True)
    x = x + attended
    x = x + linear(attention, f"{name}/dense-2", functional.relu(linear(attention, f"{name}/dense-1", normalise(attention, f"{name}/norm-2", x))))
    # Abnar and Zuidema 2020, section 3: half the attention, half the residual connection.
    rollout = (0.5 * weights[0] + 0.5 * torch.eye(PLACES)) @ rollout
logits = linear(attention, "head/toy/logits", normalise(attention, "column-0/finish/norm", x).reshape(1, -1))
attending = {"weights": attention, "input": picture.flatten(), "output": logits[0], "rollout": rollout}


def predict(rows):
    hidden = functional.relu(linear(table, f"{block}/dense", linear(table, "stem/toy/values", torch.tensor(rows))))
    return numpy.asarray(linear(table, "head/toy/numbers", hidden)[:, 0])


row, background = random.normal(0, 1, (1, 5)).round(4), random.normal(0, 1, (4, 5)).round(4)
explainer = shap.KernelExplainer(predict, background)
tabular = {
    "weights": table, "input": row[0], "background": background, "output": predict(row)[0],
    "kernelShap": explainer.shap_values(row, nsamples=1000, l1_reg=False, silent=True)[0],
    "expected": explainer.expected_value,
}


# Linear CKA from its definition by kernels and the Hilbert-Schmidt independence criterion (Kornblith et al. 2019, equations 1 to 3).
first, second = random.normal(0, 1, (10, 3)).round(4), random.normal(0, 1, (10, 5)).round(4)
second[:, :2] += first[:, :2]
centring = numpy.eye(10) - 1 / 10


def hsic(k, l):
    return numpy.trace(k @ centring @ l @ centring) / 81


k, l = first @ first.T, second @ second.T
alignment = {"first": first, "second": second, "cka": hsic(k, l) / numpy.sqrt(hsic(k, k) * hsic(l, l))}


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value if isinstance(value, int) else numbers(value)


versions = {"torch": torch.__version__, "captum": captum.__version__, "shap": shap.__version__}
meta = {"source": "explanations.py", "versions": versions}
print(json.dumps({"meta": meta, "noise": numbers(noise.flatten()), "convolutional": plain(convolutional), "attending": plain(attending), "tabular": plain(tabular), "alignment": plain(alignment)}))
