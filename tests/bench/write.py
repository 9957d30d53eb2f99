"""How fast arrays are written as text: the library beside fprintf, std::to_chars, and what of pandas, Polars and DuckDB is here.

   write.py PROGRAM [-n RECORDS] [-r ROUNDS] [SET]...

In each round all take turns, so that other work on the machine slows all alike; compare the quotients of the medians.
Each writes the same values from arrays in memory to the same file.
"""

import argparse
import importlib.util
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SETS = "floats", "prices", "integers", "mixed"

# Each reads 'source', which is not timed, and writes 'target'.
PEERS = {
    "pandas": """
import pandas
table = pandas.read_csv(source, header=None)
start(); table.to_csv(target, header=False, index=False); stop()
""",
    "polars": """
import os
os.environ["POLARS_MAX_THREADS"] = threads
import polars
table = polars.read_csv(source, has_header=False)
start(); table.write_csv(target, include_header=False); stop()
""",
    "duckdb": """
import duckdb
database = duckdb.connect(config={"threads": int(threads)})
database.execute(f"create table t as from read_csv('{source}', header=false)")
start(); database.execute(f"copy t to '{target}' (header false)"); stop()
""",
}
PRELUDE = """
import os, sys, time
source, target, threads = sys.argv[1:]
def start():
    global started
    started = time.perf_counter()
def stop():
    print(time.perf_counter() - started, os.stat(target).st_size)
"""


def to_chars(directory):
    """Builds the program; gives its path, or None."""
    compiler = shutil.which(os.environ.get("CXX") or "c++") or shutil.which("g++") or shutil.which("clang++")
    program = os.path.join(directory, "write_to_chars")
    source = os.path.join(HERE, "write_to_chars.cc")
    if compiler and subprocess.run([compiler, "-std=c++17", "-O2", source, "-o", program], check=False).returncode == 0:
        return program
    return None


def contestants(program, directory, set_name, n):
    target, source = os.path.join(directory, "out.csv"), os.path.join(directory, set_name + ".csv")
    commands = {"flatload": [program, "flatload", set_name, n, target]}
    built = to_chars(directory)
    if built:
        commands["std::to_chars"] = [built, set_name, n, target]
    commands["fprintf %.17g"] = [program, "fprintf", set_name, n, target]
    subprocess.run([program, "flatload", set_name, n, source], check=True, stdout=subprocess.DEVNULL)
    for name, code in PEERS.items():
        if importlib.util.find_spec(name) is None:
            continue
        for threads in ["1"] if name == "pandas" else ["1", "2"]:
            commands[f"{name} {threads}"] = [sys.executable, "-c", PRELUDE + code, source, target, threads]
    return commands


def seconds(command):
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(found[0]), int(found[1])


def compare(program, directory, set_name, n, rounds):
    commands = contestants(program, directory, set_name, n)
    times, sizes = {name: [] for name in commands}, {}
    for _ in range(rounds):
        for name, command in commands.items():
            time, sizes[name] = seconds(command)
            times[name].append(time)
    ours = statistics.median(times["flatload"])
    for name, all_times in times.items():
        median = statistics.median(all_times)
        print(f"{set_name:9} {name:14} {median:8.3f} s {sizes[name] / 1e6:8.1f} MB {sizes[name] / 1e6 / median:8.0f} MB/s"
              f" {median / ours:6.2f} times flatload's time", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("-n", default="1000000")
    parser.add_argument("-r", type=int, default=5)
    parser.add_argument("sets", nargs="*", default=SETS)
    options = parser.parse_args()
    missing = [name for name in PEERS if importlib.util.find_spec(name) is None]
    if missing:
        print("not installed, not compared: " + ", ".join(missing))
    with tempfile.TemporaryDirectory(prefix="flatload-bench-") as directory:
        for set_name in options.sets:
            compare(os.path.abspath(options.program), directory, set_name, options.n, options.r)


main()
