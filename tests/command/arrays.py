"""Every array has a way back to text, and what is no array is refused."""

import io
import json
import os
import random
import re
import shutil
import struct
import zipfile

from support import DATA, convert, flatload, has_null_of_its_own, np, parse_schema, run

SETS = {
    "earthquakes.csv": [], "service-names-port-numbers.csv": [], "countries.csv": [], "seattle-weather.csv": [],
    "seattle-weather-hourly-normals.csv": [], "UnicodeData.txt": ["--delimiter", ";", "--no-header"],
}
OUTCOMES = 0, 2, 3, 4, 5 # anything else is a crash


def to_csv(*arguments):
    return convert(*arguments, "--to", "csv", "-o", "-")


def refuses(path, status, words, *arguments):
    done = flatload("convert", *arguments, path, "-o", "refused.csv")
    assert done.returncode == status and words.encode() in done.stderr and not os.path.exists("refused.csv"), (path, done)


def there_and_back(fields, canonical):
    """Canonical text becomes each kind that can hold it, and comes back as the same bytes."""
    schema = ",".join(f"{name}:{kind}" for name, kind in fields)
    with open("in.csv", "wb") as file:
        file.write(canonical)
    ways = {"raw": fields, "npz": [f for f in fields if f[1] != "text"],
            "npy": [f for f in fields if f[1] != "text" and has_null_of_its_own(f[1])]}
    for kind, some in ways.items():
        if not some:
            continue
        columns = ["-c", ",".join('"' + name.replace('"', '""') + '"' for name, _ in some)]
        convert("-s", schema, *columns, "in.csv", "--to", kind, "-f", "-o", "way." + kind)
        if any(k in ("f64", "f32") for _, k in some):
            back = to_csv("way." + kind, "--null", "nan")
        else:
            back = to_csv("way." + kind)
        expected = to_csv("-s", schema, *columns, "in.csv")
        if len(some) == 1 and kind == "npy": # one array has no name but its file's
            back, expected = back.split(b"\n", 1)[1], expected.split(b"\n", 1)[1]
        assert back == expected, (kind, some)


def real_data_comes_back_byte_for_byte():
    with open(os.path.join(DATA, "README.md"), encoding="utf-8") as file:
        readme = file.read()
    for name, options in SETS.items():
        schema = re.search(rf"<!-- schema {re.escape(name)} -->\n\n    (.*)\n", readme).group(1)
        canonical = to_csv("-s", schema, *options, os.path.join(DATA, name))
        fields = parse_schema(schema)
        there_and_back(fields, canonical)
        there_and_back([(n, "text" if k.startswith("str") else k) for n, k in fields], canonical)


RANDOM_VALUES = {
    "bool": lambda: random.choice(["true", "false", ""]),
    "i8": lambda: random.choice(["", str(random.randrange(-128, 128))]),
    "i16": lambda: str(random.randrange(-2**15, 2**15)),
    "i32": lambda: str(random.randrange(-2**31, 2**31)),
    "i64": lambda: str(random.randrange(-2**63, 2**63)),
    "u8": lambda: str(random.randrange(2**8)),
    "u16": lambda: random.choice(["", str(random.randrange(2**16))]),
    "u32": lambda: str(random.randrange(2**32)),
    "u64": lambda: str(random.randrange(2**64)),
    "f32": lambda: random.choice(["", "inf", "-0.0", "%.9g" % (random.random() * 10.0**random.randrange(-45, 38))]),
    "f64": lambda: random.choice(["", "-inf", "4.9e-324", repr(random.random() * 10.0**random.randrange(-320, 300))]),
    "str7": lambda: random.choice(["", "a", "x y", "'", "ü", "seven77"]),
    "text": lambda: random.choice(["", "a" * random.randrange(300), "'", "日本" * random.randrange(9)]),
    "date": lambda: random.choice(["", str(np.datetime64("1970-01-01") + random.randrange(-200000, 200000))]),
    "timestamp[s]": lambda: str(np.datetime64(random.randrange(-2**33, 2**33), "s")),
    "timestamp[ms]": lambda: str(np.datetime64(random.randrange(-2**43, 2**43), "ms")),
    "timestamp[us]": lambda: random.choice(["", str(np.datetime64(random.randrange(-2**55, 2**55), "us"))]),
    "timestamp[ns]": lambda: str(np.datetime64(random.randrange(-2**62, 2**62), "ns")),
}


def random_files_come_back_byte_for_byte():
    for seed in range(25):
        random.seed(seed)
        fields = [(f"f{i}", random.choice(list(RANDOM_VALUES))) for i in range(random.randrange(1, 9))]
        n = random.choice([0, 1, 2, 50, 3000, 9000])
        lines = [",".join(name for name, _ in fields)]
        lines += [",".join(RANDOM_VALUES[kind]() or '""' for _, kind in fields) for _ in range(n)]
        schema = ",".join(f"{name}:{kind}" for name, kind in fields)
        there_and_back(fields, convert("-s", schema, "-", "--to", "csv", "-o", "-", stdin="\n".join(lines).encode()))


def each_type_of_numpy_becomes_text():
    for kind, values, texts in [
        ("?", [True, False], "true false"), ("i1", [-128, 127], "-128 127"), ("u8", [0, 2**64 - 1], "0 18446744073709551615"),
        ("f4", [0.1, -0.0], "0.1 -0"), ("f8", [1e300, float("nan")], "1e+300 nan"), ("S5", [b"ab", b"12345"], "ab 12345"),
        ("M8[D]", ["2024-02-29", "NaT"], '2024-02-29 ""'), ("M8[s]", ["1969-12-31T23:59:59", "NaT"], '1969-12-31T23:59:59Z ""'),
        ("M8[ns]", ["2024-01-01T00:00:00.000000001", "NaT"], '2024-01-01T00:00:00.000000001Z ""'),
        ("i2", [-2, 3], "-2 3"), ("u4", [7, 2**32 - 1], "7 4294967295"),
    ]:
        for order in "<", ">":
            np.save("values.npy", np.array(values, np.dtype(kind).newbyteorder(order)))
            assert to_csv("values.npy").decode().split("\n") == ["values", *texts.split(), ""], (kind, order)


def one_array_is_called_as_its_file():
    os.mkdir("d.npz")
    np.save("d.npz/wind.npy", np.arange(2))
    assert to_csv("d.npz/wind.npy") == b"wind\n0\n1\n"


def a_matrix_has_columns_by_number():
    np.save("m.npy", np.arange(6, dtype=">f4").reshape(2, 3))
    assert to_csv("m.npy") == b"c0,c1,c2\n0,1,2\n3,4,5\n"
    assert to_csv("m.npy", "-c", "c2,c0") == b"c2,c0\n2,0\n5,3\n"
    np.save("f.npy", np.asfortranarray(np.arange(6).reshape(2, 3)))
    refuses("f.npy", 2, "ascontiguousarray")
    np.save("one.npy", np.asfortranarray(np.arange(3).reshape(1, 3)))
    assert to_csv("one.npy") == b"c0,c1,c2\n0,1,2\n"


def records_have_fields_and_gaps():
    np.save("r.npy", np.array([(1, 2.5, b"x"), (3, 4.5, b"")], np.dtype([("a", "i1"), ("b", ">f8"), ("s", "S3")], align=True)))
    assert to_csv("r.npy") == b"a,b,s\n1,2.5,x\n3,4.5,\n"
    assert to_csv("r.npy", "-s", "b:f64[.2],a:i8") == b"b,a\n2.50,1\n4.50,3\n"
    refuses("r.npy", 2, "was to be f32", "-s", "b:f32")
    refuses("r.npy", 2, 'no array "c"', "-s", "c:f32")


def names_are_those_of_any_script():
    for names in ["über", "größe"], ["日本", "a,b", "it's", 'q"q', "back\\slash", "tab\t", "new\nline"]:
        np.save("n.npy", np.zeros(1, [(name, "i1") for name in names]))
        text = to_csv("n.npy").decode()
        quoted = [f'"{name}"' if set(name) & set(',\n"') else name for name in names]
        assert text == ",".join(quoted).replace('q"q', 'q""q') + "\n" + ",".join("0" for _ in names) + "\n", text
        os.environ["LC_ALL"] = "C"
        np.savez("n.npz", **{name: np.zeros(1, "i1") for name in names})
        # libarchive takes a backslash in the name of a member for Windows' slash.
        assert to_csv("n.npz").decode() == text.replace("\\", "/")
        del os.environ["LC_ALL"]


def arrays_beside_an_npz_say_what_is_null():
    np.savez("v.npz", **{"a": [1, 2, 3], "a.valid": [True, False, True], "f": [1., 2., np.nan], "f.valid": [False, True, True],
                         "s": np.array([b"x", b"", b""]), "s.valid": [True, True, False], "b.valid": [True, True, False],
                         "c": [7, 8, 9], "c.valid": [1, 0, 1]})
    assert to_csv("v.npz", "--out-null", "NA") == b"a,f,s,b.valid,c,c.valid\n1,NA,x,true,7,1\nNA,2,,true,8,0\n3,nan,NA,false,9,1\n"
    assert to_csv("v.npz", "-c", "f,a", "--null", "nan") == b"f,a\n,1\n2,\n,3\n"
    refuses("v.npz", 3, "null")
    done = flatload("convert", "v.npz", "-c", "a", "-o", "v.npy")
    assert done.returncode == 3 and b"record 2" in done.stderr and b"--to npz" in done.stderr, done


def nan_is_null_if_told():
    np.save("r.npy", np.array([(np.nan, np.nan)], [("a", "f8"), ("b=c", "f4")]))
    assert to_csv("r.npy") == b"a,b=c\nnan,nan\n"
    assert to_csv("r.npy", "--null", "nan", "--out-null", "-") == b"a,b=c\n-,-\n"
    assert to_csv("r.npy", "--null", "b=c=nan") == b"a,b=c\nnan,\n"
    refuses("r.npy", 2, "only nan", "--null", "NA")
    refuses("r.npy", 2, "no such array", "--null", "x=nan")


def compressed_members_are_read_as_well():
    np.savez_compressed("c.npz", a=np.arange(300000), s=np.array([b"x" * (i % 50) for i in range(300000)]))
    text = to_csv("c.npz")
    np.savez("c2.npz", **np.load("c.npz"))
    assert to_csv("c2.npz") == text and text.count(b"\n") == 300001
    convert("-s", "a:i64,s:str49", "-", "-o", "d.npz", stdin=text)
    assert to_csv("d.npz") == text


def several_inputs_of_arrays_are_one():
    np.savez("a.npz", x=[1, 2], y=[1., 2.])
    np.savez("b.npz", y=[3.], x=[3])
    assert to_csv("a.npz", "b.npz", "--rows", "3") == b"x,y\n1,1\n2,2\n3,3\n"
    convert("a.npz", "b.npz", "-o", "c.npy")
    assert np.load("c.npy").tolist() == [(1, 1.), (2, 2.), (3, 3.)]
    convert("c.npy", "a.npz", "-o", "d/")
    assert to_csv("d", "b.npz", "-c", "x") == b"x\n1\n2\n3\n1\n2\n3\n"
    with open("t.csv", "w", encoding="ascii") as file:
        file.write("x,y\n")
    done = flatload("convert", "-s", "x:i64,y:f64", "a.npz", "t.csv", "-o", "out.csv")
    assert done.returncode == 2 and b"holds arrays" in done.stderr
    refuses("a.npz", 2, "about text", "-d", ";")
    done = flatload("convert", "d", "-f", "-o", "d/")
    assert done.returncode == 2 and b"an input and the output" in done.stderr, done


def types_that_are_none_here_say_what_to_do():
    for array, words in [
        (np.array(["x"]), "char.encode"), (np.array([None]), "objects of Python"), (np.array([1j]), "a.real"),
        (np.zeros(2, "f2"), "astype('f8')"), (np.zeros(2, "m8[s]"), "astype('i8')"), (np.zeros(2, "M8[h]"), "astype('M8[s]')"),
        (np.zeros(2, [("a", "i1", (2,))]), "array itself"), (np.zeros(2, [("a", [("b", "i1")])]), "record itself"),
        (np.zeros(2, [(("title", "a"), "i1")]), "titles"), (np.array(3), "single value"), (np.zeros((1, 1, 1)), "3 dimensions"),
        (np.zeros((2, 2), [("a", "i1")]), "2 dimensions"), (np.zeros((3, 0)), "no columns"), (np.zeros(2, "V3"), "none that a field"),
        (np.zeros(2, []), "no fields"),
    ]:
        np.save("t.npy", array)
        refuses("t.npy", 2, words)
    np.savez("t.npz", a=np.zeros((2, 2)))
    refuses("t.npz", 2, "not one row")
    np.savez("t.npz", a=np.zeros(2), b=np.zeros(3))
    refuses("t.npz", 2, "different lengths")


def header(text, version=1, data=b"\0" * 24):
    content = text.encode("utf-8")
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(content)) + content + data


def headers_that_are_none_are_refused():
    good = "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), }\n"
    for text, words in [
        ("", "not that"), ("{}", "not that"), ("[]", "not that"), (good[:-4], "not that"), (good + "x", "not that"),
        (good.replace("'shape'", "'shape', 'x'"), "not that"), (good.replace("'shape'", "'descr'"), "not that"),
        (good.replace("(3,)", "(-3,)"), "not that"), (good.replace("(3,)", "(3)"), "not that"), (good.replace("(3,)", "3"), "not that"),
        (good.replace("(3,)", "(99999999999999999999999,)"), "not that"), (good.replace("(3,)", "(18446744073709551615,)"), "cut off"),
        (good.replace("(3,)", "(2305843009213693955,)"), "cut off"), (good.replace("(3,)", "(4,)"), "cut off"),
        (good.replace("(3,)", "(2,)"), "follows"), (good.replace("(3,)", "(0, 99999999999)"), "columns"),
        (good.replace("(3,)", "(1, 3, "), "not that"), (good.replace("False", "0"), "not that"),
        (good.replace("'<f8'", "<f8"), "not that"), (good.replace("'<f8'", "''"), "type"), (good.replace("'<f8'", "'<f'"), "type"),
        (good.replace("'<f8'", "'|S99999999999999999999'"), "type"), (good.replace("'<f8'", "'|S0'"), "type"),
        (good.replace("'<f8'", "[('a', '<f8'"), ""), (good.replace("'<f8'", "[]"), "no fields"),
        (good.replace("'<f8'", "[('a', '<f8'), ('a', '<f8')]"), ""), (good.replace("'<f8'", "[('', '<f8')]"), ""),
        (good.replace("'<f8'", "[('\\x00', '<f8')]"), "not that"), (good.replace("'<f8'", "[('\\ud800', '<f8')]"), "not that"),
        (good.replace("'<f8'", "[('\\q', '<f8')]"), "not that"), (good.replace("'<f8'", "[('a\\"), "not that"),
        (good.replace("'<f8'", "[" + "('', '|V16777216'), " * 200 + "('a', '<f8')]"), "not that"),
        (good.replace("'<f8'", "[" * 100000), "not that"),
    ]:
        for version in 1, 2, 3:
            if version == 1 and len(text) > 65535:
                continue
            with open("h.npy", "wb") as file:
                file.write(header(text, version))
            done = flatload("convert", "h.npy", "-o", "h.csv")
            assert done.returncode in (2, 4, 5) and words.encode() in done.stderr and not os.path.exists("h.csv"), (text[:200], done)
    with open("h.npy", "wb") as file:
        file.write(b"\x93NUMPY\2\0\xff\xff\xff\xff" + b" " * 100)
    refuses("h.npy", 4, "not a NumPy array")
    with open("h.npy", "wb") as file:
        file.write(header("{\"shape\":(3 , ),'fortran_order':False,'descr':\"=f8\"}", 3))
    assert to_csv("h.npy") == b"h\n0\n0\n0\n"


def damage(good, seed):
    random.seed(seed)
    content = bytearray(good)
    for _ in range(random.randrange(1, 4)):
        content[random.randrange(min(len(content), 600))] = random.choice([0, 255, random.randrange(256), *b"'\"()[]{},:\\"])
    return bytes(content)


def an_archive_that_is_cut_off_anywhere_is_refused():
    """Behind the last array too, where its values are all there."""
    np.savez("whole.npz", a=np.arange(3), b=np.array([b"x", b"yy", b""]))
    whole = open("whole.npz", "rb").read()
    for nbytes in list(range(0, len(whole) - 200, 37)) + list(range(len(whole) - 200, len(whole))):
        with open("cut.npz", "wb") as file:
            file.write(whole[:nbytes])
        refuses("cut.npz", 4, "cut off")


def no_file_that_is_cut_off_or_damaged_does_harm():
    np.save("r.npy", np.array([(1, 2.5, b"x")] * 5, [("a", "i1"), ("b", ">f8"), ("s", "S3")]))
    np.savez("z.npz", **{"a": np.arange(5), "a.valid": np.arange(5) > 2})
    np.savez_compressed("y.npz", a=np.arange(5), s=np.array([b"x"] * 5))
    for name in "r.npy", "z.npz", "y.npz":
        with open(name, "rb") as file:
            good = file.read()
        step = 5 if len(good) < 300 else 17
        for content in [*(good[:n] for n in range(0, len(good), step)), *(damage(good, seed) for seed in range(60))]:
            with open("bad" + name, "wb") as file:
                file.write(content)
            done = flatload("convert", "bad" + name, "-f", "-o", "out.csv")
            assert done.returncode in OUTCOMES, (name, content, done)
            if len(content) < len(good) and name == "r.npy":
                assert done.returncode == 4, (len(content), done)
    with zipfile.ZipFile("empty.npz", "w"):
        pass
    refuses("empty.npz", 4, "")
    with zipfile.ZipFile("odd.npz", "w") as archive:
        archive.writestr("readme.txt", "x")
    refuses("odd.npz", 4, "not an array")
    out = io.BytesIO()
    np.save(out, np.arange(1000))
    for content, words in (out.getvalue()[:-1], "cut off"), (out.getvalue() + b"x", "longer"), (b"short", "cut off"):
        with zipfile.ZipFile("cut.npz", "w") as archive:
            archive.writestr("a.npy", content)
        refuses("cut.npz", 4, words)
    content = bytearray(open("z.npz", "rb").read())
    content[content.index(b"\x93NUMPY") + 130] ^= 1 # the first value: only the checksum tells
    with open("sum.npz", "wb") as file:
        file.write(content)
    refuses("sum.npz", 4, "")
    refuses("none.npy", 4, "cannot be opened")
    refuses("none.npz", 4, "")
    os.mkfifo("pipe.npy")
    refuses("pipe.npy", 4, "not a plain file")


def rewrite(change):
    """A directory of arrays whose schema.json was changed."""
    shutil.rmtree("bad", ignore_errors=True)
    shutil.copytree("good", "bad")
    with open("bad/schema.json", encoding="utf-8") as file:
        text = file.read()
    text = change(text)
    with open("bad/schema.json", "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))


def edit(**changes):
    def change(text):
        about = json.loads(text)
        for key, value in changes.items():
            if key in ("records", "schema", "fields"):
                about[key] = value
            else:
                about["fields"][1][key] = value
        return json.dumps(about)
    return change


def a_directory_that_is_damaged_is_refused():
    convert("-s", "i:i8,t:text", "-", "-o", "good/", stdin=b"i,t\n1,abc\n,de\n")
    assert to_csv("good") == b"i,t\n1,abc\n,de\n"
    rewrite(lambda text: json.dumps({"more": [{"deep": [1.5e3, True, None, "x\\u0041"]}], **json.loads(text)}, ensure_ascii=True))
    assert to_csv("bad") == b"i,t\n1,abc\n,de\n"
    with open("outside.bin", "wb") as file:
        file.write(b"secret")
    for change in [
        edit(records=3), edit(records=-1), edit(records="2"), edit(records=2**64 - 1), edit(records=2**63), edit(records=1.5),
        edit(schema="i:i8"), edit(schema="i:i8,u:text"), edit(schema="i:i16,t:text"), edit(schema="i:i8,t:str3"), edit(schema="i:x"),
        edit(schema=3), edit(fields=[]), edit(fields={}), edit(file="../outside.bin"), edit(file="/etc/passwd"), edit(file=".."),
        edit(file=""), edit(file="none.bin"), edit(offsets="t.bin"), edit(offsets=None), edit(valid="t.bin"), edit(name="x"),
        lambda text: "", lambda text: "[]", lambda text: "null", lambda text: text + "x", lambda text: text.replace('"records": 2,', ""),
        lambda text: text.replace('"records": 2', '"records": 2, "records": 2'), lambda text: text.replace("}", "", 1),
        lambda text: '{"x": ' + "[" * 100000, lambda text: text.replace('"t"', '"t'), lambda text: text.replace('"t"', '"\\u0000"'),
        lambda text: text.replace('"t"', '"\\ud800"'), lambda text: text.replace('"t"', '"\\'), lambda text: text.replace(",", ",,", 1),
        lambda text: text.encode("utf-16"),
    ]:
        rewrite(change)
        done = flatload("convert", "bad", "-o", "out.csv")
        assert done.returncode == 4 and not os.path.exists("out.csv"), (open("bad/schema.json", "rb").read()[:400], done)
    for offsets in [0, 4, 3], [0, 3, 6], [0, 2**64 - 1, 5], [2**63, 3, 5], [7, 7, 7]:
        rewrite(lambda text: text)
        np.array(offsets, "<u8").tofile("bad/t.offsets.bin")
        refuses("bad", 4, "offsets")
    rewrite(lambda text: text)
    np.array([1, 3, 4], "<u8").tofile("bad/t.offsets.bin")
    assert to_csv("bad") == b"i,t\n1,bc\n,d\n"
    for seed in range(80):
        rewrite(lambda text, seed=seed: damage(text.encode(), seed))
        done = flatload("convert", "bad", "-f", "-o", "out.csv")
        assert done.returncode in OUTCOMES, (open("bad/schema.json", "rb").read(), done)


def names_of_any_bytes_come_back():
    content = b"\xff\xfe,\xe6\x97\xa5,\"a,\"\"b\"\n1,2,3\n"
    schema = b'\xff\xfe:i8,\xe6\x97\xa5:i8,"a,""b":i8'
    with open("schema", "wb") as file:
        file.write(schema)
    convert("-s", "@schema", "-", "-o", "raw/", stdin=content)
    assert to_csv("raw") == content


def texts_longer_than_every_buffer_come_back():
    random.seed(7)
    lines = [f"{i},{'x' * random.choice([0, 1, 65536, 700000])},{'y' * random.choice([0, 9, 70000])}" for i in range(60)]
    content = ("i,t,u\n" + "\n".join(lines) + "\n").encode()
    convert("-s", "i:u8,t:text,u:text", "-", "-o", "raw/", stdin=content)
    assert to_csv("raw") == content
    convert("raw", "-o", "again/")
    assert to_csv("again") == content


def many_columns_need_few_descriptors():
    names = [f"c{i}" for i in range(1500)]
    content = "".join(",".join(map(str, row)) + "\n" for row in [names, *([k + i for i in range(1500)] for k in range(9))]).encode()
    with open("schema", "w", encoding="ascii") as file:
        file.write(",".join(name + ":u16" for name in names))
    for kind in "raw", "npz", "npy":
        convert("-s", "@schema", "-", "--to", kind, "-o", "o." + kind, stdin=content)
        assert flatload("convert", "o." + kind, "--to", "csv", "-o", "-", preexec_fn=few_descriptors).stdout == content, kind


def few_descriptors():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))


run(real_data_comes_back_byte_for_byte, random_files_come_back_byte_for_byte, each_type_of_numpy_becomes_text,
    one_array_is_called_as_its_file, a_matrix_has_columns_by_number, records_have_fields_and_gaps, names_are_those_of_any_script,
    arrays_beside_an_npz_say_what_is_null, nan_is_null_if_told, compressed_members_are_read_as_well, several_inputs_of_arrays_are_one,
    types_that_are_none_here_say_what_to_do, headers_that_are_none_are_refused, an_archive_that_is_cut_off_anywhere_is_refused, no_file_that_is_cut_off_or_damaged_does_harm,
    a_directory_that_is_damaged_is_refused, names_of_any_bytes_come_back, texts_longer_than_every_buffer_come_back,
    many_columns_need_few_descriptors)
