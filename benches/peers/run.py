#!/usr/bin/env python3
"""Our flow solver and those of others on the same files, in turn, on one core.

    benches/peers/run.py [--arcs 1e4 1e5 1e6] [--seeds 1 2] [--repeats 3] [--core 1]
                         [--python PYTHON_WITH_ORTOOLS] [--files NAME=FILE ...] [--raw FILE]

In: sizes and seeds, or DIMACS files. Out: a Markdown table; with --raw every run as a line
of JSON. Solvers run A B C D A B C D ..., so that a busy minute hits all alike; a row quotes
the median of the CPU seconds. Objectives that differ end the run with status 1. What is not
installed is left out with a line on stderr. Rejected: wall time (others use the machine), and
the best of many runs (it flatters whoever varies most).
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def note(text):
    print(text, file=sys.stderr, flush=True)


def our_programs():
    """Builds the command and the instance tool in the one profile; their paths."""
    # One call, so that both rest on one build of the engine.
    packages = ["-p", "concentric-cli", "--bin", "concentric", "-p", "concentric", "--bench", "instance"]
    command = ["cargo", "build", "--release", "--locked", "--message-format=json", *packages]
    built = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    paths = {}
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable"):
            paths[message["target"]["name"]] = message["executable"]
    return paths["concentric"], paths["instance"]


def lemon(folder):
    """The LEMON harness, or None when it does not compile."""
    program = str(folder / "lemon")
    compiler = os.environ.get("CXX", "c++")
    if not shutil.which(compiler):
        return None
    source = str(HERE / "lemon.cpp")
    made = subprocess.run([compiler, "-O3", "-march=native", "-w", "-o", program, source], capture_output=True)
    return program if made.returncode == 0 else None


def solvers(ours, folder, python):
    """Name and command (the file goes last or where {} stands) of everything at hand."""
    found = {"Concentric": [ours, "mcf", "{}"]}
    program = lemon(folder)
    if program:
        found["LEMON simplex"] = [program, "{}", "simplex"]
        found["LEMON cost scaling"] = [program, "{}", "scaling"]
    else:
        note("left out: LEMON (no C++ compiler, or no headers: apt-get install liblemon-dev)")
    check = "import numpy; from ortools.graph.python import min_cost_flow"
    if subprocess.run([python, "-c", check], capture_output=True).returncode == 0:
        found["OR-Tools"] = [python, str(HERE / "ortools_flow.py"), "{}"]
    else:
        note(f"left out: OR-Tools ({python} -m pip install numpy ortools)")
    return found


def measure(command, path, pin):
    """One run of one solver; its line of JSON."""
    words = pin + [path if word == "{}" else word for word in command]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}: exit code {done.returncode}")
    return json.loads(done.stdout)


def peak_megabytes(line):
    """Peak of the whole process, in 10^6 bytes."""
    return line["peak_mb"] if "peak_mb" in line else line["peak_bytes"] / 1e6


def row(name, path, found, weigh, pin, repeats, raw):
    """All solvers on one file: a row of the table."""
    lines = {solver: [] for solver in found}
    for turn in range(repeats):
        for solver, command in found.items():
            line = measure(command, path, pin)
            lines[solver].append(line)
            load = round(os.getloadavg()[0], 2)
            raw(dict(instance=name, solver=solver, turn=turn, load_average=load, **line))
    objectives = {line["objective"] for each in lines.values() for line in each}
    if len(objectives) != 1:
        sys.exit(f"{name}: objectives differ: {objectives}")
    memory = measure(weigh, path, pin)
    raw(dict(instance=name, solver="Concentric, memory", **memory))
    seconds = {s: statistics.median(line["solve_cpu_s"] for line in each) for s, each in lines.items()}
    peaks = {s: max(map(peak_megabytes, each)) for s, each in lines.items()}
    own = seconds["Concentric"]
    beyond = (memory["peak_solving"] - memory["loaded"]) / memory["arcs"]
    cells = [name, f"{memory['arcs']:,}"]
    for solver in found:
        ratio = "" if solver == "Concentric" else f" ({seconds[solver] / own:.2f})"
        cells.append(f"{seconds[solver]:.4g}{ratio}")
    cells += [f"{objectives.pop():,}", f"{beyond:.0f}", " / ".join(f"{peaks[s]:.0f}" for s in found)]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--arcs", nargs="*", default=["1e4", "1e5", "1e6"])
    parser.add_argument("--seeds", nargs="*", type=int, default=[1, 2])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--core", default="1", help="core to stay on")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--files", nargs="*", default=[], metavar="NAME=FILE")
    parser.add_argument("--raw", type=pathlib.Path)
    chosen = parser.parse_args()

    pin = []
    if shutil.which("taskset") and subprocess.run(["taskset", "-c", chosen.core, "true"], capture_output=True).returncode == 0:
        pin = ["taskset", "-c", chosen.core]
    else:
        note("not bound to one core: taskset is missing or refuses")
    out = chosen.raw.open("w") if chosen.raw else None

    def raw(line):
        if out:
            print(json.dumps(line), file=out, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ours, tool = our_programs()
        found = solvers(ours, folder, chosen.python)
        head = ["instance", "arcs", *found, "objective", "bytes an arc", "peak MB"]
        print("| " + " | ".join(head) + " |\n|" + "---|" * len(head), flush=True)
        jobs = [(f"{arcs}, seed {seed}", arcs, seed) for arcs in chosen.arcs for seed in chosen.seeds]
        for name, arcs, seed in jobs:
            path = folder / "city.min"
            with path.open("wb") as file:
                subprocess.run([tool, "write", str(int(float(arcs))), str(seed)], check=True, stdout=file)
            print(row(name, str(path), found, [tool, "memory", "{}"], pin, chosen.repeats, raw), flush=True)
        for item in chosen.files:
            name, path = item.split("=", 1)
            print(row(name, path, found, [tool, "memory", "{}"], pin, chosen.repeats, raw), flush=True)


if __name__ == "__main__":
    main()
