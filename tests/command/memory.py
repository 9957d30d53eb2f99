"""Memory does not depend on the number of records, of a file or a pipe, for any kind of output."""

import os
import subprocess
import sys

from support import FLATLOAD, run

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
    command = [FLATLOAD, "convert", "-s", SCHEMA, "-" if piped else path, "--to", kind, "-f", "-o", "out." + kind]
    if piped:
        command = ["sh", "-c", 'cat | "$0" "$@"', *command]
    return int(subprocess.run([sys.executable, "-c", MEASURE, path, *command], check=True, capture_output=True).stdout)


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


run(a_million_records_of_a_file_take_no_more_memory_as_npy, a_million_records_of_a_file_take_no_more_memory_as_npz,
    a_million_records_of_a_file_take_no_more_memory_as_raw, a_million_records_of_a_pipe_take_no_more_memory_as_npy,
    a_million_records_of_a_pipe_take_no_more_memory_as_npz, a_million_records_of_a_pipe_take_no_more_memory_as_raw)
