#!/usr/bin/python3
"""Writes tests/oracle/adaptive_softmax.json: PyTorch's adaptive softmax (Grave et al. 2017), its losses, gradients and
log-probabilities, in double (python3-torch, with libopenblas0-openmp beside it)."""
import json
import pathlib

import torch

torch.manual_seed(5)
torch.set_default_dtype(torch.float64)
cases = []
for inputs, classes, cutoffs in [(16, 50, [10]), (32, 90, [7, 30]), (64, 120, [10, 30, 60])]:
    model = torch.nn.AdaptiveLogSoftmaxWithLoss(inputs, classes, cutoffs, div_value=4, head_bias=True)
    with torch.no_grad():
        for p in model.parameters():
            p.copy_(0.5 * torch.randn(p.shape))
    rows = 12
    h = torch.randn(rows, inputs, requires_grad=True)
    ends = [0] + cutoffs + [classes]
    # Every cluster is met, some twice.
    targets = torch.tensor([int(torch.randint(ends[r % (len(ends) - 1)], ends[r % (len(ends) - 1) + 1], (1,)))
                            for r in range(rows)])
    nats = -model(h, targets).output
    nats.sum().backward()
    tensors = {"head.weight": model.head.weight, "head.bias": model.head.bias}
    for i, tail in enumerate(model.tail):
        tensors[f"head.tails.{i}.projection"] = tail[0].weight
        tensors[f"head.tails.{i}.weight"] = tail[1].weight
    cases.append(dict(inputs=inputs, classes=classes, cutoffs=cutoffs, h=h.tolist(), targets=targets.tolist(), nats=nats.tolist(),
                      d_h=h.grad.tolist(), log_probabilities=model.log_prob(h[:2]).tolist(),
                      tensors={k: v.flatten().tolist() for k, v in tensors.items()},
                      gradients={k: v.grad.flatten().tolist() for k, v in tensors.items()}))
path = pathlib.Path(__file__).parent.parent / "tests" / "oracle" / "adaptive_softmax.json"
path.write_text(json.dumps(dict(torch=torch.__version__, cases=cases)) + "\n")
