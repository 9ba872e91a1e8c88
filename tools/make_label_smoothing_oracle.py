#!/usr/bin/python3
"""Writes tests/oracle/label_smoothing.json: PyTorch's smoothed cross-entropy and its gradient, in double (python3-torch)."""
import json
import pathlib

import torch

torch.manual_seed(2)
cases = []
for classes, smoothing in [(2, 0.1), (5, 0.1), (19, 0.3), (300, 0.05), (7, 0.0), (7, 0.9)]:
    logits = (4 * torch.randn(3, classes, dtype=torch.float64)).requires_grad_()
    targets = torch.randint(classes, (3,))
    loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing, reduction="none")(logits, targets)
    loss.sum().backward()
    cases.append(dict(smoothing=smoothing, logits=logits.tolist(), targets=targets.tolist(), loss=loss.tolist(),
                      gradient=logits.grad.tolist()))
path = pathlib.Path(__file__).parent.parent / "tests" / "oracle" / "label_smoothing.json"
path.write_text(json.dumps(dict(torch=torch.__version__, cases=cases)) + "\n")
