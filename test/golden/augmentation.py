"""Makes augmentation.json: what torchvision and torchaudio make of small pictures and sounds for given parameters.

Run with torch, torchvision, torchaudio and numpy: python test/golden/augmentation.py > test/golden/augmentation.json
"""

import json
from types import SimpleNamespace

import numpy as np
import torch
import torchaudio
import torchvision
from torchvision.transforms import InterpolationMode, v2
from torchvision.transforms import functional as F

torch.manual_seed(1)
picture = torch.rand(3, 6, 5).round(decimals=3)
grey = torch.rand(1, 6, 5).round(decimals=3)
# Equal numbers of red, green and blue, and a channel of one number.
flat = picture.clone()
flat[:, 0, 0] = 0.4
flat[1] = 0.5


def affine(x, angle=0.0, translate=(0, 0), shear=(0.0, 0.0)):
    return F.affine(x, angle, list(translate), 1.0, list(shear), InterpolationMode.BILINEAR)


def last(x):
    return [round(float(value), 6) for value in x.permute(1, 2, 0).flatten()]


def case(operation, parameter, result, source="picture"):
    return {"operation": operation, "parameter": parameter, "input": source, "expected": last(result)}


cases = []
for angle in (30.0, -75.0, 180.0):
    cases.append(case("rotation", angle, F.rotate(picture, angle, InterpolationMode.BILINEAR)))
for move in ([1, 0], [-2, 3]):
    cases.append(case("shift", move, affine(picture, translate=move)))
for shear in ([12.0, 0.0], [0.0, -20.0]):
    cases.append(case("shear", shear, affine(picture, shear=shear)))
for factor in (0.5, 1.0, 1.7):
    cases.append(case("brightness", factor, F.adjust_brightness(picture, factor)))
    cases.append(case("contrast", factor, F.adjust_contrast(picture, factor)))
    cases.append(case("contrast", factor, F.adjust_contrast(grey, factor), "grey"))
    cases.append(case("saturation", factor, F.adjust_saturation(picture, factor)))
    cases.append(case("sharpness", factor, F.adjust_sharpness(picture, factor)))
for turn in (-0.5, -0.13, 0.0, 0.27):
    cases.append(case("hue", turn, F.adjust_hue(picture, turn)))
    cases.append(case("hue", turn, F.adjust_hue(flat, turn), "flat"))
cases.append(case("solarize", 0.6, F.solarize(picture, 0.6)))
cases.append(case("auto-contrast", None, F.autocontrast(picture)))
cases.append(case("auto-contrast", None, F.autocontrast(flat), "flat"))
# Levels that stand close together, so that there is something to spread; the last channel has one level alone.
bytes_ = (torch.randn(3, 20, 17) * 25 + 90).clamp(0, 255).to(torch.uint8)
bytes_[2] = 77
equal = F.equalize(bytes_)
# Of bytes, whose upper bits stay; of floats, torchvision makes k / 2^bits, by which even 8 bits would change a picture.
levels = torch.arange(256, dtype=torch.uint8).reshape(1, 16, 16)


def cutmix(share, row, column, height, width):
    """The rectangle of torchvision's CutMix for draws that are given."""
    mixer = v2.CutMix(num_classes=2)
    mixer._dist = SimpleNamespace(sample=lambda _: share)
    draws = iter([column, row])
    randint, torch.randint = torch.randint, lambda _, size: torch.tensor([next(draws)])
    parameters = mixer.make_params([torch.zeros(2, 3, height, width)])
    torch.randint = randint
    left, top, right, bottom = parameters["box"]
    return {
        "share": share,
        "row": row,
        "column": column,
        "height": height,
        "width": width,
        "box": [top, left, bottom, right],
        "own": parameters["lam_adjusted"],
    }


sound = torch.sin(torch.arange(40) * 0.7).unsqueeze(0)
noise = torch.randn(1, 40).round(decimals=3)
sounds = {
    "sound": sound[0].tolist(),
    "noise": noise[0].tolist(),
    "noisy": [
        {"decibels": snr, "expected": torchaudio.functional.add_noise(sound, noise, torch.tensor([snr]))[0].tolist()}
        for snr in (-5.0, 0.0, 20.0)
    ],
    # Beyond the end there is silence: numpy's linear interpolation of the sound with zeros after it.
    "played": [
        {
            "speed": speed,
            "expected": np.interp(
                np.arange(40) * speed, np.arange(42), np.append(sound[0].numpy(), [0.0, 0.0])
            ).tolist(),
        }
        for speed in (0.8, 1.0, 1.25)
    ],
}

torch.manual_seed(3)
rows = torchvision.ops.stochastic_depth(picture, 0.25, "row")

print(
    json.dumps(
        {
            "meta": {"torch": torch.__version__, "torchvision": torchvision.__version__, "torchaudio": torchaudio.__version__},
            "inputs": {
                name: {"shape": [6, 5, x.shape[0]], "values": last(x)}
                for name, x in (("picture", picture), ("grey", grey), ("flat", flat))
            },
            "cases": cases,
            "cutmix": [cutmix(0.3, 5, 2, 9, 8), cutmix(0.75, 0, 0, 9, 8), cutmix(0.01, 4, 4, 9, 8), cutmix(1.0, 3, 3, 9, 8)],
            "equalize": {
                "shape": [20, 17, 3],
                "bytes": bytes_.permute(1, 2, 0).flatten().tolist(),
                "expected": equal.permute(1, 2, 0).flatten().tolist(),
            },
            "posterize": [{"bits": bits, "expected": F.posterize(levels, bits).flatten().tolist()} for bits in (1, 3, 4, 8)],
            "sounds": sounds,
            "stochasticDepth": {
                "rate": 0.25,
                "input": picture.flatten(1).tolist(),
                "output": rows.flatten(1).tolist(),
            },
        },
        separators=(",", ":"),
    )
)
