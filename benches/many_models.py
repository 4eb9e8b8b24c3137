#!/usr/bin/env python3
"""Many models end to end: `audit` beside PyTorch on Fashion-MNIST, and how well the models predict.

    cargo build --release
    benches/many_models.py --audit target/release/audit --data ../shared/data/images/fashion_mnist

What attacks with shadow models need: 8 networks (28x28x1, three convolutions, two dense layers),
each on 5,000 training pictures of its own, 10 epochs, Adam, batches of 32, the last epoch kept;
then all 10,000 test pictures predicted. Wall time runs from the start of the processes to the last
prediction, reading the files included. Both sides run one model per core with one thread each, in
turns; PyTorch with channels last and a malloc that keeps its memory, which is its faster way.
`audit` also measures 500 validation rows after every epoch, PyTorch does not.

Needs Python 3.9 with `torch`, `numpy` and `pyarrow`.
"""

import argparse
import gzip
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

from peers import KEEP_MEMORY, machine

ROWS, EPOCHS, BATCH, RATE, CLASSES, VALIDATION = 5_000, 10, 32, 1e-3, 10, 500

CONFIG = """\
version: 1
name: Many models
seed: 0
system: {{purpose: Compare the speed of training, domain: recommendation}}
dataset:
  format: idx
  path: {data}
  classes: [a, b, c, d, e, f, g, h, i, j]
  positive: a
  limit: {limit}
  validation: {share}
model:
  train: {{architecture: seed-cnn, epochs: {epochs}, batch_size: {batch}, learning_rate: {rate}, keep: last}}
"""


def read(data, part):
    import numpy

    def values(kind, skip):
        with gzip.open(os.path.join(data, f"{part}-{kind}.gz")) as file:
            return numpy.frombuffer(file.read(), numpy.uint8, offset=skip)

    return values("images-idx3-ubyte", 16).reshape(-1, 1, 28, 28), values("labels-idx1-ubyte", 8)


def torch_worker(options):
    """Trains the seeds one after the other; prints their test accuracies."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)

    def tensors(part):
        images, labels = read(options.data, part)
        images = torch.tensor(images).float().div(255).contiguous(memory_format=torch.channels_last)
        return images, torch.tensor(labels).long()

    (x, y), (test_x, test_y) = tensors("train"), tensors("t10k")
    accuracies = []
    for seed in options.seeds:
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
            nn.Linear(576, 64), nn.ReLU(), nn.Linear(64, CLASSES),
        ).to(memory_format=torch.channels_last)
        adam = torch.optim.Adam(net.parameters(), lr=RATE)
        rows = torch.randperm(len(x))[:ROWS]
        for _ in range(EPOCHS):
            for batch in torch.split(rows[torch.randperm(ROWS)], BATCH):
                adam.zero_grad(set_to_none=True)
                nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
                adam.step()
        with torch.inference_mode():
            said = torch.cat([net(part).argmax(1) for part in torch.split(test_x, 500)])
        accuracies.append((said == test_y).double().mean().item())
    print(json.dumps({"version": torch.__version__, "accuracies": accuracies}))


def audit_worker(options):
    """Trains and predicts with the program, one process after the other; prints test accuracies."""
    import pyarrow.parquet

    accuracies = []
    with tempfile.TemporaryDirectory() as folder:
        config = os.path.join(folder, "config.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(
                data=os.path.abspath(options.data), limit=ROWS + VALIDATION,
                share=VALIDATION / (ROWS + VALIDATION), epochs=EPOCHS, batch=BATCH, rate=RATE,
            ))
        for seed in options.seeds:
            out = os.path.join(folder, str(seed))
            same = [config, "--seed", str(seed), "--threads", "1", "--quiet", "--no-progress"]
            run = [options.audit, "train", *same, "--out", out, "--json"]
            epochs = subprocess.run(run, check=True, stdout=subprocess.PIPE).stdout.splitlines()
            assert len(epochs) == EPOCHS, f"{len(epochs)} epochs"
            table = os.path.join(out, "predictions.parquet")
            weights = os.path.join(out, "model.safetensors")
            run = [options.audit, "predict", *same, "--weights", weights, "--out", table]
            subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
            columns = pyarrow.parquet.read_table(table, columns=["split", "y_true", "y_pred"])
            rows = zip(*(columns[name].to_pylist() for name in columns.column_names))
            right = [true == said for split, true, said in rows if split == "test"]
            assert len(right) == 10_000, f"{len(right)} test rows"
            accuracies.append(sum(right) / len(right))
    version = subprocess.run([options.audit, "--version"], check=True, stdout=subprocess.PIPE)
    print(json.dumps({"version": version.stdout.decode().split()[-1], "accuracies": accuracies}))


def end_to_end(options, worker, environment):
    """Wall time and accuracies of all models, shared out over one process per core."""
    cores = options.processes
    started, running = time.perf_counter(), []
    for i in range(cores):
        seeds = ",".join(str(seed) for seed in range(options.models) if seed % cores == i)
        command = [
            sys.executable, os.path.abspath(__file__), "--worker", worker, "--seeds", seeds,
            "--audit", options.audit, "--data", options.data,
        ]
        one = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
        environ = {**os.environ, **environment, **one}
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, env=environ, text=True))
    found = [json.loads(process.communicate()[0]) for process in running]
    wall = time.perf_counter() - started
    accuracies = [accuracy for part in found for accuracy in part["accuracies"]]
    assert len(accuracies) == options.models
    return {"version": found[0]["version"], "wall": wall, "accuracies": accuracies}


def compare(options):
    results = {"audit": [], "PyTorch": []}
    for round_ in range(options.rounds):
        for name, worker, environment in (("audit", "audit", {}), ("PyTorch", "torch", KEEP_MEMORY)):
            print(f"round {round_ + 1}: {name}", file=sys.stderr)
            results[name].append(end_to_end(options, worker, environment))
    return results


def page(options, results):
    lines = [
        "| program | wall time, s | mean test accuracy | least to greatest |",
        "|---|---|---|---|",
    ]
    ours = statistics.median(run["wall"] for run in results["audit"])
    for name, runs in results.items():
        wall = statistics.median(run["wall"] for run in runs)
        ratio = "" if name == "audit" else f" ({wall / ours:.2f}x)"
        values = runs[0]["accuracies"]
        lines.append(
            f"| {name} {runs[0]['version']} | {wall:,.1f}{ratio} | {statistics.mean(values):.4f} "
            f"| {min(values):.4f} to {max(values):.4f} |"
        )
    text = (
        f"{options.models} models x {EPOCHS} epochs x {ROWS:,} pictures of Fashion-MNIST, "
        f"{options.processes} processes of one thread, batches of {BATCH}; accuracy on the 10,000 test "
        f"pictures; median wall time of {options.rounds} rounds in turns, in brackets how many times "
        f"as long. Written by `benches/many_models.py`. Machine: {machine()}."
    )
    return text + "\n\n" + "\n".join(lines) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--audit", default="target/release/audit", help="the program")
    p.add_argument("--data", required=True, help="folder with the four gzipped IDX files")
    p.add_argument("--models", type=int, default=8, help="networks to train")
    p.add_argument("--processes", type=int, default=os.cpu_count(), help="models at a time")
    p.add_argument("--rounds", type=int, default=3, help="times that either side trains them all")
    p.add_argument("--worker", choices=["audit", "torch"], help=argparse.SUPPRESS)
    p.add_argument("--seeds", help=argparse.SUPPRESS)
    options = p.parse_args()
    options.processes = min(options.processes, options.models)
    if options.worker:
        options.seeds = [int(seed) for seed in options.seeds.split(",")]
        return audit_worker(options) if options.worker == "audit" else torch_worker(options)
    print(page(options, compare(options)), end="")


if __name__ == "__main__":
    main()
