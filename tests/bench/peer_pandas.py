"""pandas, by one thread.

   peer_pandas.py load FILE               the types are those of FILE.schema
   peer_pandas.py write FILE TARGET       loads FILE, which is not timed, and writes TARGET
"""

import json
import os
import sys
import time

import pandas

# No plain integer of pandas has a null; those of 8 bits have some here, and so become floats, as they do for its users.
TYPES = {"i8": "float32", "i32": "int32", "i64": "int64", "u64": "uint64", "f64": "float64"}

action, source = sys.argv[1:3]
with open(source + ".schema", encoding="ascii") as file:
    fields = [field.split(":") for field in file.read().strip().split(",")]
dates = [name for name, kind in fields if kind.startswith("timestamp")]
types = {name: TYPES.get(kind, str) for name, kind in fields if name not in dates}
started = time.perf_counter()
table = pandas.read_csv(source, dtype=types, parse_dates=dates or False)
about = {"seconds": time.perf_counter() - started, "records": len(table)}
if action == "write":
    started = time.perf_counter()
    table.to_csv(sys.argv[3], index=False)
    about["seconds"] = time.perf_counter() - started
    about["bytes"] = os.path.getsize(sys.argv[3])
print(json.dumps(about))
