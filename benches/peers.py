#!/usr/bin/env python3
"""Training and prediction speed of `audit` beside PyTorch and TensorFlow, on this machine.

    cargo build --release
    benches/peers.py --audit target/release/audit --threads 1,2 --out docs/performance.md

The same network (three convolutions 3x3 without padding, two max-pools, two dense layers; 646,338
parameters), random 64x64 colour pictures, Adam, f32, batches of 32. The programs take turns,
A B C A B C, each run in a process of its own, because a machine is never equally quiet for long; a
number is the median over the rounds of the medians over the steps. PyTorch runs as it comes, and
with channels last and a malloc that keeps its memory, which is the faster way and the one to beat.
A program that is not installed is left out, and the table says so.

Needs Python 3.9 with `torch` and `tensorflow-cpu` (or `tensorflow`), as far as they shall take part.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 34),
    "MALLOC_TOP_PAD_": str(1 << 28),
}
# What holds the peers to AVX2, as `--kernel avx2` does `audit`.
AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "DNNL_MAX_CPU_ISA": "AVX2"}
# Name in the table, name of the worker, environment.
PEERS = [
    ("PyTorch", "torch", {}),
    ("PyTorch, channels last, malloc keeps memory", "torch-channels-last", KEEP_MEMORY),
    ("TensorFlow", "tensorflow", {}),
]
SIDE, CHANNELS, CLASSES, RATE = 64, 3, 2, 1e-3


def laps(step, options):
    """Median seconds of a step by the clock and by the processor, after the warm-up."""
    wall, cpu = [], []
    for i in range(options.warm_up + options.steps):
        before = time.perf_counter(), time.process_time()
        step()
        after = time.perf_counter(), time.process_time()
        if i >= options.warm_up:
            wall.append(after[0] - before[0])
            cpu.append(after[1] - before[1])
    return statistics.median(wall), statistics.median(cpu)


def speeds(train, predict, options, version):
    """What every worker prints, named as `audit bench --json` does."""
    found = {"version": version}
    for name, step in (("train", train), ("predict", predict)):
        wall, cpu = laps(step, options)
        found[f"{name}_images_per_second"] = options.batch_size / wall
        found[f"{name}_images_per_cpu_second"] = options.batch_size / cpu if cpu else None
    return found


def torch_worker(options, channels_last):
    import torch
    from torch import nn

    torch.set_num_threads(options.worker_threads)
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(CHANNELS, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(),
        nn.Linear(9216, 64), nn.ReLU(), nn.Linear(64, CLASSES),
    )
    assert sum(p.numel() for p in net.parameters()) == 646_338
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net = net.to(memory_format=layout)
    x = torch.rand(options.batch_size, CHANNELS, SIDE, SIDE).contiguous(memory_format=layout)
    y = torch.arange(options.batch_size) % CLASSES
    adam = torch.optim.Adam(net.parameters(), lr=RATE)
    loss = nn.CrossEntropyLoss()

    def train():
        adam.zero_grad(set_to_none=True)
        loss(net(x), y).backward()
        adam.step()

    def predict():
        with torch.inference_mode():
            net(x)

    return speeds(train, predict, options, torch.__version__)


def tensorflow_worker(options):
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(options.worker_threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.random.set_seed(0)
    layers = tf.keras.layers
    net = tf.keras.Sequential([
        layers.Input((SIDE, SIDE, CHANNELS)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPool2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPool2D(2),
        layers.Conv2D(64, 3, activation="relu"), layers.Flatten(),
        layers.Dense(64, activation="relu"), layers.Dense(CLASSES),
    ])
    assert net.count_params() == 646_338
    x = tf.random.uniform((options.batch_size, SIDE, SIDE, CHANNELS))
    y = tf.range(options.batch_size) % CLASSES
    adam = tf.keras.optimizers.Adam(RATE)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def train_step():
        with tf.GradientTape() as tape:
            value = loss(y, net(x, training=True))
        gradients = tape.gradient(value, net.trainable_variables)
        adam.apply_gradients(zip(gradients, net.trainable_variables))
        return value

    @tf.function
    def predict_step():
        return net(x, training=False)

    # `.numpy()` waits until the numbers are there.
    return speeds(
        lambda: train_step().numpy(), lambda: predict_step().numpy(), options, tf.__version__
    )


def work(options):
    """The body of a worker process: prints one JSON object, or why there is none."""
    try:
        if options.worker == "tensorflow":
            os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
            found = tensorflow_worker(options)
        else:
            found = torch_worker(options, options.worker == "torch-channels-last")
    except ImportError as error:
        found = {"absent": f"not installed ({error.name})"}
    print(json.dumps(found))


def run(command, environment):
    """Runs a worker; its JSON with the peak memory of its process, in bytes."""
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, **environment}, text=True
    )
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    found = json.loads(output)
    # Linux counts in KiB, macOS in bytes.
    found["peak_memory"] = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    return found


def commands(options, threads, avx2):
    """Name, command and environment of each program."""
    same = ["--steps", str(options.steps), "--batch-size", str(options.batch_size)]
    kernel = "avx2" if avx2 else "auto"
    ours = [options.audit, "bench", "--json", "--kernel", kernel, "--threads", str(threads), *same]
    yield "audit", ours, {}
    for name, worker, environment in PEERS:
        own = ["--warm-up", str(options.warm_up), "--worker-threads", str(threads)]
        command = [sys.executable, os.path.abspath(__file__), "--worker", worker, *same, *own]
        threads_of = {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        yield name, command, {**environment, **threads_of, **(AVX2 if avx2 else {})}


def compare(options, threads, avx2):
    """Rounds of all programs in turn: name, then the results of its runs."""
    results = {}
    for round_ in range(options.rounds):
        for name, command, environment in commands(options, threads, avx2):
            if any("absent" in found for found in results.get(name, [])):
                continue
            print(f"{threads} threads, round {round_ + 1}: {name}", file=sys.stderr)
            results.setdefault(name, []).append(run(command, environment))
    return results


KEYS = [
    ("train_images_per_second", "train, images/s"),
    ("train_images_per_cpu_second", "train, images/CPU-s"),
    ("predict_images_per_second", "predict, images/s"),
    ("predict_images_per_cpu_second", "predict, images/CPU-s"),
]


def median(runs, key):
    values = [found[key] for found in runs if found.get(key) is not None]
    return statistics.median(values) if values else None


def cell(value, best):
    """A number, and how many times as fast the first program is."""
    if value is None:
        return "unknown"
    return f"{value:,.0f}" + (f" ({best / value:.2f}x)" if best else "")


def table(results):
    head = ["program", *(title for _, title in KEYS), "peak memory, MiB"]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    ours = {key: median(results["audit"], key) for key, _ in KEYS}
    for name, runs in results.items():
        if "absent" in runs[0]:
            lines.append(f"| {name} | {runs[0]['absent']} |" + " |" * (len(head) - 2))
            continue
        version = f"{name} {runs[0]['version']}"
        best = {} if name == "audit" else ours
        cells = [cell(median(runs, key), best.get(key)) for key, _ in KEYS]
        memory = statistics.median(found["peak_memory"] for found in runs) / (1 << 20)
        lines.append(f"| {version} | " + " | ".join(cells) + f" | {memory:,.0f} |")
    return "\n".join(lines)


def machine():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        model = names[0] if names else model
    load = os.getloadavg()[0]
    return f"{model}, {os.cpu_count()} processors, {platform.system()}, load {load:.1f} at the end"


def page(options, compared):
    facts = next(iter(compared.values()))["audit"][0]
    parts = [
        "# Performance",
        "Written by `benches/peers.py`; do not edit. The seed network (646,338 parameters) on random "
        f"64x64 colour pictures, f32, Adam, batches of {options.batch_size}. Every program runs in "
        f"processes of its own, in turns; a number is the median over {options.rounds} rounds of the "
        f"median over {options.steps} steps after a warm-up. In brackets: how many times as fast "
        "`audit` is.",
        f"Machine: {machine()}; Python {platform.python_version()}; `audit` uses "
        f"{facts['kernel']}, a {facts['build']} build.",
    ]
    for (threads, avx2), results in compared.items():
        title = f"## {threads} thread{'' if threads == 1 else 's'}"
        parts += [title + (", everything held to AVX2" if avx2 else ""), table(results)]
    return "\n\n".join(parts) + "\n"


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--audit", default="target/release/audit", help="the program")
    p.add_argument("--threads", default="1,2", help="numbers of threads, with commas")
    p.add_argument("--avx2", action="store_true", help="also compare with everything held to AVX2")
    p.add_argument("--rounds", type=int, default=5, help="times that every program runs")
    p.add_argument("--steps", type=int, default=50, help="steps that count")
    p.add_argument("--warm-up", type=int, default=10, help="steps of the peers that do not")
    p.add_argument("--batch-size", type=int, default=32, help="pictures per step")
    p.add_argument("--out", help="write the page here; to standard output where absent")
    p.add_argument("--worker", help=argparse.SUPPRESS)
    p.add_argument("--worker-threads", type=int, default=1, help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.worker:
        return work(options)
    threads = [int(number) for number in options.threads.split(",")]
    widths = [False, True] if options.avx2 else [False]
    pairs = [(number, avx2) for avx2 in widths for number in threads]
    text = page(options, {pair: compare(options, *pair) for pair in pairs})
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
