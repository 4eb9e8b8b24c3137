#!/usr/bin/env python3
"""Which mutants of `src/stats` and `src/fairness` do the tests not notice? See docs/mutants.md.

    pip install tree-sitter tree-sitter-rust && cargo install cargo-mutants
    .ci/mutants/mutants.py build            # minutes: one build with every mutant behind a switch, and what each test reaches
    .ci/mutants/mutants.py run              # an hour on two cores; can be stopped and started again
    .ci/mutants/mutants.py run --slower     # what ran into the time limit, with more time
    .ci/mutants/mutants.py left             # a table, and what is not explained in explained.tsv

Works on a copy of the committed and changed files; everything goes to `mutants` in the target folder.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "mutants"
COPY = WORK / "copy"
SHARED = os.environ.get("AUDIT_SHARED", str(ROOT.parent / "shared"))
BUILD = {
    "CARGO_TARGET_DIR": str(WORK / "target"),
    "CARGO_INCREMENTAL": "0",
    "CARGO_PROFILE_DEV_OPT_LEVEL": "1",
    "CARGO_PROFILE_DEV_DEBUG": "false",
    "RUSTFLAGS": "-A warnings",
}
TESTS = {"PROPTEST_MAX_SHRINK_ITERS": "0", "PROPTEST_RNG_SEED": "1", "AUDIT_SHARED": SHARED, "RUST_BACKTRACE": "0"}
# Seconds of a test that every mutant it reaches meets, and of one that only what is not explained meets.
USUAL, LONG = 2.0, 30.0


def load(name):
    return json.loads((WORK / name).read_text())


def save(name, value):
    (WORK / name).write_text(json.dumps(value))


def cargo(*args):
    command = ["cargo", *args, "--no-default-features"]
    return subprocess.run(command, cwd=COPY, capture_output=True, text=True, env={**os.environ, **BUILD})


# ---- build


def copy_sources():
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\n"):
        if name and (ROOT / name).exists():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    shutil.copy2(HERE / "switch.rs", COPY / "src/mutants.rs")
    lib = COPY / "src/lib.rs"
    lib.write_text(re.sub(r"^pub mod ", "pub mod mutants;\npub mod ", lib.read_text(), count=1, flags=re.M))


def rewrite(mutants, dropped):
    from schemata import File

    unplaced, by_file = {}, collections.defaultdict(dict)
    for id, listed in enumerate(mutants, 1):
        by_file[listed["file"]].update({} if id in dropped else {id: listed})
    for name, of_file in by_file.items():
        file = File((ROOT / name).read_text(), of_file)
        unplaced |= file.unplaced
        text = file.rewritten()
        if (COPY / name).read_text() != text:
            (COPY / name).write_text(text)
    return unplaced


def blamed(messages):
    """`{id: [code, message]}` of the mutants that errors of the compiler fall on, and the errors that fall on none."""
    from schemata import regions

    found, others, texts = {}, [], {}
    for line in messages.splitlines():
        message = json.loads(line).get("message") if line.startswith("{") else None
        if not isinstance(message, dict) or message["level"] != "error" or not message["spans"]:
            continue
        code = (message["code"] or {}).get("code")
        ids = []
        for span in sorted(message["spans"], key=lambda span: not span["is_primary"]):
            path = COPY / span["file_name"]
            if path not in texts:
                text = path.read_bytes() if path.exists() else b""
                texts[path] = (text, regions(text))
            text, of_file = texts[path]
            start, end = span["byte_start"] + 4, span["byte_end"] - 4
            around = [region for region in of_file if region[0] <= start and end <= region[1]]
            if code == "E0004":
                # A deleted arm was needed: the first behind the value that has no guard of its own.
                arms = [r for r in of_file if r[0] > end and re.match(rb"!/\*@\d+<\*/[^&]*$", text[r[0] : r[1]])]
                ids = min(arms)[2] if arms else []
            elif around:
                ids = min(around, key=lambda region: region[1] - region[0])[2]
            if ids:
                break
        found |= {id: [code, message["message"]] for id in ids}
        others += [] if ids else [message["rendered"]]
    return found, others


def build(files):
    shutil.rmtree(COPY, ignore_errors=True)
    COPY.mkdir(parents=True)
    copy_sources()
    names = [arg for file in files for arg in ("-f", file)]
    listed = subprocess.run(["cargo", "mutants", "--list", "--json", *names], cwd=ROOT, check=True, capture_output=True)
    mutants, dropped = json.loads(listed.stdout), {}
    while True:
        unplaced = rewrite(mutants, dropped)
        ended = cargo("check", "--lib", "--message-format=json")
        found, others = blamed(ended.stdout)
        new = {id: why for id, why in found.items() if id not in dropped}
        print(f"{len(mutants)} mutants, {len(dropped)} do not compile, {len(unplaced)} have no place", flush=True)
        if ended.returncode == 0:
            break
        if not new:
            sys.exit("\n".join(others) or ended.stderr)
        dropped |= new
    ended = cargo("test", "--lib", "--test", "suite", "--no-run")
    programs = re.findall(r"Executable .*\((.*?)\)", ended.stderr)
    if ended.returncode:
        sys.exit(ended.stderr)
    save("mutants.json", [key(mutant) for mutant in mutants])
    save("dropped.json", dropped | {id: ["no place", why] for id, why in unplaced.items()})
    save("programs.json", programs)
    (WORK / "outcomes.jsonl").unlink(missing_ok=True)
    trace(programs)


# ---- run


def status(program, names, extra, seconds):
    """Exit status and output of some tests; no status where they ran out of time."""
    process = subprocess.Popen(
        [program, "--exact", "--test-threads=1", "-q", *names], cwd=COPY, env={**os.environ, **TESTS, **extra},
        text=True, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None, ""


def trace(programs):
    """Seconds of each test without a mutant, and which mutants it reaches."""
    reached, folder = {}, WORK / "trace"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()

    def one(test):
        number, name = test
        file = folder / f"{number}-{re.sub(r'[^a-z0-9_]', '-', name)}"
        alone = {"RAYON_NUM_THREADS": "1"}
        code, output = status(programs[number], [name], {**alone, "MUTANT_TRACE": str(file)}, 600)
        ids = [int(id) for id in file.read_text().split()] if file.exists() else []
        if code == 0 and ids:
            start = time.monotonic()
            code, output = status(programs[number], [name], alone, 600)
            reached[f"{number} {name}"] = [time.monotonic() - start, ids]
        if code != 0:
            print(f"left out, since it fails with the switches alone: {name}", flush=True)

    def names(program):
        listed = subprocess.run([program, "--list"], cwd=COPY, capture_output=True, text=True).stdout
        return [line.removesuffix(": test") for line in listed.splitlines() if line.endswith(": test")]

    tests = [(number, name) for number, program in enumerate(programs) for name in names(program)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, tests))
    save("reached.json", reached)
    print(f"{len(reached)} tests reach mutants; they take {sum(seconds for seconds, _ in reached.values()):.0f} s")


def outcome(id, tests, programs, threads, slack):
    """What the first tests say that notice the mutant, the quickest first."""
    extra, at, most = {"MUTANT": str(id), "RAYON_NUM_THREADS": str(threads)}, 0, 6
    while at < len(tests):
        number, batch, total = tests[at][1].split()[0], [], 0.0
        while at < len(tests) and tests[at][1].split()[0] == number and len(batch) < most and (total < 3 or not batch):
            batch.append(tests[at][1].split(" ", 1)[1])
            total += tests[at][0]
            at += 1
        most = min(2 * most, 200)
        seconds = slack * (5 * total + 4)
        code, output = status(programs[int(number)], batch, extra, seconds)
        if code is None:
            return {"outcome": "time", "seconds": seconds}
        if code != 0:
            failed = re.findall(r"^---- (.*) stdout", output, re.M)
            return {"outcome": "noticed", "by": failed[:1] or [output[-200:]]}
    return {"outcome": "survived", "tests": len(tests)}


def outcomes():
    path, found = WORK / "outcomes.jsonl", {}
    for line in path.read_text().splitlines() if path.exists() else []:
        one = json.loads(line)
        found[one["id"]] = one
    return found


def run(slower):
    mutants, dropped, programs = load("mutants.json"), load("dropped.json"), load("programs.json")
    reached, known, reasons = load("reached.json"), outcomes(), explained()
    tests = collections.defaultdict(list)
    for test, (seconds, ids) in reached.items():
        for id in ids:
            tests[id].append((seconds, test))
    ids = [id for id in range(1, len(mutants) + 1) if str(id) not in dropped]
    log = (WORK / "outcomes.jsonl").open("a")

    def do(id, longest, threads, slack):
        some = sorted(test for test in tests[id] if test[0] <= longest)
        one = {"id": id, **outcome(id, some, programs, threads, slack), "pass": [longest, threads, slack]}
        log.write(json.dumps(one) + "\n")
        log.flush()
        return one["outcome"]

    def all_of(ids, *how):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            counts = collections.Counter()
            for said in concurrent.futures.as_completed([pool.submit(do, id, *how) for id in ids]):
                counts[said.result()] += 1
                if counts.total() % 200 == 0:
                    print(dict(counts), flush=True)
        print(f"{len(ids)} mutants: {dict(counts)}", flush=True)

    if slower:
        return all_of([id for id, one in known.items() if one["outcome"] == "time"], USUAL, 1, 4)
    all_of([id for id in ids if id not in known], USUAL, 1, 1)
    survived = [id for id, one in outcomes().items() if one["outcome"] == "survived" and one["pass"][0] == USUAL]
    all_of([id for id in survived if tuple(mutants[id - 1]) not in reasons], LONG, 3, 1)


# ---- left


def key(mutant):
    """File, function, the line with what changes in brackets, and what it becomes."""
    function = (mutant["function"] or {}).get("function_name", "")
    start, end = mutant["span"]["start"], mutant["span"]["end"]
    line = (ROOT / mutant["file"]).read_text().split("\n")[start["line"] - 1]
    stop = end["column"] - 1 if end["line"] == start["line"] else len(line)
    changed = f"{line[: start['column'] - 1]}⟦{line[start['column'] - 1 : stop]}⟧{line[stop:]}".strip()
    return mutant["file"], function, changed, mutant["replacement"] or "nothing"


def explained():
    rows = (HERE / "explained.tsv").read_text().splitlines()[1:]
    return {tuple(row.split("\t")[:4]): row.split("\t")[4] for row in rows}


def left():
    mutants, dropped, known, reasons = load("mutants.json"), load("dropped.json"), outcomes(), explained()
    table, open, used = collections.defaultdict(collections.Counter), [], set()
    for id, mutant in enumerate(mutants, 1):
        if str(id) in dropped:
            # E0015: a switch in a constant.
            found = "not reached" if dropped[str(id)][0] in ("E0015", "no place") else "does not compile"
        else:
            found = known.get(id, {"outcome": "not run"})["outcome"]
        if found not in ("noticed", "time", "does not compile"):
            name = tuple(mutant)
            used.add(name)
            if name not in reasons:
                open.append((found, *name))
            elif found == "survived":
                found = "explained"
        parts = mutant[0].split("/")
        table["/".join(parts[1 : 3 if len(parts) > 3 else -1])][found] += 1
        table["all"][found] += 1
    columns = ["noticed", "time", "explained", "survived", "not reached", "not run", "does not compile"]
    print(f"| | mutants | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 2)}")
    for folder, counts in sorted(table.items(), key=lambda row: (row[0] == "all", row[0])):
        print(f"| `{folder}` | {counts.total():,} | {' | '.join(f'{counts[column]:,}' for column in columns)} |")
    for row in sorted(open):
        print("\t".join(row))
    built = {file for file, *_ in mutants}
    for row in sorted(row for row in set(reasons) - used if row[0] in built):
        print("no longer needed:", "\t".join(row), sep="\t")
    return 1 if open else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build").add_argument("files", nargs="*", default=["src/stats/**", "src/fairness/**"])
    commands.add_parser("run").add_argument("--slower", action="store_true")
    commands.add_parser("left")
    args = parser.parse_args()
    if args.command == "build":
        return build(args.files)
    if not (WORK / "reached.json").exists():
        sys.exit(f"nothing is built in {WORK}: run `{sys.argv[0]} build` first")
    return run(args.slower) if args.command == "run" else left()


if __name__ == "__main__":
    sys.exit(main())
