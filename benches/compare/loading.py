"""Loading ten million supply rows, beside what other programs make of the same file.

    python3 -m venv venv && venv/bin/pip install polars rustworkx networkx
    venv/bin/python benches/compare/loading.py [--firms N] [--edges N] [--rounds N]

jiedui reads the CSV to a ready network (rows checked, keys interned, edges in both
directions); polars reads it into a table and does no more; rustworkx and networkx make a
graph of polars' table. What is not installed is left out, with a word. Every run is a
process of its own; the runs are interleaved, and of each program the least CPU time and
the least wall time count, since other work on the machine only ever adds. Both are taken
inside the processes, from before the file is opened until the table or network is there:
neither imports count nor what is let go of at the end.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TABLE = """
import json, sys, time
import polars
{imports}
start, before = time.perf_counter(), time.process_time()
table = polars.read_csv(sys.argv[1])
{graph}
print(json.dumps({{
    "wall": time.perf_counter() - start,
    "cpu": time.process_time() - before,
    "rows": table.height,
}}))
"""

RUSTWORKX = """
firms = polars.concat([table["supplier"], table["buyer"]]).unique().sort()
ix = dict(zip(firms, range(len(firms))))
graph = rustworkx.PyDiGraph()
graph.add_nodes_from(list(ix))
graph.add_edges_from([(ix[s], ix[b], (v, d)) for s, b, v, d in table.iter_rows()])
"""

NETWORKX = """
graph = networkx.DiGraph()
for s, b, v, d in table.iter_rows():
    graph.add_edge(s, b, value=v, date=d)
"""

PROGRAMS = {
    "polars": TABLE.format(imports="", graph=""),
    "rustworkx": TABLE.format(imports="import rustworkx", graph=RUSTWORKX),
    "networkx": TABLE.format(imports="import networkx", graph=NETWORKX),
}


def program():
    """The bench program, built."""
    command = ["cargo", "bench", "--bench", "loading", "--no-run", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    built = [message["executable"] for message in messages if message.get("executable")]
    return built[-1]


def run(command, threads):
    """Runs one process; wall and CPU seconds and peak memory in bytes."""
    environment = os.environ | {
        "RAYON_NUM_THREADS": str(threads),
        "POLARS_MAX_THREADS": str(threads),
    }
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command[0]} failed with status {status}")
    found = json.loads(out)
    found["peak"] = usage.ru_maxrss * 1024
    return found


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--firms", type=int, default=1_000_000)
    arguments.add_argument("--edges", type=int, default=10_000_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--threads", type=int, default=2)
    options = arguments.parse_args()

    names = []
    for name in PROGRAMS:
        if importlib.util.find_spec(name) and importlib.util.find_spec("polars"):
            names.append(name)
        else:
            print(f"{name}: not installed, left out")
    ours = program()
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "supplies.csv")
        subprocess.run([ours, "write", file, str(options.firms), str(options.edges)], check=True)
        size = os.path.getsize(file)
        print(f"{options.edges} rows, {options.firms} firms, {size / 1e6:.0f} MB, {options.threads} threads")
        commands = {"jiedui": [ours, "load", file]}
        commands |= {name: [sys.executable, "-c", PROGRAMS[name], file] for name in names}
        found = {name: [] for name in commands}
        for turn in range(options.rounds):
            for name, command in commands.items():
                # Graphs of Python objects take minutes: once is enough to see by how much.
                if name not in ("rustworkx", "networkx") or turn == 0:
                    found[name].append(run(command, options.threads))
    for name, runs in found.items():
        if any(one["rows"] != options.edges for one in runs):
            raise SystemExit(f"{name} read {runs[0]['rows']} rows")

    def least(name, what):
        return min(one[what] for one in found[name])

    edges = found["jiedui"][0]["edges"]
    base = "polars" if "polars" in found else "jiedui"
    print(f"{'':>10} {'CPU s':>7} {'wall s':>7} {'CPU / ' + base:>13} {'wall / ' + base:>14} {'peak B/edge':>12} runs")
    for name in found:
        cpu, wall, peak = (least(name, what) for what in ("cpu", "wall", "peak"))
        print(
            f"{name:>10} {cpu:7.2f} {wall:7.2f} {cpu / least(base, 'cpu'):13.2f}"
            f" {wall / least(base, 'wall'):14.2f} {peak / edges:12.0f} {len(found[name])}"
        )
    print(f"network: {found['jiedui'][0]['edge_bytes'] / edges:.1f} bytes an edge")


if __name__ == "__main__":
    main()
