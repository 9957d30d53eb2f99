"""Each kind of output holds what Python's own csv module, float(), int() and NumPy read."""

import csv
import io
import os
import random
import re
import shutil
import subprocess
import zipfile

from support import (DATA, FLATLOAD, array_of, convert, flatload, has_null_of_its_own, np, numpy_type, parse_schema, read_raw, run, same,
                     value_of)

SETS = {
    "earthquakes.csv": [], "service-names-port-numbers.csv": [], "countries.csv": [], "seattle-weather.csv": [],
    "seattle-weather-hourly-normals.csv": [], "UnicodeData.txt": ["--delimiter", ";", "--no-header"],
}


def schema_of(name):
    with open(os.path.join(DATA, "README.md"), encoding="utf-8") as file:
        return re.search(rf"<!-- schema {re.escape(name)} -->\n\n    (.*)\n", file.read()).group(1)


def read_python(text, fields, delimiter=",", header=True):
    """Gives {name: [value]} for the fields of a schema."""
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    names = records.pop(0) if header else [name for name, _ in fields]
    return {name: [value_of(record[names.index(name)], kind) for record in records] for name, kind in fields}


def check_npz(path, fields, expected):
    assert zipfile.ZipFile(path).testzip() is None
    found = np.load(path)
    names = []
    for name, kind in fields:
        values = expected[name]
        same(found[name], array_of(values, kind))
        names.append(name)
        if None in values and not has_null_of_its_own(kind):
            same(found[name + ".valid"], np.array([v is not None for v in values]))
            names.append(name + ".valid")
    assert found.files == names, found.files


def check_raw(path, fields, expected):
    found, about = read_raw(path)
    assert about["schema"] == ",".join(f"{name}:{kind}" for name, kind in fields)
    assert list(found) == [name for name, _ in fields]
    for name, kind in fields:
        values, (array, valid, nulls) = expected[name], found[name]
        assert nulls == values.count(None), (name, nulls)
        if kind == "text":
            assert array == values
            continue
        same(array, array_of(values, kind))
        assert (valid is not None) == (None in values and not has_null_of_its_own(kind))
        if valid is not None:
            same(valid, np.array([v is not None for v in values]))


def check_npy(array, fields, expected):
    if len(fields) == 1:
        same(array, array_of(expected[fields[0][0]], fields[0][1]))
        return
    assert array.dtype == np.dtype([(name, numpy_type(kind)) for name, kind in fields]), array.dtype
    for name, kind in fields:
        same(np.ascontiguousarray(array[name]), array_of(expected[name], kind))


def sets():
    for name, options in SETS.items():
        path = os.path.join(DATA, name)
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read()
        schema = schema_of(name)
        fields = parse_schema(schema)
        expected = read_python(text, fields, ";" if options else ",", not options)
        yield name, path, ["--schema", schema, *options], fields, expected


def real_data_becomes_npz():
    for name, path, options, fields, expected in sets():
        convert(*options, path, "-o", name + ".npz")
        check_npz(name + ".npz", fields, expected)


def real_data_becomes_raw_files():
    for name, path, options, fields, expected in sets():
        convert(*options, path, "--to", "raw", "-o", name)
        check_raw(name, fields, expected)


def real_data_becomes_an_array_of_records():
    for name, path, options, fields, expected in sets():
        fields = [(n, k) for n, k in fields if None not in expected[n] or has_null_of_its_own(k)]
        convert(*options, "--columns", ",".join(n for n, _ in fields), path, "-o", name + ".npy")
        check_npy(np.load(name + ".npy"), fields, expected)


def strings_become_texts_of_any_length():
    for name, path, options, fields, expected in sets():
        texts = [(n, "text" if k.startswith("str") else k) for n, k in fields]
        options = ["--schema", ",".join(f"{n}:{k}" for n, k in texts), *options[2:]]
        convert(*options, path, "--to", "raw", "-o", name)
        check_raw(name, texts, expected)


def standard_input_and_output_give_the_same_bytes():
    for name, path, options, _, expected in sets():
        column = next(n for n, values in expected.items() if None not in values)
        with open(path, "rb") as file:
            content = file.read()
        for kind in "npy", "npz":
            arguments = [*options, "--columns", column, "--to", kind]
            convert(*arguments, path, "-o", "file")
            with open("file", "rb") as file:
                written = file.read()
            assert convert(*arguments, "-", "-o", "-", stdin=content) == written, (name, kind)
            os.remove("file")


def the_size_of_the_buffer_does_not_show():
    for name, path, options, _, _ in sets():
        whole = convert(*options, path, "--to", "npz", "-o", "-")
        for size in "100", "4K", "1M":
            assert convert(*options, "--buffer", size, path, "--to", "npz", "-o", "-") == whole, (name, size)


def columns_come_in_the_order_asked_for():
    with open("in.csv", "w", encoding="ascii") as file:
        file.write('a,ignored,"b, c",d\n1,x,2,3\n4,,5,6\n')
    convert("-s", 'd:i8,a:i64,"b, c":f64', "-c", '"b, c",a', "in.csv", "-o", "out.npy")
    array = np.load("out.npy")
    assert array.dtype.names == ("b, c", "a") and array.tolist() == [(2, 1), (5, 4)]


def a_column_not_asked_for_is_never_converted():
    with open("in.csv", "w", encoding="ascii") as file:
        file.write("a,b\n1,bad\n")
    convert("-s", "a:i8,b:i8", "-c", "a", "in.csv", "-o", "out.npy")
    assert np.load("out.npy").tolist() == [1]


def fields_of_one_type_become_a_matrix():
    path = os.path.join(DATA, "seattle-weather.csv")
    columns = ["precipitation", "temp_max", "temp_min", "wind"]
    convert("-s", schema_of("seattle-weather.csv"), "-c", ",".join(columns), "--matrix", path, "-o", "out.npy")
    matrix, table = np.load("out.npy"), np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="ascii")
    assert matrix.shape == (1461, 4) and matrix.flags.c_contiguous
    for i, column in enumerate(columns):
        assert (matrix[:, i] == table[column]).all()
    convert("-s", "wind:f64", "--matrix", path, "-o", "one.npy")
    assert np.load("one.npy").shape == (1461, 1)


def no_records_are_an_array_of_none():
    for content in b"", b"a,b\n":
        for kind in "npy", "npz":
            with open("out", "wb") as file:
                file.write(convert("-s", "a:i8,b:str3", "-", "--to", kind, "-o", "-", stdin=content))
            found = np.load("out")
            assert found.shape == (0,) if kind == "npy" else found["b"].shape == (0,)
    convert("-s", "a:i8,b:text", "-", "-o", "out.raw/", stdin=b"")
    assert read_raw("out.raw")[1]["records"] == 0


def several_inputs_are_one():
    random.seed(2)
    values = [random.choice(["", "1", "-7"]) for _ in range(300000)]
    for i in range(3):
        with open(f"{i}.csv", "w", encoding="ascii") as file:
            file.write("x,n,t\n")
            file.writelines(f"{k},{v},{v}\n" for k, v in list(enumerate(values))[i * 100000:(i + 1) * 100000])
    inputs, schema = ["0.csv", "1.csv", "2.csv"], "x:i32,n:i8,t:text"
    expected = {"x": list(range(300000)), "n": [value_of(v, "i8") for v in values], "t": [v.encode() for v in values]}
    convert("-s", schema, *inputs, "--to", "raw", "-o", "out")
    check_raw("out", parse_schema(schema), expected)
    convert("-s", schema, "-c", "x,n", *inputs, "-o", "out.npz")
    check_npz("out.npz", parse_schema("x:i32,n:i8"), expected)
    convert("-s", schema, "-c", "x", *inputs, "--rows", "150000", "-o", "out.npy")
    assert (np.load("out.npy") == np.arange(150000)).all()


ODD_NAMES = ["a/b", "../up", ".hidden", "..", "über größe", "it's", 'say "hi"', "back\\slash", "a,b:c", "tab\there", "日本"]


def odd_names_stay_names():
    schema = ",".join('"' + name.replace('"', '""') + '":i8' for name in ODD_NAMES)
    content = (",".join(str(i) for i in range(len(ODD_NAMES))) + "\n").encode()
    for kind in "npy", "npz", "raw":
        convert("-s", schema, "-H", "-", "--to", kind, "-o", kind, stdin=content)
    assert np.load("npy").dtype.names == tuple(ODD_NAMES)
    assert np.load("npz").files == ODD_NAMES
    fields, about = read_raw("raw")
    assert list(fields) == ODD_NAMES
    convert("-s", about["schema"], "-H", "-", "--to", "raw", "-o", "again", stdin=content)
    assert read_raw("again") == (fields, about)
    shutil.rmtree("again")
    assert all(not file.startswith(".") for file in os.listdir("raw"))
    assert sorted(os.listdir(".")) == ["npy", "npz", "raw"]


def the_header_is_found_in_any_locale():
    os.environ["LC_ALL"] = "C"
    try:
        convert("-s", "日本:i8", "-", "--to", "npz", "-o", "out", stdin="日本\n5\n".encode())
    finally:
        del os.environ["LC_ALL"]
    assert np.load("out")["日本"].tolist() == [5]


def digits_for_the_writer_stay_in_the_schema():
    convert("-s", "a:f64[.2],b:f32[.0],c:f64", "-H", "-", "--to", "raw", "-o", "out", stdin=b"1,2,3\n")
    fields, about = read_raw("out")
    assert about["schema"] == "a:f64[.2],b:f32[.0],c:f64" and fields["a"][0].tolist() == [1]


def nulls_are_spelled_as_told():
    content = b"a,b,s,u\nNA,-,NA,3\n1,NA,x,-\n,2,-,\n"
    done = flatload("convert", "-s", "a:i8,b:f32,s:str2,u:u8", "--null", "NA", "-", "--to", "npz", "-o", "x", stdin=content)
    assert done.returncode == 3 and b'"-" is not an f32' in done.stderr
    convert("-s", "a:i8,b:f32,s:str2,u:u8", "--null", "NA", "--null", "b=-", "--null", "b=NA", "--null", "u=-", "--null", "a=b",
            "--null", "z=NA", "-", "--to", "raw", "-o", "x", stdin=content.replace(b"\nNA,", b"\nb,"))
    found = read_raw("x")[0]
    assert found["a"][1].tolist() == [False, True, False] and found["u"][1].tolist() == [True, False, False]
    assert np.isnan(found["b"][0]).tolist() == [True, True, False]
    assert found["s"][0].tolist() == [b"", b"x", b"-"] and found["s"][1] is None and found["s"][2] == 1


def a_name_is_never_used_twice():
    schema = ["-s", "a:i8,a.valid:i8,a.offsets:text", "-H", "-"]
    for kind in "npz", "raw":
        arguments = ["-c", "a,a.valid", "--to", kind, "-o", kind]
        convert(*schema, *arguments, stdin=b"1,2,\n")
        done = flatload("convert", *schema, *arguments, "-f", stdin=b"1,2,\n,3,\n")
        assert done.returncode == 2 and b"--columns" in done.stderr, (kind, done)
    assert np.load("npz").files == ["a", "a.valid"] and len(os.listdir("raw")) == 3
    done = flatload("convert", "-s", "a:text,a.offsets:i8", "-H", "-", "--to", "raw", "-o", "out", stdin=b"1,2\n")
    assert done.returncode == 2 and b"a.offsets.bin" in done.stderr, done


def a_late_null_is_told_apart():
    n = 200000
    content = b"a,t\n" + b"1,x\n" * n + b",y\n" + b"2,z\n" * 5
    convert("-s", "a:u16,t:text", "-", "--to", "raw", "-o", "out", stdin=content)
    found = read_raw("out")[0]
    assert found["a"][1].sum() == n + 5 and not found["a"][1][n] and found["a"][2] == 1
    convert("-s", "a:u16,t:str1", "-", "-o", "out.npz", stdin=content)
    assert (np.load("out.npz")["a.valid"] == found["a"][1]).all()


def a_text_longer_than_the_arena_is_whole():
    random.seed(3)
    texts = ["x" * random.choice([0, 1, 1000, 65535, 65536, 65537, 1000000]) for _ in range(60)]
    content = "".join(f"{i},{text}\n" for i, text in enumerate(texts)).encode()
    long_name = "t" * 100
    for schema in "n:u8,t:text", f"n:u8,{long_name}:text":
        convert("-s", schema, "-H", "-", "--to", "raw", "-f", "-o", "out", stdin=content)
        check_raw("out", parse_schema(schema), {"n": list(range(60)), schema.split(",")[1][:-5]: [t.encode() for t in texts]})


def many_columns_need_few_descriptors():
    names = [f"c{i}" for i in range(3000)]
    rows = [[(i * 31 + k) % 251 for i in range(3000)] for k in range(40)]
    rows[20][17] = ""
    content = "\n".join(",".join(map(str, row)) for row in [names, *rows]).encode()
    schema = ",".join(name + ":u8" for name in names)
    expected = {name: [row[i] if row[i] != "" else None for row in rows] for i, name in enumerate(names)}
    with open("schema", "w", encoding="ascii") as file:
        file.write(schema)
    with open("in.csv", "wb") as file:
        file.write(content)
    limited = "ulimit -n 32; exec \"$0\" convert -s @schema in.csv --to \"$1\" -o \"$1\""
    for kind in "npz", "raw":
        subprocess.run(["sh", "-c", limited, FLATLOAD, kind], check=True)
    check_raw("raw", parse_schema(schema), expected)
    check_npz("npz", parse_schema(schema), expected)


def columns_are_gathered_whole_alone_and_together():
    """More fields than files are kept open for: arrays of many fields in memory at once, of few, or not even one."""
    random.seed(9)
    for nrecords, fields in (2500, [(f"c{i}", ("i16", "f64", "text", "u8", "str3")[i % 5]) for i in range(400)]), \
                            (150000, [("a", "i8"), ("b", "f64"), ("c", "u8"), ("d", "i64"), ("e", "i16")]):
        choices = {"text": ["", "x", "some words"], "str3": ["", "abc", "z"], "f64": ["", "0.25", "-1e300"]}
        columns = {name: random.choices(choices.get(kind, ["", "7", "100"]), k=nrecords) for name, kind in fields}
        with open("in.csv", "w", encoding="ascii") as file:
            file.write(",".join(columns) + "\n")
            file.writelines(",".join(row) + "\n" for row in zip(*columns.values()))
        with open("schema", "w", encoding="ascii") as file:
            file.write(",".join(f"{name}:{kind}" for name, kind in fields))
        expected = {name: [value_of(value, kind) for value in columns[name]] for name, kind in fields}
        fixed = [(name, kind) for name, kind in fields if kind != "text"]
        for threads in "1", "3":
            convert("-s", "@schema", "in.csv", "-j", threads, "--to", "raw", "-o", "raw" + threads)
            check_raw("raw" + threads, fields, expected)
            convert("-s", "@schema", "in.csv", "-j", threads, "-c", ",".join(name for name, _ in fixed), "-fo", "out.npz")
            check_npz("out.npz", fixed, expected)
            shutil.rmtree("raw" + threads)


def a_wide_record_is_one_record():
    content = b"s,i\n" + b"y" * 70000 + b",1\nz,2\n"
    convert("-s", "s:str5000000,i:i8", "-", "-o", "out.npz", stdin=content)
    found = np.load("out.npz")
    assert found["s"].tolist() == [b"y" * 70000, b"z"] and found["i"].tolist() == [1, 2]
    convert("-s", "s:str5000000,i:i8", "-", "-o", "out.npy", stdin=content)
    assert np.load("out.npy")["s"][1] == b"z"


RANDOM_VALUES = {
    "bool": lambda: random.choice(["true", "false", "T", "f", "1", "0", ""]),
    "i8": lambda: random.choice(["", str(random.randrange(-128, 128))]),
    "i64": lambda: str(random.randrange(-2**63, 2**63)),
    "u64": lambda: str(random.randrange(2**64)),
    "f32": lambda: random.choice(["", "inf", "-0.0", "%.9g" % (random.random() * 10.0**random.randrange(-45, 38))]),
    "f64": lambda: random.choice(["", "1e400", "4.9e-324", repr(random.random() * 10.0**random.randrange(-320, 300))]),
    "str7": lambda: random.choice(["", "a", 'q"q', "x,y", "1\n2", "ü", "\r\n", "seven77"]),
    "text": lambda: "".join(random.choice('ab",\n\r ;ß') for _ in range(random.randrange(40))),
    "date": lambda: random.choice(["", str(np.datetime64("1970-01-01") + random.randrange(-200000, 200000))]),
    "timestamp[us]": lambda: str(np.datetime64(random.randrange(-2**55, 2**55), "us")),
}


def random_files_hold_what_python_reads():
    for seed in range(12):
        random.seed(seed)
        fields = [(f"f{i}", random.choice(list(RANDOM_VALUES))) for i in range(random.randrange(1, 12))]
        n = random.choice([0, 1, 2, 50, 5000, 20000])
        out = io.StringIO()
        # Python quotes a bare carriage return only if the line ends have one too.
        ends, quoting = random.choice([("\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_ALL), ("\r\n", csv.QUOTE_MINIMAL)])
        writer = csv.writer(out, lineterminator=ends, quoting=quoting)
        writer.writerow([name for name, _ in fields])
        writer.writerows([RANDOM_VALUES[kind]() for _, kind in fields] for _ in range(n))
        expected = read_python(out.getvalue(), fields)
        content, schema = out.getvalue().encode(), ",".join(f"{name}:{kind}" for name, kind in fields)
        convert("-s", schema, "-", "--to", "raw", "-o", f"raw{seed}", stdin=content)
        check_raw(f"raw{seed}", fields, expected)
        fixed = [(name, kind) for name, kind in fields if kind != "text"]
        if not fixed:
            continue
        arguments = ["-s", schema, "-c", ",".join(name for name, _ in fixed), "-"]
        convert(*arguments, "-o", f"{seed}.npz", stdin=content)
        check_npz(f"{seed}.npz", fixed, expected)
        fixed = [(name, kind) for name, kind in fixed if has_null_of_its_own(kind)]
        if not fixed:
            continue
        arguments[3] = ",".join(name for name, _ in fixed)
        convert(*arguments, "-o", f"{seed}.npy", stdin=content)
        check_npy(np.load(f"{seed}.npy"), fixed, expected)


run(real_data_becomes_npz, real_data_becomes_raw_files, real_data_becomes_an_array_of_records, strings_become_texts_of_any_length,
    standard_input_and_output_give_the_same_bytes, the_size_of_the_buffer_does_not_show, columns_come_in_the_order_asked_for,
    a_column_not_asked_for_is_never_converted, fields_of_one_type_become_a_matrix, no_records_are_an_array_of_none,
    several_inputs_are_one, odd_names_stay_names, the_header_is_found_in_any_locale, digits_for_the_writer_stay_in_the_schema,
    nulls_are_spelled_as_told,
    a_name_is_never_used_twice, a_late_null_is_told_apart, a_text_longer_than_the_arena_is_whole, many_columns_need_few_descriptors,
    columns_are_gathered_whole_alone_and_together, a_wide_record_is_one_record, random_files_hold_what_python_reads)
