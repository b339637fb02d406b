"""A peer: the usual PyTorch loop. usage: torch_loop.py NETWORK EPOCHS IMAGES eager|compiled."""

from __future__ import annotations

import json
import sys

import clock
import torch
import training_images
from torch import nn


def build(layers, shape):
    height, width, channels = shape
    made = []
    features = None
    for kind, *options in layers:
        if kind == "conv":
            filters, size, padding = options
            made += [nn.Conv2d(channels, filters, size, padding=padding), nn.ReLU()]
            lost = 0 if padding == "same" else size - 1
            height, width, channels = height - lost, width - lost, filters
        elif kind == "pool":
            size, stride = options
            made.append(nn.MaxPool2d(size, stride))
            height, width = (height - size) // stride + 1, (width - size) // stride + 1
        elif kind == "flatten":
            made.append(nn.Flatten())
            features = height * width * channels
        elif kind == "norm":
            made.append(nn.BatchNorm1d(features) if features else nn.BatchNorm2d(channels))
        elif kind == "drop":
            made.append(nn.Dropout(options[0]))
        else:
            units, activation = options
            made.append(nn.Linear(features, units))
            features = units
            if activation != "softmax":  # the loss has it
                made.append({"relu": nn.ReLU, "tanh": nn.Tanh}[activation]())
    return nn.Sequential(*made)


def main(network: str, epochs: int, n: int, mode: str) -> None:
    task = json.loads(network)
    torch.manual_seed(0)
    images, labels = training_images.training(tuple(task["rows"]), n)
    x = torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
    y = torch.from_numpy(labels)
    model = build(task["layers"], images.shape[1:])
    x = x.to(memory_format=torch.channels_last)
    model = model.to(memory_format=torch.channels_last)  # oneDNN's faster layout on a CPU
    kinds = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
    optimizer = kinds[task["optimizer"]](model.parameters(), lr=1e-3)
    loss_of = nn.CrossEntropyLoss()

    def step(rows):
        optimizer.zero_grad()
        answers = model(x[rows])
        loss = loss_of(answers, y[rows])
        loss.backward()
        optimizer.step()
        return loss.detach(), (answers.detach().argmax(1) == y[rows]).sum()

    if mode == "compiled":
        model.compile(dynamic=False)
    times = clock.Clock()
    losses = []
    for _ in range(epochs):
        times.start()
        order = torch.randperm(n)
        total, right = torch.zeros(()), torch.zeros((), dtype=torch.long)
        for first in range(0, n, task["batch"]):
            rows = order[first : first + task["batch"]]
            loss, correct = step(rows)
            total += loss * len(rows)
            right += correct
        losses.append(float(total) / n)
        times.stop()
    times.report(loss=losses, parameters=sum(p.numel() for p in model.parameters()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
