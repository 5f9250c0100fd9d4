"""Writes sentences.tsv in the form of pytorch.tsv: losses of grouped rows as sentence-transformers computes them.

    make_sentences.py    needs torch and sentence-transformers 6
"""

import json

import torch
from sentence_transformers.sentence_transformer import losses

torch.set_default_dtype(torch.float64)


class Model(torch.nn.Module):
    """Stands for the encoder, which losses of given embeddings do not call."""


def output(shape):
    count = torch.Size(shape).numel()
    x = (2 * torch.sin(0.9 * torch.arange(count) + 0.5)).float().double()
    return x.reshape(shape).requires_grad_()


def cases():
    ranking = losses.MultipleNegativesRankingLoss
    both = {"directions": ("query_to_doc", "doc_to_query"), "partition_mode": "per_direction"}
    info = {"type": "infoNce", "temperature": 0.05}
    yield {**info, "symmetric": False}, 2, None, ranking(Model())
    yield {**info, "symmetric": False}, 3, None, ranking(Model())
    yield {**info, "symmetric": False}, 4, None, ranking(Model())
    yield info, 2, None, ranking(Model(), **both)
    yield info, 3, None, ranking(Model(), **both)
    yield {"type": "triplet", "margin": 5.0}, 3, None, losses.TripletLoss(Model())
    scores = torch.tensor([0.9, -0.25, 0.0, 1.0, 0.5])
    yield {"type": "cosineSimilarity"}, 2, scores, losses.CosineSimilarityLoss(Model())


def text(values):
    return ",".join(repr(v) for v in values.detach().reshape(-1).tolist())


with open("sentences.tsv", "w") as out:
    for spec, size, target, loss in cases():
        shape = [5 * size, 7]
        x = output(shape)
        groups = x.reshape(5, size, 7)
        value = loss.compute_loss_from_embeddings([groups[:, i] for i in range(size)], target)
        value.backward()
        kind = "none" if target is None else "numbers"
        given = "" if target is None else text(target)
        grouped = {"type": "grouped", "size": size, "loss": spec}
        line = [json.dumps(grouped), ",".join(map(str, shape)), kind, given, repr(value.item()), text(x.grad)]
        out.write("\t".join(line) + "\n")
