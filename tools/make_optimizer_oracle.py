#!/usr/bin/python3
"""Writes tests/oracle/optimizers.json: parameters after each step of PyTorch's optimizers, in double (python3-torch)."""
import json
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
]
STEPS, SIZE = 6, 5

torch.manual_seed(1)
start = torch.randn(SIZE, dtype=torch.float64)
gradients = torch.randn(STEPS, SIZE, dtype=torch.float64)
gradients[2] *= 100
gradients[:, 4] = 0  # an element that never has a gradient
cases = []
for kind, make, arguments, ours in CASES:
    x = start.clone().requires_grad_()
    optimizer = make([x], **arguments)
    after = []
    for gradient in gradients:
        x.grad = gradient.clone()
        optimizer.step()
        after.append(x.detach().tolist())
    cases.append(dict(spec=dict(kind=kind, **ours), learning_rate=arguments["lr"], after=after))
path = pathlib.Path(__file__).parent.parent / "tests/oracle/optimizers.json"
path.write_text(json.dumps(dict(torch=torch.__version__, start=start.tolist(), gradients=gradients.tolist(), cases=cases),
                           indent=1) + "\n")
