"""OR-Tools' SimpleMinCostFlow on a DIMACS minimum-cost-flow file.

In: a file. Out: one line of JSON: objective, CPU seconds of building and of the solve, peak
memory in bytes. Knows nothing of the other solvers. Files with lower bounds other than 0 are
refused: the class has none, and shifting them here would time another problem.

pip install numpy ortools
"""

import json
import resource
import sys
import time

import numpy
from ortools.graph.python import min_cost_flow


def read(path):
    """Supplies by node (from 0), and the arcs as rows of tail, head, lower, upper, cost."""
    with open(path) as file:
        lines = file.readlines()
    nodes = int(next(line for line in lines if line.startswith("p ")).split()[2])
    supply = numpy.zeros(nodes, dtype=numpy.int64)
    for line in lines:
        if line.startswith("n "):
            _, node, units = line.split()
            supply[int(node) - 1] = int(units)
    text = " ".join(line[2:] for line in lines if line.startswith("a "))
    return supply, numpy.fromstring(text, dtype=numpy.int64, sep=" ").reshape(-1, 5)


def main():
    supply, arcs = read(sys.argv[1])
    tail, head, lower, upper, cost = arcs.T
    if lower.any():
        sys.exit("lower bounds are not supported")
    begin = time.process_time()
    solver = min_cost_flow.SimpleMinCostFlow()
    solver.add_arcs_with_capacity_and_unit_cost(
        (tail - 1).astype(numpy.int32), (head - 1).astype(numpy.int32), upper, cost
    )
    solver.set_nodes_supplies(numpy.arange(len(supply), dtype=numpy.int32), supply)
    built = time.process_time()
    status = solver.solve()
    solved = time.process_time()
    if status != solver.OPTIMAL:
        sys.exit(f"not optimal: {status}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(
        json.dumps(
            {
                "objective": int(solver.optimal_cost()),
                "build_cpu_s": round(built - begin, 6),
                "solve_cpu_s": round(solved - built, 6),
                "peak_bytes": peak,
            }
        )
    )


if __name__ == "__main__":
    main()
