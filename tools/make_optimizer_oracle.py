#!/usr/bin/python3
"""Writes tests/oracle/optimizers.json and schedules.json: parameters after each step of PyTorch's optimizers, in double,
and the rates of its schedulers (python3-torch 1.13).

NAdam runs with foreach=True: the other path of 1.13 multiplies a momentum into the next product twice, which later
versions put right."""
import json
import math
import pathlib

import torch

CASES = [
    ("sgd", torch.optim.SGD, dict(lr=0.1), {}),
    ("sgd", torch.optim.SGD, dict(lr=0.1, momentum=0.9, weight_decay=0.01), dict(momentum=0.9, weight_decay=0.01)),
    ("rmsprop", torch.optim.RMSprop, dict(lr=0.02, alpha=0.95, eps=1e-8), dict(alpha=0.95, epsilon=1e-8)),
    ("rmsprop", torch.optim.RMSprop, dict(lr=0.02, alpha=0.9, eps=1e-4, momentum=0.5, weight_decay=0.1),
     dict(alpha=0.9, epsilon=1e-4, momentum=0.5, weight_decay=0.1)),
    ("adam", torch.optim.Adam, dict(lr=0.05), {}),
    ("adam", torch.optim.Adam, dict(lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
     dict(beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.1)),
    ("adamw", torch.optim.AdamW, dict(lr=0.05, weight_decay=0.2), dict(weight_decay=0.2)),
    ("nesterov", torch.optim.SGD, dict(lr=0.1, momentum=0.9, nesterov=True), {}),
    ("nesterov", torch.optim.SGD, dict(lr=0.05, momentum=0.5, weight_decay=0.1, nesterov=True),
     dict(momentum=0.5, weight_decay=0.1)),
    ("adagrad", torch.optim.Adagrad, dict(lr=0.1), {}),
    ("adagrad", torch.optim.Adagrad, dict(lr=0.1, eps=1e-3, weight_decay=0.1), dict(epsilon=1e-3, weight_decay=0.1)),
    ("adadelta", torch.optim.Adadelta, dict(lr=1.0), {}),
    ("adadelta", torch.optim.Adadelta, dict(lr=0.5, rho=0.8, eps=1e-3, weight_decay=0.1),
     dict(alpha=0.8, epsilon=1e-3, weight_decay=0.1)),
    ("nadam", torch.optim.NAdam, dict(lr=0.05, foreach=True), {}),
    ("nadam", torch.optim.NAdam, dict(lr=0.05, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1, momentum_decay=0.1,
                                      foreach=True),
     dict(beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.1, momentum_decay=0.1)),
    ("asgd", torch.optim.ASGD, dict(lr=0.1, lambd=0, t0=0), {}),
    ("asgd", torch.optim.ASGD, dict(lr=0.1, lambd=0, t0=2, weight_decay=0.1), dict(t0=2, weight_decay=0.1)),
]
STEPS, SIZE = 6, 5

torch.set_default_dtype(torch.float64)  # also of the scalars that NAdam and ASGD keep
torch.manual_seed(1)
start = torch.randn(SIZE, dtype=torch.float64)
gradients = torch.randn(STEPS, SIZE, dtype=torch.float64)
gradients[2] *= 100
gradients[:, 4] = 0  # an element that never has a gradient
cases = []
for kind, make, arguments, ours in CASES:
    x = start.clone().requires_grad_()
    optimizer = make([x], **arguments)
    after, average = [], []
    for gradient in gradients:
        x.grad = gradient.clone()
        optimizer.step()
        after.append(x.detach().tolist())
        if kind == "asgd":
            average.append(optimizer.state[x]["ax"].tolist())
    cases.append(dict(spec=dict(kind=kind, **ours), learning_rate=arguments["lr"], after=after))
    if average:
        cases[-1]["average"] = average
oracle = pathlib.Path(__file__).parent.parent / "tests/oracle"
path = oracle / "optimizers.json"
path.write_text(json.dumps(dict(torch=torch.__version__, start=start.tolist(), gradients=gradients.tolist(), cases=cases),
                           indent=1) + "\n")


def rates(make, steps, losses=None):
    """The rate before each of `steps` scheduler steps, of an optimizer that starts from rate 0.5."""
    x = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.5)
    scheduler = make(optimizer)
    found = []
    for step in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if step + 1 < steps:
            scheduler.step(*([losses[step]] if losses else []))
    return found


scheduler = torch.optim.lr_scheduler
LOSSES = [5, 4, 4.1, 4, 3.9999, 3.5, 3.6, 3.6, 3.6, 3.6, math.nan, 3.4, 3.5, 3.5, 3.4999, 3.3, 3.3, 3.3, 3.3, 3.3]
schedules = [
    # "by": what a scheduler step stands for
    dict(by="epoch", spec=dict(kind="step", decay=0.3, every=3),
         rates=rates(lambda o: scheduler.StepLR(o, 3, 0.3), 12)),
    dict(by="epoch", spec=dict(kind="step", decay=0.5), rates=rates(lambda o: scheduler.StepLR(o, 1, 0.5), 5)),
    dict(by="update", spec=dict(kind="one-cycle"),
         rates=rates(lambda o: scheduler.OneCycleLR(o, 0.5, 40, cycle_momentum=False), 40)),
    dict(by="update", spec=dict(kind="one-cycle", rise=0.45, start=0.1, floor=0.001),
         rates=rates(lambda o: scheduler.OneCycleLR(o, 0.5, 37, pct_start=0.45, div_factor=10, final_div_factor=100,
                                                    cycle_momentum=False), 37)),
    dict(by="validation", spec=dict(kind="plateau", decay=0.5, wait=2), losses=[str(x) for x in LOSSES],
         rates=rates(lambda o: scheduler.ReduceLROnPlateau(o, factor=0.5, patience=1), len(LOSSES) + 1, LOSSES)),
    dict(by="validation", spec=dict(kind="plateau", decay=0.1, wait=1, floor=0.05), losses=[str(x) for x in LOSSES],
         rates=rates(lambda o: scheduler.ReduceLROnPlateau(o, factor=0.1, patience=0, min_lr=0.025), len(LOSSES) + 1,
                     LOSSES)),
]
(oracle / "schedules.json").write_text(json.dumps(dict(torch=torch.__version__, schedules=schedules), indent=1) + "\n")
