"""Scores of the loss's gradient at random weights. One pass back serves them all."""

from __future__ import annotations

import torch
import torch.nn.functional as F  # noqa: N812 - its usual name

from explorer.score.free.subject import Subject


def gradients(subject: Subject) -> dict[str, float | None]:
    """Gradient norm and SNIP, of the cross-entropy of the batch.

    **grad_norm** (Abdelfattah et al. 2021, "Zero-Cost Proxies for Lightweight NAS", section 3):
    the sum over weight tensors of the Euclidean norm of their gradients.

    **snip** (Lee et al. 2019, "SNIP: Single-shot Network Pruning based on Connection Sensitivity",
    section 4; as a score of nets Abdelfattah et al. 2021): the sum over weights of |w dL/dw|.

    Not defined without labels, nor for a net that does not put out one number for each class.
    """
    labels = subject.batch.labels
    ends = [subject.graph.nodes[output.node].shape for output in subject.graph.outputs]
    if labels is None or len(ends) > 1 or ends[0].kind != "vector":
        return {"grad_norm": None, "snip": None}
    if int(labels.max()) >= ends[0].channels:
        return {"grad_norm": None, "snip": None}
    net = subject.net()
    for bias in (each for each in net.parameters() if each.ndim < 2):
        bias.requires_grad_(False)
    weights = [each for each in net.parameters() if each.ndim >= 2]
    loss = F.cross_entropy(net(*subject.inputs()), labels)
    if not weights:
        return {"grad_norm": None, "snip": None}
    slopes = torch.autograd.grad(loss, weights, allow_unused=True)
    pairs = [(w, s) for w, s in zip(weights, slopes, strict=True) if s is not None]
    connections = ((weight.detach() * slope).double().abs().sum() for weight, slope in pairs)
    return {
        "grad_norm": sum(float(slope.double().norm()) for _, slope in pairs),
        "snip": sum(map(float, connections)),
    }
