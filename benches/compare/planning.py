"""Planning beside other solvers: the same instances, one thread each, one run.

Development only. Needs ortools, scipy and numpy:

    python3 -m venv VENV && VENV/bin/pip install ortools scipy numpy
    VENV/bin/python benches/compare/planning.py

Runs the bench `planning`, which writes its instances and prints its own times, then solves
each with OR-tools' SimpleMinCostFlow (as a flow of all places, with one arc past them) and,
where asked for with --scipy, with SciPy's interface to HiGHS. Optima must agree; ratios are
of the least CPU time of thirty solver calls, or of as many as begin within three seconds, on
both sides; building OR-tools' model left out, with it in brackets. Ours is the whole of
`Optimal::plan`.
--golden prints the optima, by HiGHS, that tests/plan.rs knows, and ends.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

import numpy
from ortools.graph.python import min_cost_flow

ROOT = pathlib.Path(__file__).resolve().parents[2]


def read(path):
    numbers = numpy.fromfile(path, dtype="<u4")
    anchors, quota, suppliers, n = (int(x) for x in numbers[:4])
    edges = numbers[4:].reshape(n, 3).astype(numpy.int64)
    return anchors, quota, suppliers, edges


def or_tools(anchors, quota, suppliers, edges):
    """Shortest time of a solver call, and the optimum."""
    used = numpy.unique(edges[:, 1])
    number = numpy.zeros(suppliers, dtype=numpy.int64)
    number[used] = numpy.arange(len(used))
    source, sink, first = 0, 1, 2
    anchor = first + numpy.arange(anchors)
    supplier = first + anchors + numpy.arange(len(used))
    places = anchors * quota
    tails = numpy.concatenate([[source], numpy.full(anchors, source), first + edges[:, 0], supplier])
    heads = numpy.concatenate(
        [[sink], anchor, first + anchors + number[edges[:, 1]], numpy.full(len(used), sink)]
    )
    capacities = numpy.concatenate(
        [[places], numpy.full(anchors, quota), numpy.ones(len(edges) + len(used))]
    ).astype(numpy.int64)
    costs = numpy.concatenate(
        [[0], numpy.zeros(anchors), -edges[:, 2], numpy.zeros(len(used))]
    ).astype(numpy.int64)
    best = whole = float("inf")
    first = time.process_time()
    for _ in range(30):
        begin = time.process_time()
        if begin - first > 3:
            break
        solver = min_cost_flow.SimpleMinCostFlow()
        solver.add_arcs_with_capacity_and_unit_cost(tails, heads, capacities, costs)
        solver.set_node_supply(source, places)
        solver.set_node_supply(sink, -places)
        start = time.process_time()
        status = solver.solve()
        best = min(best, time.process_time() - start)
        whole = min(whole, time.process_time() - begin)
        assert status == solver.OPTIMAL
    return best, whole, -solver.optimal_cost()


def highs(anchors, quota, suppliers, edges):
    from scipy.optimize import linprog
    from scipy.sparse import coo_matrix

    n = len(edges)
    rows = numpy.concatenate([edges[:, 0], anchors + edges[:, 1]])
    matrix = coo_matrix((numpy.ones(2 * n), (rows, numpy.tile(numpy.arange(n), 2)))).tocsr()
    limits = numpy.concatenate([numpy.full(anchors, quota), numpy.ones(suppliers)])[: matrix.shape[0]]
    start = time.process_time()
    found = linprog(-edges[:, 2], A_ub=matrix, b_ub=limits, bounds=(0, 1), method="highs")
    return time.process_time() - start, -round(found.fun)


def main():
    with tempfile.TemporaryDirectory() as folder:
        command = ["cargo", "bench", "--quiet", "--bench", "planning", "--", "--write", folder, *(one for one in sys.argv if one == "--test")]
        text = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
        if "--golden" in sys.argv:
            for path in sorted(pathlib.Path(folder).glob("golden *.bin")):
                print(f"{path.stem}: {highs(*read(path))[1]}")
            return
        for line in text.splitlines():
            found = re.match(r"(.+): candidates (\d+), greedy_s (\S+), optimal_s (\S+), .*objective (\d+)", line)
            if not found:
                print(line)
                continue
            name, n, greedy, optimal, objective = found.groups()
            instance = read(pathlib.Path(folder) / f"{name}.bin")
            seconds, whole, optimum = or_tools(*instance)
            assert optimum == int(objective), (name, optimum, objective)
            print(
                f"{name:>16}: {n:>8} candidates, optimal / greedy {float(optimal) / float(greedy):.1f}, "
                f"SimpleMinCostFlow / optimal {seconds / float(optimal):.1f} [{whole / float(optimal):.1f}] "
                f"({seconds * 1e3:.1f} ms / {float(optimal) * 1e3:.1f} ms), same optimum {optimum}"
            )
            if "--scipy" in sys.argv:
                seconds, optimum = highs(*instance)
                assert optimum == int(objective), (name, optimum, objective)
                print(f"{'':>16}  HiGHS / optimal {seconds / float(optimal):.1f}, same optimum")


if __name__ == "__main__":
    main()
