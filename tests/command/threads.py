"""Whatever the number of threads, convert writes the same bytes and says the same words."""

import json
import os
import resource
import shutil

from support import flatload, np, run

THREADS = ["1", "2", "3", "7", "64"]
FIELDS = "x:f64,name:str40,id:u64,small:i8,when:timestamp[ms]"


def record(i):
    name = f'"name ""{i}"",\nof {i % 7} lines\r\n"' if i % 3 else f"name {i}"
    small = "" if i % 1000 == 999 else i % 100
    return f"{i * 0.7919},{name},{i * 184467440737},{small},2024-01-0{i % 9 + 1}T00:00:{i % 60:02}.125\n"


def write(path, n, bad=None, instead="", header=True):
    """A file of 'n' records, one of which may be another; each thread takes half a megabyte, about 7000 of them."""
    with open(path, "w", encoding="ascii", newline="") as file:
        if header:
            file.write("x,name,id,small,when\n")
        file.writelines(instead if i == bad else record(i) for i in range(n))


def outcome(path):
    """The bytes of a file, or of all files of a directory."""
    if os.path.isdir(path):
        return {name: outcome(os.path.join(path, name)) for name in os.listdir(path)}
    if not os.path.exists(path):
        return None
    with open(path, "rb") as file:
        return file.read()


def remove(path):
    if os.path.isdir(path):
        shutil.rmtree(path)
    elif os.path.exists(path):
        os.remove(path)


def same(*arguments, status=0, kinds=("npy", "npz", "raw", "csv"), schema=FIELDS, **more):
    """Gives what was said, which is the same for all kinds."""
    said = set()
    for kind in kinds:
        expected = None
        for threads in THREADS:
            done = flatload("convert", "-s", schema, *arguments, "--to", kind, "-o", "out", "-j", threads, **more)
            assert done.returncode == status, (kind, threads, done.returncode, done.stderr)
            found = (done.stderr, outcome("out"))
            assert (found[1] is None) == (status != 0), (kind, threads)
            expected = expected or found
            assert found == expected, (kind, threads, found[0], expected[0])
            remove("out")
            assert not [name for name in os.listdir() if name.startswith(".flatload")], os.listdir()
        said.add(expected[0])
    assert len(said) == 1, said
    return said.pop()


NPZ = {"kinds": ("npz", "raw", "csv")} # the others have no nulls in integers


def all_records_of_a_large_file():
    write("in.csv", 40000)
    assert same("in.csv", **NPZ) == b""


def all_records_of_a_small_file():
    write("in.csv", 5)
    assert same("in.csv") == b""


def records_and_columns_of_a_matrix():
    write("in.csv", 40000)
    assert same("in.csv", "-c", "id,x", kinds=("npy",)) == b""
    assert same("in.csv", "-c", "id", kinds=("npy",)) == b""
    assert same("in.csv", "-c", "x,id", "--matrix", kinds=("npy",), schema="x:f64,name:str40,id:f64,small:f64,when:str30") == b""


def texts_of_any_length():
    write("in.csv", 20000)
    assert same("in.csv", kinds=("raw", "csv"), schema="x:f64,name:text,id:u64,small:i8,when:text") == b""


def fields_that_look_like_records():
    lines = "1,a,2,3,2024-01-01T00:00\n"
    bodies = lines * 40000, lines.replace("a", '""a""') * 20000, lines, "a," * 200000 + "\n", '"",""' * 100000
    with open("in.csv", "w", encoding="ascii") as file:
        file.write("x,name,id,small,when\n")
        for number, body in enumerate(bodies * 2):
            file.write(f'{number},"{body}",2,3,2024-01-01T00:00\n' + lines * 5000)
    assert same("in.csv", "-c", "x,id,small,when", **NPZ) == b""


def several_inputs():
    for number, n in enumerate((9000, 0, 3, 20000, 1)):
        write(f"in{number}.csv", n)
    assert same(*(f"in{number}.csv" for number in range(5)), **NPZ) == b""
    assert same(*(f"in{number}.csv" for number in range(5)), "--rows", "9010", **NPZ) == b""


def a_pipe_and_standard_input():
    write("in.csv", 20000)
    with open("in.csv", "rb") as file:
        content = file.read()
    assert same("-", stdin=content, **NPZ) == b""


def the_first_rows():
    write("in.csv", 30000, 29000, "bad\n")
    for rows in "0", "1", "6999", "7000", "20000", "29000":
        assert same("in.csv", "--rows", rows, **NPZ) == b"", rows
    assert b"record 29001" in same("in.csv", "--rows", "29001", status=3, **NPZ)


def the_first_of_several_bad_records():
    for first in 0, 1, 6500, 8000, 15000, 39999:
        write("in.csv", 40000, first, '1,"a\n",2,3,never\n')
        with open("in.csv", "a", encoding="ascii") as file:
            file.write("1,a,2,3,never\n")
        assert f"record {first + 1}, field 5".encode() in same("in.csv", status=3, **NPZ)


def a_null_that_has_no_place():
    write("in.csv", 40000)
    assert b"record 1000, field 4" in same("in.csv", status=3, kinds=("npy",))


def input_that_ends_in_quotes():
    write("in.csv", 30000)
    with open("in.csv", "a", encoding="ascii") as file:
        file.write('1,"a,2\n')
    assert b"record 30001" in same("in.csv", status=4, **NPZ)


def a_quote_that_never_closes_early_in_the_input():
    write("in.csv", 40000, 8000, '1,"a,2,3,2024-01-01\n')
    said = same("in.csv", status=3, **NPZ)
    assert b"record 800" in said, said


def a_record_that_is_too_long():
    write("in.csv", 30000, 20000, '1,"' + "a" * 70000 + '",2,3,2024-01-01\n')
    assert b"record 20001" in same("in.csv", "--max-record", "60000", status=5, **NPZ)


def no_room_for_the_output():
    write("in.csv", 40000)

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (600000, 600000))

    for kind in "npz", "csv":
        assert b"File too large" in same("in.csv", status=4, kinds=(kind,), preexec_fn=limit)
    assert b"name.bin: cannot be written: File too large" in same("in.csv", status=4, kinds=("raw",), preexec_fn=limit)


def surveyed(*arguments):
    """What survey says, which is the same for all."""
    expected = None
    for threads in THREADS:
        done = flatload("survey", *arguments, "-j", threads)
        found = (done.returncode, done.stdout, done.stderr)
        expected = expected or found
        assert found == expected, (threads, found, expected)
    return expected


def what_a_survey_finds():
    write("in.csv", 40000)
    write("more.csv", 9000)
    for arguments in ["in.csv"], ["in.csv", "more.csv", "--json"], ["in.csv", "--json", "-c", "when,id"]:
        assert surveyed(*arguments)[0] == 0
    write("in.csv", 40000, 30000, '1,"a"b,2,3,\n')
    status, _, said = surveyed("in.csv")
    assert status == 3 and b"record 30001" in said, said


def the_types_that_convert_finds():
    write("in.csv", 40000)
    expected = None
    for threads in THREADS:
        done = flatload("convert", "in.csv", "-f", "-o", "out.npz", "-j", threads)
        found = (done.returncode, done.stderr, outcome("out.npz"))
        expected = expected or found
        assert found == expected and done.returncode == 0, (threads, done.stderr)


def bad_records_that_check_tells():
    write("in.csv", 40000, 30000, '1,"a"b,2,3,\n')
    done = flatload("check", "in.csv")
    assert done.returncode == 1 and b"record 30001" in done.stdout + done.stderr, done


def more_batches_than_are_noted_at_first():
    """A batch has 64 KiB a field, here two records of 50000 bytes each."""
    with open("in.csv", "w", encoding="ascii") as file:
        file.write("a,b\n")
        file.writelines(f"{'x' * (i % 70 * 600)},{i}\n" for i in range(3000))
    same("in.csv", kinds=["npz"], schema="a:str50000,b:u32")
    convert = flatload("convert", "-s", "a:str50000,b:u32", "in.csv", "-o", "out.npz")
    assert convert.returncode == 0, convert
    with np.load("out.npz") as found:
        assert (found["b"] == np.arange(3000)).all()
        assert (np.char.str_len(found["a"]) == np.arange(3000) % 70 * 600).all()


def what_is_counted():
    write("in.csv", 40000)
    for more in (), ("--rows", "20000"), ("--rows", "3"):
        found = []
        for threads in THREADS:
            done = flatload("convert", "-s", FIELDS, "in.csv", *more, "-f", "-o", "out.npz", "-j", threads, "--stats=json")
            stats = json.loads(done.stderr)
            found.append([stats[key] for key in ("records", "bytes", "array_bytes", "buffer_bytes")])
        assert all(counts == found[0] for counts in found), found


run(all_records_of_a_large_file, all_records_of_a_small_file, records_and_columns_of_a_matrix, texts_of_any_length, fields_that_look_like_records, several_inputs,
    a_pipe_and_standard_input, the_first_rows, the_first_of_several_bad_records, a_null_that_has_no_place,
    input_that_ends_in_quotes, a_quote_that_never_closes_early_in_the_input, a_record_that_is_too_long,
    more_batches_than_are_noted_at_first, no_room_for_the_output, what_a_survey_finds, the_types_that_convert_finds, bad_records_that_check_tells, what_is_counted)
