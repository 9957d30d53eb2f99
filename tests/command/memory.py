"""Memory does not depend on the number of records, of a file or a pipe, for any kind of output, but for the places of an npz."""

import json
import os
import subprocess
import sys

from support import FLATLOAD, flatload, run

SCHEMA = "x:f64,name:str20,id:u64"
ABOVE = 8 << 20

# The peak of the greatest child so far: a process of its own for each measurement.
MEASURE = """
import resource, subprocess, sys
with open(sys.argv[1], 'rb') as file:
    subprocess.run(sys.argv[2:], stdin=file, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def write(path, n):
    with open(path, "w", encoding="ascii") as file:
        file.write("x,name,id\n")
        for start in range(0, n, 10000):
            file.write("".join(f"{i * 0.7919},name number {i},{i * 18446744073709}\n" for i in range(start, min(n, start + 10000))))


def peak(kind, path, piped):
    command = [FLATLOAD, "convert", "-j", "2", "-s", SCHEMA, "-" if piped else path, "--to", kind, "-f", "-o", "out." + kind]
    if piped:
        command = ["sh", "-c", 'cat | "$0" "$@"', *command]
    return int(subprocess.run([sys.executable, "-c", MEASURE, path, *command], check=True, capture_output=True).stdout)


def peak_of_text(path):
    command = [FLATLOAD, "convert", "-j", "2", path, "-f", "-o", "out.csv"]
    return int(subprocess.run([sys.executable, "-c", MEASURE, "/dev/null", *command], check=True, capture_output=True).stdout)


def check_way_back(kind):
    if os.environ.get("SANITIZER_FLAGS"):
        return "sanitizers keep what is freed"
    for name, n in ("few", 10), ("many", 1000000):
        write(name + ".csv", n)
        path = name + ("/" if kind == "raw" else "." + kind)
        subprocess.run([FLATLOAD, "convert", "-s", SCHEMA, name + ".csv", "--to", kind, "-o", path], check=True)
    ending = "" if kind == "raw" else "." + kind
    few, many = peak_of_text("few" + ending), peak_of_text("many" + ending)
    assert many - few <= ABOVE, (few, many)
    return None


def check(kind, piped):
    if os.environ.get("SANITIZER_FLAGS"):
        return "sanitizers keep what is freed"
    write("few.csv", 10)
    write("many.csv", 1000000)
    few, many = peak(kind, "few.csv", piped), peak(kind, "many.csv", piped)
    assert many - few <= ABOVE, (few, many)
    return None


def a_million_records_of_a_file_take_no_more_memory_as_npy():
    return check("npy", False)


def a_million_records_of_a_file_take_no_more_memory_as_npz():
    return check("npz", False)


def a_million_records_of_a_file_take_no_more_memory_as_raw():
    return check("raw", False)


def a_million_records_of_a_pipe_take_no_more_memory_as_npy():
    return check("npy", True)


def a_million_records_of_a_pipe_take_no_more_memory_as_npz():
    return check("npz", True)


def a_million_records_of_a_pipe_take_no_more_memory_as_raw():
    return check("raw", True)


def a_million_records_of_a_file_take_no_more_memory_as_csv():
    return check("csv", False)


def a_million_records_of_a_pipe_take_no_more_memory_as_csv():
    return check("csv", True)


def the_way_back_from_npy_takes_no_more_memory():
    return check_way_back("npy")


def the_way_back_from_npz_takes_no_more_memory():
    return check_way_back("npz")


def the_way_back_from_raw_files_takes_no_more_memory():
    return check_way_back("raw")


def the_peak_of_stats_is_not_that_of_who_started_it():
    if os.environ.get("SANITIZER_FLAGS") or not os.path.exists("/proc/self/status"):
        return "nothing to tell the two apart"
    write("few.csv", 10)
    ballast = b"x" * (64 << 20)
    done = flatload("convert", "-s", SCHEMA, "few.csv", "-o", "out.npy", "--stats=json")
    assert json.loads(done.stderr)["peak_bytes"] < len(ballast), done.stderr
    return None


run(the_peak_of_stats_is_not_that_of_who_started_it,
    a_million_records_of_a_file_take_no_more_memory_as_csv, a_million_records_of_a_pipe_take_no_more_memory_as_csv,
    the_way_back_from_npy_takes_no_more_memory, the_way_back_from_npz_takes_no_more_memory,
    the_way_back_from_raw_files_takes_no_more_memory,
    a_million_records_of_a_file_take_no_more_memory_as_npy, a_million_records_of_a_file_take_no_more_memory_as_npz,
    a_million_records_of_a_file_take_no_more_memory_as_raw, a_million_records_of_a_pipe_take_no_more_memory_as_npy,
    a_million_records_of_a_pipe_take_no_more_memory_as_npz, a_million_records_of_a_pipe_take_no_more_memory_as_raw)
