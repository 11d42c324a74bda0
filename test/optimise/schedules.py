# Writes schedules.json: learning rates by torch.optim.lr_scheduler and by transformers, for schedule.test.ts.
#   pip install torch transformers; python test/optimise/schedules.py > test/optimise/schedules.json
import json
import sys
import warnings

import torch
import transformers
from torch.optim import lr_scheduler as S

warnings.filterwarnings("ignore")


def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)


def rates(make, steps):
    o = optimizer()
    schedule = make(o)
    result = []
    for _ in range(steps):
        result.append(o.param_groups[0]["lr"])
        o.step()
        schedule.step()
    return result


def plateau(values, **options):
    o = optimizer()
    schedule = S.ReduceLROnPlateau(o, eps=0, **options)
    result = []
    for value in values:
        schedule.step(value)
        result.append(o.param_groups[0]["lr"])
    return {"options": options, "values": values, "factors": result}


def warm(o, warmup, schedule):
    rise = S.LinearLR(o, start_factor=1 / warmup, total_iters=warmup - 1)
    return S.SequentialLR(o, [rise, schedule(o)], milestones=[warmup])


def cycle(steps, **options):
    # It refuses to be asked for more steps than there are, as after the last.
    o = optimizer()
    schedule = S.OneCycleLR(o, max_lr=1.0, total_steps=steps, cycle_momentum=False, **options)
    result = [o.param_groups[0]["lr"]]
    for _ in range(steps - 1):
        o.step()
        schedule.step()
        result.append(o.param_groups[0]["lr"])
    return result


falling = [1.0, 0.9, 0.9, 0.91, 0.89995, 0.95, 0.5, 0.5, 0.5, 0.5, 0.49, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
rising = [0.1, 0.2, 0.2, 0.15, 0.2, 0.20001, 0.3, 0.3, 0.1, 0.2, 0.25, 0.30002, 0.30003, 0.3, 0.3, 0.4]
json.dump({
    "meta": {"torch": torch.__version__, "transformers": transformers.__version__},
    "multi-step": {"options": {"milestones": [3, 7, 8], "gamma": 0.5}, "steps": 10,
                   "rates": rates(lambda o: S.MultiStepLR(o, [3, 7, 8], 0.5), 10)},
    "linear": {"options": {"floor": 0.25}, "steps": 8,
               "rates": rates(lambda o: S.LinearLR(o, 1.0, 0.25, 8), 8)},
    "polynomial": {"options": {"power": 2}, "steps": 9,
                   "rates": rates(lambda o: S.PolynomialLR(o, total_iters=9, power=2.0), 9)},
    "step after warm-up": {"kind": "step", "options": {"every": 3, "gamma": 0.5, "warmup": 4}, "steps": 14,
                           "rates": rates(lambda o: warm(o, 4, lambda o: S.StepLR(o, 3, 0.5)), 14)},
    "exponential after warm-up": {"kind": "exponential", "options": {"gamma": 0.9, "warmup": 5}, "steps": 12,
                                  "rates": rates(lambda o: warm(o, 5, lambda o: S.ExponentialLR(o, 0.9)), 12)},
    "one-cycle": {"options": {}, "steps": 25, "rates": cycle(25)},
    "one-cycle of three phases": {"kind": "one-cycle", "options": {"threePhases": True, "rise": 0.4}, "steps": 20,
                                  "rates": cycle(20, three_phase=True, pct_start=0.4)},
    "one-cycle in lines": {"kind": "one-cycle",
                           "options": {"shape": "linear", "rise": 0.45, "divide": 10, "divideEnd": 100}, "steps": 17,
                           "rates": cycle(17, anneal_strategy="linear", pct_start=0.45, div_factor=10,
                                          final_div_factor=100)},
    # From the end of the rise on: theirs begins with a rate of 0, one update earlier.
    "transformers": {
        "warmup": 4,
        "steps": 16,
        "linear": rates(lambda o: transformers.get_linear_schedule_with_warmup(o, 4, 16), 16),
        "cosine": rates(lambda o: transformers.get_cosine_schedule_with_warmup(o, 4, 16), 16),
        "polynomial": rates(lambda o: transformers.get_polynomial_decay_schedule_with_warmup(
            o, 4, 16, lr_end=0.1, power=3.0), 16),
        "inverse-sqrt": rates(lambda o: transformers.get_inverse_sqrt_schedule(o, 4), 16),
    },
    "plateau": [
        plateau(falling, mode="min", factor=0.5, patience=2),
        plateau(falling, mode="min", factor=0.1, patience=0, threshold=0.01, cooldown=2, min_lr=0.002),
        plateau(rising, mode="max", factor=0.5, patience=1, cooldown=1),
        plateau(rising, mode="max", factor=0.2, patience=2, threshold=0.1, min_lr=0.03),
    ],
}, sys.stdout, indent=1)
print()
