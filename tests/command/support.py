"""What the checks of the command share: running it, reading what it wrote, and saying so in TAP."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("1..0 # SKIP Python has no NumPy")
    sys.exit(0)

FLATLOAD = os.path.abspath(os.environ.get("FLATLOAD", "./flatload"))
DATA = os.path.abspath(os.path.join(os.environ.get("srcdir", "."), "tests", "data"))

NUMPY_TYPES = {
    "bool": "?", "i8": "<i1", "i16": "<i2", "i32": "<i4", "i64": "<i8", "u8": "<u1", "u16": "<u2", "u32": "<u4", "u64": "<u8",
    "f32": "<f4", "f64": "<f8", "date": "<M8[D]", "timestamp[s]": "<M8[s]", "timestamp[ms]": "<M8[ms]",
    "timestamp[us]": "<M8[us]", "timestamp[ns]": "<M8[ns]",
}


def numpy_type(kind):
    return "|S" + kind[3:] if kind.startswith("str") else NUMPY_TYPES[kind]


def has_null_of_its_own(kind):
    return kind[0] in "fdst" # f32 f64, date, str, text timestamp


def flatload(*arguments, stdin=b"", **more):
    """Runs the command; gives the finished process."""
    return subprocess.run([FLATLOAD, *arguments], input=stdin, capture_output=True, check=False, **more)


if b"without libarchive" in flatload("convert", "-s", "a:i8", "-", "--to", "npz", "-o", "-").stderr:
    print("1..0 # SKIP built without libarchive: there is no npz")
    sys.exit(0)


def convert(*arguments, stdin=b""):
    """Runs flatload convert, which must succeed in silence."""
    done = flatload("convert", *arguments, stdin=stdin)
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stderr)
    return done.stdout


def value_of(text, kind):
    """What Python and NumPy make of a text; None is null."""
    if kind == "text" or kind.startswith("str"):
        return text.encode()
    if text == "":
        return None
    if kind == "bool":
        return text.lower() in ("true", "t", "1")
    if kind[0] in "iu":
        return int(text)
    if kind == "f32":
        return np.float32(text)
    if kind == "f64":
        return float(text)
    return np.datetime64(text.rstrip("Z"), re.search(r"M8\[(\w+)\]", NUMPY_TYPES[kind]).group(1))


def array_of(values, kind):
    """The values as an array, null as the type has it, else 0."""
    null = {"f": float("nan"), "d": "NaT", "t": "NaT"}.get(kind[0], 0)
    return np.array([null if v is None else v for v in values], dtype=numpy_type(kind))


def same(a, b):
    """Equal bit for bit, but for the many NaNs."""
    assert a.dtype == b.dtype and a.shape == b.shape, (a.dtype, b.dtype, a.shape, b.shape)
    if a.dtype.kind == "f":
        assert (np.isnan(a) == np.isnan(b)).all()
        a, b = np.nan_to_num(a), np.nan_to_num(b)
    assert a.tobytes() == b.tobytes(), "values differ"


def parse_schema(line):
    return [tuple(field.rsplit(":", 1)) for field in line.split(",")]


def read_raw(directory):
    """Reads what --to raw wrote, from what its schema.json says alone.  Gives {name: (array, valid or None)}."""
    with open(os.path.join(directory, "schema.json"), encoding="utf-8") as file:
        about = json.load(file)
    fields, files = {}, {"schema.json"}
    for field in about["fields"]:
        path = os.path.join(directory, field["file"])
        valid = None
        if "valid" in field:
            valid = np.fromfile(os.path.join(directory, field["valid"]), "?")
            files.add(field["valid"])
        if field["type"] == "text":
            offsets = np.fromfile(os.path.join(directory, field["offsets"]), "<u8")
            with open(path, "rb") as file:
                content = file.read()
            assert len(offsets) == about["records"] + 1 and offsets[0] == 0 and offsets[-1] == len(content)
            array = [content[a:b] for a, b in zip(offsets, offsets[1:])]
            files.add(field["offsets"])
        else:
            array = np.fromfile(path, numpy_type(field["type"]))
        assert len(array) == about["records"]
        files.add(field["file"])
        fields[field["name"]] = (array, valid, field["nulls"])
    assert set(os.listdir(directory)) == files, os.listdir(directory)
    return fields, about


class Skipped(Exception):
    """What is to be checked cannot be had here."""


def open_terminal():
    """Both ends of one; a bare chroot has none."""
    try:
        return pty.openpty()
    except OSError as error:
        raise Skipped("there are no terminals here") from error


def run(*checks):
    """Runs the functions, whose names are sentences, each in a directory of its own."""
    print(f"1..{len(checks)}")
    here, failed = os.getcwd(), 0
    for number, check in enumerate(checks, 1):
        directory = tempfile.mkdtemp(prefix="flatload-check-")
        os.chdir(directory)
        outcome, why = "ok", ""
        try:
            skipped = check()
            why = f" # SKIP {skipped}" if skipped else ""
        except Skipped as reason:
            why = f" # SKIP {reason}"
        except Exception as error: # whatever it is, it is a failed check
            outcome, failed = "not ok", failed + 1
            print("# " + repr(error).replace("\n", "\n# ")[:2000])
            trace, lines = error.__traceback__, []
            while trace:
                lines.append(f"{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}")
                trace = trace.tb_next
            print("# at " + " ".join(lines))
        os.chdir(here)
        shutil.rmtree(directory)
        print(f"{outcome} {number} - {check.__name__.replace('_', ' ')}{why}", flush=True)
    sys.exit(failed > 0)
