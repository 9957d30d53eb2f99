"""What flatload survey says is what Python finds in the same file, and it loads, always."""

import csv
import io
import json
import math
import os
import random
import re
import shlex
import subprocess
import sys

from support import DATA, FLATLOAD, flatload, np, open_terminal, read_raw, run

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)$")
NUMBER = re.compile(r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$")
DATE = re.compile(r"\d{4}-\d\d-\d\d$")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?Z?$")
UNITS = ["s", "ms", "us", "ns"]


def a_text_that_makes_strings_of_a_field_is_told():
    rows = [f"{i},2.5,2020-01-01,true,{i}" for i in range(5000)]
    rows[4500:4501] = ['n/a,2.5,2020-01-01,true,"x\ny"', "7, 2.5,2020-13-01,no,1"]
    content = "a,b,c,d,e\n" + "\n".join(rows) + "\n"
    with open("strays.csv", "w", encoding="ascii") as file:
        file.write(content)
    done = flatload("survey", "strays.csv")
    lines = [line for line in done.stderr.decode().splitlines() if "makes strings" in line]
    assert done.returncode == 0 and lines == [
        f'flatload: strays.csv:4502: record 4501, field 1 "a" (byte {content.index("n/a")}): "n/a" makes strings of a field with 5000 texts that are numbers',
        f'flatload: strays.csv:4504: record 4502, field 2 "b" (byte {content.index(" 2.5")}): " 2.5" makes strings of a field with 5000 texts that are numbers',
        f'flatload: strays.csv:4504: record 4502, field 3 "c" (byte {content.index("2020-13")}): "2020-13-01" makes strings of a field with 5000 texts that are dates or times',
        f'flatload: strays.csv:4504: record 4502, field 4 "d" (byte {content.index("no,")}): "no" makes strings of a field with 5000 texts that are true or false',
        f'flatload: strays.csv:4502: record 4501, field 5 "e" (byte {content.index(chr(34))}): "x\\x0ay" makes strings of a field with 5000 texts that are numbers',
    ], lines
    with open("strays.csv", "rb") as file:
        assert b"makes strings" not in flatload("survey", "-", stdin=file.read()).stderr
    assert b"makes strings" not in flatload("survey", "--json", "strays.csv").stderr
    assert b"makes strings" not in flatload("survey", "--null", "a=n/a", "-c", "a", "strays.csv").stderr
    done = flatload("survey", "-", stdin=b"t,n\n2020-01-01T00:00:00.123456789Z,-1\n3000-01-01T00:00:00Z,18446744073709551615\n")
    assert b'field 1 "t" holds strings: 64 bits' in done.stderr and b'field 2 "n" holds strings: no type' in done.stderr
    assert b"strings" not in flatload("survey", "-", stdin=b"x,n\ninf,1\nnan,2\n").stderr
    assert b"strings" not in flatload("survey", "-", stdin=b"x\n1\n2\na\nb\n").stderr
    os.mkfifo("pipe")
    with subprocess.Popen(["sh", "-c", "cat strays.csv >pipe"]):
        done = flatload("survey", "strays.csv", "pipe", timeout=60)
    assert done.returncode == 0 and b"makes strings" not in done.stderr


def the_first_stray_is_found_wherever_it_is():
    pick = random.Random(11)
    for _ in range(60):
        rows = [[str(k), "2020-01-01", "true", "1.5", "7"] for k in range(pick.choice([5, 4095, 4096, 4097, 9000]))]
        wanted = {}
        for field in range(5):
            for row in sorted(pick.sample(range(len(rows)), pick.choice([0, 1, 1, 2]) if len(rows) > 5 else 1))[:1 + pick.randrange(2)]:
                rows[row][field] = f"x{field}"
                wanted.setdefault(field, row)
        cut = pick.randrange(len(rows) + 1)
        for name, part in ("one.csv", rows[:cut]), ("two.csv", rows[cut:]):
            with open(name, "w", encoding="ascii") as file:
                file.writelines(",".join(row) + "\n" for row in [list("abcde"), *part])
        said = flatload("survey", "-d", ",", "one.csv", "two.csv").stderr.decode()
        places = re.findall(r'(...)\.csv:(\d+): record (\d+), field (\d+) "[a-e]" \(byte \d+\): "x(\d)" makes', said)
        found = {int(field) - 1: int(record) - 1 + (cut if name == "two" else 0) for name, line, record, field, text in places}
        assert found == wanted and all(int(line) == int(record) + 1 for _, line, record, _, _ in places), (said, wanted, cut)


def survey(*arguments, stdin=b"", detected=None):
    """Runs flatload survey --json, which must succeed; gives what it says."""
    done = flatload("survey", "--json", *arguments, stdin=stdin)
    assert done.returncode == 0, (done.returncode, done.stderr)
    if detected is not None:
        assert detected.encode() in done.stderr, done.stderr
    return json.loads(done.stdout)


def lines_of(*texts):
    return ("\n".join(texts) + "\n").encode()


def types_of(*texts, name="x", options=()):
    """The type of a column of these texts."""
    return survey(*options, "-", stdin=lines_of(name, *texts))["fields"][0]["type"]


def instant(text):
    return np.datetime64(text.rstrip("Z").replace(" ", "T"), "ns")


def finest(values):
    digits = max(len(v.partition(".")[2].rstrip("Z").rstrip("0")) for v in values)
    return UNITS[(digits + 2) // 3]


def infer(texts):
    """Type, least and greatest value of a field, by Python's own means."""
    values = [t for t in texts if t]
    width = max((len(t.encode()) for t in texts), default=0)
    if values and all(v.lower() in ("true", "false") for v in values):
        return "bool", None, None
    if values and all(INTEGER.match(v) and v != "-0" for v in values):
        numbers = [int(v) for v in values]
        if min(numbers) >= -2**63 and max(numbers) < 2**63:
            return "i64", min(numbers), max(numbers)
        if min(numbers) >= 0 and max(numbers) < 2**64:
            return "u64", min(numbers), max(numbers)
    if values and all(NUMBER.match(v) and math.isfinite(float(v)) for v in values):
        if all(not INTEGER.match(v) or int(float(v)) == int(v) for v in values):
            numbers = [float(v) for v in values]
            return "f64", min(numbers), max(numbers)
    if values and all(DATE.match(v) for v in values):
        return "date", min(values), max(values)
    if values and all(TIME.match(v) for v in values):
        unit = finest(values)
        return f"timestamp[{unit}]", *(str(f(map(instant, values)).astype(f"M8[{unit}]")) + "Z" for f in (min, max))
    return f"str{max(width, 1)}", None, None


def check_against_python(content, found, delimiter=",", header=True):
    records = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))
    names = records.pop(0) if header else [f"c{i}" for i in range(len(records[0]))]
    assert found["records"] == len(records)
    assert found["lines"] == content.count(b"\n") and found["bytes"] == len(content)
    assert [f["name"] for f in found["fields"]] == names
    for i, field in enumerate(found["fields"]):
        texts = [record[i] for record in records]
        kind, least, greatest = infer(texts)
        assert (field["type"], field["min"], field["max"]) == (kind, least, greatest), (field, kind, least, greatest)
        assert field["width"] == max(len(t.encode()) for t in texts)
        assert field["nulls"] == (0 if kind.startswith("str") else texts.count("")), field


def data():
    for name in sorted(os.listdir(DATA)):
        if name.endswith((".csv", ".txt")):
            path = os.path.join(DATA, name)
            with open(path, "rb") as file:
                yield path, file.read(), ";" if name == "UnicodeData.txt" else ",", name != "UnicodeData.txt"


def real_files_have_the_types_that_python_finds():
    for path, content, delimiter, header in data():
        detected = f"detected: delimiter '{delimiter}', {'a' if header else 'no'} header"
        check_against_python(content, survey(path, detected=detected), delimiter, header)


def the_memory_said_is_what_the_arrays_take():
    for path, _, _, _ in data():
        for narrow in [], ["--narrow"]:
            found = survey(*narrow, path)
            done = flatload("convert", *narrow, path, "-f", "-o", "out.npz", "--stats=json")
            assert done.returncode == 0, done.stderr
            stats = json.loads(done.stderr.splitlines()[-1])
            assert stats["array_bytes"] == found["array_bytes"] and stats["records"] == found["records"], (stats, found)


def a_type_holds_just_what_it_says():
    for texts, kind in [
        (["1", "2"], "i64"), (["007", "8"], "str3"), (["+1"], "str2"), (["-0"], "f64"), (["0", "-1"], "i64"),
        (["9223372036854775807"], "i64"), (["-9223372036854775808"], "i64"), (["9223372036854775808"], "u64"),
        (["18446744073709551615"], "u64"), (["18446744073709551616"], "str20"), (["-9223372036854775809"], "str20"),
        (["-1", "9223372036854775808"], "f64"), (["-1", "9223372036854775809"], "str19"),
        (["1234567890123456789"], "i64"), (["12345678901234567890"], "u64"), (["1", "0.5"], "f64"),
        (["9007199254740993", "0.5"], "str16"), (["1e5"], "f64"), (["0x10"], "str4"), (["1_000"], "str5"), (["1,000"], "str5"),
        (["NA"], "str2"), (["1", "NA"], "str2"), (["1", ""], "i64"), (["nan", "1"], "f64"), (["inf", "-inf", "2.5"], "f64"),
        (["1e999"], "str5"), (["1e-999"], "str6"), (["1.5", "01.5"], "str4"), ([" 1"], "str2"), (["1 "], "str2"), (["."], "str1"),
        (["true", "FALSE"], "bool"), (["t", "f"], "str1"), (["true", "1"], "str4"), (["2024-02-29"], "date"),
        (["2023-02-29"], "str10"), (["2024-01-01", "2024-01-01T00:00"], "timestamp[s]"), (["2024-01-01 10:00:00.5"], "timestamp[ms]"),
        (["2024-01-01T10:00:00.000001Z"], "timestamp[us]"), (["2024-01-01T10:00:00.000000001+02:00"], "timestamp[ns]"),
        (["3000-01-01T10:00:00.000000001"], "str29"), (["10:00"], "str5"), (["ab\0"], "text"), (["é"], "str2"),
    ]:
        name = "text of a field"
        texts = [f'"{t}"' if "," in t else t for t in texts]
        assert types_of(*texts, name=name) == kind, (texts, kind, types_of(*texts, name=name))


def narrow_is_the_smallest_type_that_holds_all():
    for texts, kind in [
        (["-128", "127"], "i8"), (["128"], "u8"), (["-1", "128"], "i16"), (["65535"], "u16"), (["-32769"], "i32"),
        (["4294967295"], "u32"), (["4294967296"], "i64"), (["9223372036854775808"], "u64"), (["0.5"], "f32"), (["0.1"], "f64"),
        (["0.5", "16777217"], "f64"), (["0.5", "16777216"], "f32"), (["1e39"], "f64"), (["nan", "0.25"], "f32"),
    ]:
        assert types_of(*texts, options=["--narrow"]) == kind, (texts, kind)


def the_last_of_many_records_changes_the_type():
    body = b"".join(b"%d\n" % i for i in range(1000000))
    for last, kind in [("x", "str6"), ("1.5", "f64"), ("18446744073709551615", "u64"), ("007", "str6"), ('""', "i64"),
                       ("x" * 300, "str300"), ("2024-01-01", "str10")]:
        found = survey("-", stdin=b"n\n" + body + last.encode() + b"\n")
        assert found["records"] == 1000001 and found["fields"][0]["type"] == kind, (found, kind)
        assert found["fields"][0]["nulls"] == (last == '""')


TOKENS = [
    ["", "0", "1", "-7", "127", "128", "-129", "65536", "99999999999"], ["", "18446744073709551615", "9223372036854775808", "5"],
    ["1.5", "-0", ".5", "3.", "1e5", "0.1", "1e39", "", "7"], ["0.5", "nan", "-inf", "16777217"],
    ["true", "false", "TRUE", ""], ["t", "1", "0"], ["2024-02-29", "", "0001-01-01", "9999-12-31"],
    ["2024-02-29T01:02:03.5", "1969-12-31 23:59:59.999999", "2024-01-01", ""], ["2262-04-11T23:47:16.854775807Z", "1677-09-21T00:12:44Z"],
    ["007", "+1", "0x10", "1_000", "NA"], ["a", 'b"c', "d,e", "f;g", "h\ni", "j\r\nk", "é", "  ", "", "x" * 40], ["z\0", "y"], ["", ""],
]


def random_file(pick, quoting=csv.QUOTE_MINIMAL):
    pools = [pick.choice(TOKENS) + (pick.choice(TOKENS) if pick.random() < 0.2 else []) for _ in range(pick.randint(2, 7))]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=pick.choice(",;|\t"), lineterminator=pick.choice(["\n", "\r\n"]), quoting=quoting)
    names = [pick.choice(["a", "b b", "c,d", 'e"f', "@g", "", "a", "é:"]) + (str(i) if pick.random() < 0.8 else "") for i in range(len(pools))]
    header = pick.random() < 0.7
    if header:
        writer.writerow(names)
    for _ in range(pick.randint(1, 40)):
        writer.writerow([pick.choice(pool) for pool in pools])
    return out.getvalue().encode(), writer.dialect.delimiter, header


def options_of(delimiter, header):
    return ["-d", delimiter] + ([] if header else ["-H"])


def what_a_survey_says_loads():
    pick = random.Random(4)
    for i in range(150):
        content, delimiter, header = random_file(pick)
        with open("in.csv", "wb") as file:
            file.write(content)
        options = ["--no-detect", *options_of(delimiter, header)]
        narrow = ["--narrow"] if i % 2 else []
        found = survey(*options, *narrow, "in.csv")
        names = [f["name"] for f in found["fields"]]
        assert len(set(names)) == len(names) and all(names)
        own = next(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter)) if header else None
        by_position = ["--by-position"] if header and own != names else []
        loaded = flatload("convert", *options_of(delimiter, header), *by_position, "-s", found["schema"], "in.csv", "-f", "-o", "a/")
        assert loaded.returncode == 0, (i, content, found["schema"], loaded.stderr)
        checked = flatload("check", *options_of(delimiter, header), *by_position, "-s", found["schema"], "in.csv")
        assert checked.returncode == 0 and checked.stdout.startswith(b"%d record" % found["records"]), checked
        surveyed = flatload("convert", *options, *narrow, "in.csv", "-f", "-o", "b/")
        assert surveyed.returncode == 0, (i, surveyed.stderr)
        differences = subprocess.run(["diff", "-r", "a", "b"], check=False, capture_output=True)
        assert differences.returncode == 0, (i, content, differences.stdout)
        fields, about = read_raw("b")
        assert about["schema"] == found["schema"] and about["records"] == found["records"]
        assert sum(f[2] for f in fields.values()) == sum(f["nulls"] for f in found["fields"])


def narrow_keeps_every_value():
    pick = random.Random(5)
    for _ in range(60):
        content, delimiter, header = random_file(pick)
        for options, out in (["--narrow"], "a.raw"), ([], "b.raw"):
            done = flatload("convert", "--no-detect", *options_of(delimiter, header), *options, "--to", "raw", "-", "--spool", "-f",
                            "-o", out, stdin=content)
            assert done.returncode == 0, done.stderr
        narrow, wide = read_raw("a.raw")[0], read_raw("b.raw")[0]
        for name, (array, valid, nulls) in wide.items():
            assert nulls == narrow[name][2] and (valid is None) == (narrow[name][1] is None)
            if isinstance(array, list):
                assert array == narrow[name][0]
            elif array.dtype.kind == "f":
                assert np.array_equal(narrow[name][0].astype("f8"), array, equal_nan=True)
            elif array.dtype.kind != "M":
                assert (narrow[name][0] == array).all()


def delimiter_and_header_are_detected():
    for content, delimiter, header in [
        ("a,b\n1,2\n3,4\n", ",", True), ("a;b\n1;2\n", ";", True), ("a\tb\n1\t2\n", "\\t", True), ("a|b\n1|2\n", "|", True),
        ("1,2\n3,4\n", ",", False), ("1;x\n3;y\n", ";", False), ("x,y\nz,w\n", ",", True), ("1,2\n", ",", True), ("x\n1\n", ",", True),
        ("a,b;c\n1,2;3\n", ",", True), ("a,b;c;d\n1,2;3;4\n", ";", True), ("a;b\n1,5;2\n2;3,25\n", ";", True),
        ('a;b\n"1;2\n;3";4\n', ";", True), ("a;b\n1\n", ",", True), ("id,2024\na,1\nb,2\n", ",", False), ("id,2024\n1,1\n2,2\n", ",", True),
        ("2024-01-01,a\n2024-01-02,b\n", ",", False), ("true\nfalse\n", ",", False), (",\n1,2\n", ",", True),
        ("1,x\n,y\n", ",", True), ("\ufeff1,2\n3,4\n", ",", False), ("", ",", None), ("a b\n1 2\n", ",", True),
    ]:
        done = flatload("survey", "--json", "-", stdin=content.encode())
        assert done.returncode == 0, done.stderr
        if header is None:
            assert done.stderr == b"" and json.loads(done.stdout)["fields"] == []
            continue
        line = f"flatload: <stdin>: detected: delimiter '{delimiter}', {'a' if header else 'no'} header\n".encode()
        assert done.stderr.startswith(line), (content, done.stderr)
        said = flatload("survey", "--json", "-d", delimiter, *([] if header else ["-H"]), "--no-detect", "-", stdin=content.encode())
        assert (said.stdout, said.returncode) == (done.stdout, 0) and b"detected" not in said.stderr


def detection_can_be_forbidden():
    found = flatload("survey", "--json", "--no-detect", "-", stdin=b"1;2\n3;4\n")
    assert found.stderr == b"" and json.loads(found.stdout)["fields"][0]["name"] == "1;2"
    found = flatload("survey", "--json", "-d", ";", "-", stdin=b"1;2\n3;4\n")
    assert found.stderr == b"flatload: <stdin>: detected: no header\n", found.stderr
    found = flatload("survey", "--json", "-H", "-", stdin=b"1;2\n3;4\n")
    assert found.stderr == b"flatload: <stdin>: detected: delimiter ';'\n", found.stderr
    with open("x.tsv", "wb") as file:
        file.write(b"a;b\tc;d\n1;2\t3\n")
    found = flatload("survey", "--json", "x.tsv")
    assert found.stderr == b"flatload: x.tsv: detected: a header\n" and b'"a;b"' in found.stdout


def fields_without_a_name_of_their_own_get_one():
    content = b"x,,x,c1,x.2,a\0b,x\n1,2,3,4,5,6,7\n"
    found = survey("-", stdin=content)
    assert [f["name"] for f in found["fields"]] == ["x", "c1_", "x.3", "c1", "x.2", "c5", "x.4"], found
    done = flatload("convert", "--spool", "-", "-c", "c1_,x.4,x", "-o", "out.npy", stdin=content)
    assert done.returncode == 0 and b'field 2 has no name; here "c1_"' in done.stderr, done.stderr
    array = np.load("out.npy")
    assert array.dtype.names == ("c1_", "x.4", "x") and array.tolist() == [(2, 7, 1)]
    table = flatload("survey", "-", stdin=content)
    assert table.stdout.splitlines()[-1].startswith(b"--by-position -s 'x:i64,c1_:i64,"), table.stdout


def no_name_steers_a_terminal():
    done = flatload("survey", "-", stdin=b"\x1b[2Jx,\x1b[2Jx\n1,2\n")
    assert done.returncode == 0 and b"\x1b" not in done.stderr and b"\\x1b[2Jx.2" in done.stderr, done.stderr


def bytes_that_are_not_utf8_are_escaped():
    found = survey("-", stdin=b'a\xff,"b""\\\x01"\n1,2\n')
    assert [f["name"] for f in found["fields"]] == ["a\udcff", 'b"\\\x01']
    assert found["schema"] == 'a\udcff:i64,"b""\\\x01":i64'


def several_inputs_are_one():
    whole = ["a,b,c"] + [f"{i},{i / 2},{i}x" for i in range(1000)]
    parts = [whole[:400], ["c,a,b"] + [",".join(line.split(",")[k] for k in (2, 0, 1)) for line in whole[400:]], ["a,b,c"], []]
    for i, part in enumerate(parts):
        with open(f"{i}.csv", "wb") as file:
            file.write(lines_of(*part) if part else b"")
    together, alone = survey(*(f"{i}.csv" for i in (3, 0, 1, 2))), survey("-", stdin=lines_of(*whole))
    assert together["lines"] == 1003
    for key in "records", "array_bytes", "fields", "schema":
        assert together[key] == alone[key], key


def nulls_are_as_said():
    content = b'a,b,c\n1,NA,-\n"NA",x,-9\n,"NA",\n'
    found = survey("--null", "NA", "--null", "c=-", "-", stdin=content)
    assert [(f["type"], f["nulls"]) for f in found["fields"]] == [("i64", 2), ("str2", 1), ("i64", 2)], found
    found = survey("--trim", "-", stdin=b"a,b\n 1 , 2024-01-01\n")
    assert [f["type"] for f in found["fields"]] == ["i64", "date"]


def the_last_line_gives_the_same_to_convert():
    for content, name, options in (
        (b"a;b;c\n1;'x;y';NA\n2; z ;3\n", "in.csv", ["-d", ";", "-q", "'", "--null", "NA", "--trim"]),
        (b"a,b\n1,it's\n-,-\n", "in.csv", ["--null", "a=-", "--null", "it's"]),
        (b"a,b,a\n1,2.5,x\n", "in.csv", ["-c", "b,a.2"]),
        (b"a,b\n1,2.5\n", "in.csv", ["-c", "b,a", "--max-record", "1K"]),
        (b"a,b\n1,2\n", "in.tsv", ["-d", ","]),
        (b"a\tb\n1\t2\n", "in.tsv", []),
        (b'1\\"2"\n', "in.csv", ["-d", "\\x5c", "-q", "none", "-H"]),
    ):
        with open(name, "wb") as file:
            file.write(content)
        table = flatload("survey", *options, name)
        assert table.returncode == 0, table
        line = shlex.split(table.stdout.decode().splitlines()[-1])
        pasted = flatload("convert", *line, name, "-f", "-o", "a/")
        assert pasted.returncode == 0, (options, line, pasted.stderr)
        assert flatload("convert", *options, name, "-f", "-o", "b/").returncode == 0
        assert subprocess.run(["diff", "-r", "a", "b"], check=False).returncode == 0, (options, line)


def only_the_columns_asked_for_are_surveyed():
    found = survey("-c", "b,a", "-", stdin=b"a,x,b\n1,y,2.5\n")
    assert [f["name"] for f in found["fields"]] == ["b", "a"] and found["schema"] == "a:i64,b:f64" and found["array_bytes"] == 16
    done = flatload("survey", "-c", "nme", "-", stdin=b"name\n1\n")
    assert done.returncode == 2 and b'did you mean "name"' in done.stderr


def a_pipe_is_surveyed_like_a_file():
    for path, content, _, _ in data():
        piped = subprocess.run(f"cat '{path}' | '{FLATLOAD}' survey --json -", shell=True, capture_output=True, check=True)
        assert piped.stdout == flatload("survey", "--json", path).stdout
        assert flatload("survey", "--json", "--buffer", "100", path).stdout == piped.stdout
        assert len(content) == json.loads(piped.stdout)["bytes"]


def convert_needs_a_schema_or_a_spool_for_a_pipe():
    done = flatload("convert", "-", "-o", "out.npy", stdin=b"a\n1\n")
    assert done.returncode == 2 and b"--schema" in done.stderr and b"--spool" in done.stderr and not os.path.exists("out.npy")
    done = flatload("convert", "--spool", "-", "-o", "out.npy", stdin=b"a\n1\n")
    assert done.returncode == 0 and np.load("out.npy").tolist() == [1]
    os.mkfifo("pipe")
    for options, status in ([], 2), (["--spool"], 0):
        with subprocess.Popen(["sh", "-c", "printf 'a\\n5\\n' >pipe"], stderr=subprocess.DEVNULL) as writer:
            done = flatload("convert", *options, "pipe", "-f", "-o", "out.npy")
            assert done.returncode == status, done.stderr
            writer.kill()
    assert np.load("out.npy").tolist() == [5]
    with open("in.csv", "wb") as file:
        file.write(b"skip me\na\n7\n")
    with open("in.csv", "rb") as file:
        file.seek(8)
        os.lseek(file.fileno(), 8, os.SEEK_SET)
        done = subprocess.run([FLATLOAD, "convert", "-", "-f", "-o", "out.npy"], stdin=file, capture_output=True, check=True)
    assert np.load("out.npy").tolist() == [7]


def an_input_without_fields_needs_a_schema_to_be_converted():
    done = flatload("convert", "--spool", "-", "-o", "out.npy")
    assert done.returncode == 2 and b"there is nothing in it" in done.stderr and not os.path.exists("out.npy")
    assert survey("-") == {"records": 0, "lines": 0, "bytes": 0, "array_bytes": 0, "fields": [], "schema": ""}
    assert survey("-", stdin=b"a,b\n")["schema"] == "a:str1,b:str1"


def a_bad_record_ends_it_and_nothing_is_printed():
    for content, status, message in [(b"a,b\n1,2\n3\n", 3, "<stdin>:3: record 2"), (b'a,b\n1,x"y\n', 3, "<stdin>:2: record 1"),
                                     (b'a,b\n1,"x\n', 4, "<stdin>:2: record 1"), (b'a,"b"x\n', 3, "<stdin>:1:")]:
        done = flatload("survey", "-", stdin=content)
        assert done.returncode == status and done.stdout == b"" and message.encode() in done.stderr, done
    assert flatload("survey", "none.csv").returncode == 4
    assert flatload("survey", "--max-record", "10", "-", stdin=b"a\n" + b"1" * 11 + b"\n").returncode == 5
    done = flatload("survey", "--rows", "2", "-")
    assert done.returncode == 2 and b"does not take it" in done.stderr


def a_hundred_thousand_columns():
    names = [f"field{i}" for i in range(100000)]
    content = lines_of(",".join(names), *(",".join(str(i % 7 + k) for i in range(100000)) for k in range(3)))
    found = survey("--narrow", "-", stdin=content)
    assert [f["name"] for f in found["fields"]] == names and found["array_bytes"] == 300000
    assert {f["type"] for f in found["fields"]} == {"i8"}


def on_a_terminal(*arguments, **environment):
    """What the command prints on a terminal of 80 columns."""
    here, there = open_terminal()
    with subprocess.Popen([FLATLOAD, *arguments], stdout=there, stderr=subprocess.DEVNULL, env={**os.environ, **environment}) as process:
        os.close(there)
        out = b""
        try:
            while chunk := os.read(here, 65536):
                out += chunk
        except OSError: # the end, as Linux says it
            pass
        os.close(here)
        assert process.wait() == 0
    return out.decode().replace("\r\n", "\n")


def a_table_has_bars_where_they_can_be_seen():
    with open("in.csv", "w", encoding="ascii") as file:
        file.write("n,s\n" + "".join(f"{min(i, 100)},x{i}\n" for i in range(1000)))
    seen = on_a_terminal("survey", "in.csv", LC_ALL="C.UTF-8", TERM="xterm")
    assert re.search("^n .* 0 +100  ▁+█$", seen, re.M), seen
    assert "▁" not in on_a_terminal("survey", "in.csv", LC_ALL="C", TERM="xterm")
    table = flatload("survey", "in.csv").stdout.decode()
    assert table.splitlines()[0].split() == ["field", "type", "width", "nulls", "least", "greatest"]
    assert table.splitlines()[1].split() == ["n", "i64", "3", "0", "0", "100"] and "\nrecords  1000\n" in table
    assert table.splitlines()[-1] == "-s 'n:i64,s:str4'"


# The peak of the greatest child so far: a process of its own for each measurement.
MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def memory_does_not_grow_with_the_input():
    if os.environ.get("SANITIZER_FLAGS"):
        return "sanitizers keep what is freed"
    for n in 10, 1000000:
        with open(f"{n}.csv", "w", encoding="ascii") as file:
            file.writelines(["x,name,id\n", *(f"{i * 0.7919},name number {i},{i * 18446744073709}\n" for i in range(n))])
    for command in (["survey"], ["check"], ["show", "--json"], ["check", "-s", "x:f64,name:text,id:u64"]):
        for piped in False, True:
            peaks = []
            for n in 10, 1000000:
                words = [FLATLOAD, *command, "-" if piped else f"{n}.csv"]
                if piped:
                    words = ["sh", "-c", f'cat {n}.csv | "$0" "$@"', *words]
                peaks.append(int(subprocess.run([sys.executable, "-c", MEASURE, *words], check=True, capture_output=True).stdout))
            assert peaks[1] - peaks[0] <= 4 << 20, (command, piped, peaks)
    return None


run(a_text_that_makes_strings_of_a_field_is_told, the_first_stray_is_found_wherever_it_is, real_files_have_the_types_that_python_finds, the_memory_said_is_what_the_arrays_take, a_type_holds_just_what_it_says,
    narrow_is_the_smallest_type_that_holds_all, the_last_of_many_records_changes_the_type, what_a_survey_says_loads,
    narrow_keeps_every_value, delimiter_and_header_are_detected, detection_can_be_forbidden,
    fields_without_a_name_of_their_own_get_one, no_name_steers_a_terminal, bytes_that_are_not_utf8_are_escaped, several_inputs_are_one, nulls_are_as_said,
    the_last_line_gives_the_same_to_convert, only_the_columns_asked_for_are_surveyed, a_pipe_is_surveyed_like_a_file, convert_needs_a_schema_or_a_spool_for_a_pipe,
    an_input_without_fields_needs_a_schema_to_be_converted, a_bad_record_ends_it_and_nothing_is_printed, a_hundred_thousand_columns,
    a_table_has_bars_where_they_can_be_seen, memory_does_not_grow_with_the_input)
