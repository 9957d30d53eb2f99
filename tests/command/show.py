"""flatload show: all records as Python's csv module reads them, and the first ones as a table."""

import csv
import io
import json
import os
import random
import re
import subprocess

from support import DATA, FLATLOAD, flatload, open_terminal, run


def show(*arguments, stdin=b""):
    """Runs flatload show --json, which must succeed in silence; gives the records."""
    done = flatload("show", "--json", *arguments, stdin=stdin)
    assert done.returncode == 0 and not done.stderr, (done.returncode, done.stderr)
    return [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]


def python(content, delimiter=",", quotechar='"'):
    """Python has records of no fields for blank lines; here those are none."""
    text = content.decode(errors="surrogateescape").removeprefix("\ufeff")
    quoting = csv.QUOTE_MINIMAL if quotechar else csv.QUOTE_NONE
    return [r for r in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quotechar, quoting=quoting, strict=True) if r]


def real_files_are_shown_as_python_reads_them():
    for name in sorted(os.listdir(DATA)):
        if not name.endswith((".csv", ".txt")):
            continue
        path, delimiter = os.path.join(DATA, name), ";" if name == "UnicodeData.txt" else ","
        with open(path, "rb") as file:
            content = file.read()
        assert show("-d", delimiter, path) == python(content, delimiter), name
        assert show("-d", delimiter, "--buffer", "100", "-", stdin=content) == python(content, delimiter), name


def quotes_are_read_as_python_reads_them():
    for content in [
        b'a,"b",c\n', b'"a ""b""",c\n', b'"",""\n', b'"a\nb","c\r\nd"\n', b"a,b", b'"a","b"', b"a,b\r\nc,d\r\n", b",\n,\n", b"a,\n,b\n",
        b"\n\na,b\n\nc,d\n\n", b'""\n', b'"a,b"\n', b" a , b \n", b'" a ",b\n', b"\xef\xbb\xbfa,b\n", b'\xef\xbb\xbf"a",b\n',
        b"a\xffb,\xc3\xa9,\xc3\n", b"a\0b,c\n", b"a\\b,\x01\x7f\n", b"a\n\xef\xbb\xbf1,2\n", b"", b"\n", b'"a"\n"""b"""\n',
        b"\xed\xa0\x80,\xf4\x90\x80\x80,\xc0\xaf\n", "日本,🙂\n".encode(),
    ]:
        assert show("-", stdin=content) == python(content), content


def other_dialects_are_read_as_python_reads_them():
    assert show("-d", ";", "-q", "'", "-", stdin=b"'a;''b''';c\"\n") == [["a;'b'", 'c"']]
    assert show("-d", "\\t", "-q", "none", "-", stdin=b'"a\tb"\n') == [['"a', 'b"']]
    assert show("--trim", "-", stdin=b' a , "b " \n') == [["a", "b "]]
    with open("x.tsv", "wb") as file:
        file.write(b"a,b\tc\n")
    assert show("x.tsv") == [["a,b", "c"]]


def programs_get_no_guesses():
    assert show("-", stdin=b"1;2\n3;4\n") == [["1;2"], ["3;4"]]
    assert show("-", stdin=b"x,,x\n1,2,3\n") == [["x", "", "x"], ["1", "2", "3"]]
    assert show("-H", "-", stdin=b"1,2\n") == show("--by-position", "-", stdin=b"1,2\n") == [["1", "2"]]


def ragged_records_are_shown_as_they_are():
    content = b'a,b\n1\n1,2,3\n"x\ny","",,""\n\n\xef\xbb\xbf\n1,2\n""\n'
    assert show("-", stdin=content) == python(content)
    pick = random.Random(7)
    for delimiter in ",;|":
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        for _ in range(3000):
            writer.writerow([pick.choice(["", "a", "b;c", 'd"e', "f\ng", "h,i|", "\ufeff", "é"]) for _ in range(pick.choice([1, 2, 3, 3, 3, 50]))])
        content = out.getvalue().encode()
        for options in [], ["--buffer", "7"]:
            assert show(*options, "-d", delimiter, "-", stdin=content) == python(content, delimiter)


def random_bytes_are_read_as_python_reads_them_or_not_at_all():
    pick = random.Random(8)
    read = 0
    for _ in range(400):
        content = bytes(pick.choice(b'ab,,"\n\n\xff\xc3\xa9') for _ in range(pick.randint(0, 24)))
        done = flatload("show", "--json", "-", stdin=content)
        if done.returncode == 0:
            records = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
            assert records == python(content), content
            read += 1
        else:
            assert done.returncode in (3, 4) and b"<stdin>:" in done.stderr, (content, done.stderr)
    assert read > 100, read


def rows_are_counted_as_records_with_the_header():
    content = b"".join(b"%d,x\n" % i for i in range(100000))
    assert show("--rows", "3", "-", stdin=content) == [[str(i), "x"] for i in range(3)]
    assert show("--rows", "0", "-", stdin=content) == []
    assert len(show("-", stdin=content)) == 100000


def long_fields_and_many_of_them_are_whole():
    content = b"a,b\n" + b"x" * 3000000 + b",y\n" + b"z" * 100 + b"\n"
    assert show("-", stdin=content) == python_of_long(content)
    wide = (",".join(map(str, range(100000))) + "\n").encode()
    assert show("-", stdin=b"a\n" + wide + b"b\n" + wide) == [["a"], [str(i) for i in range(100000)], ["b"], [str(i) for i in range(100000)]]


def python_of_long(content):
    return [line.split(",") for line in content.decode().splitlines()]


def records_before_a_bad_one_are_shown():
    done = flatload("show", "--json", "-", stdin=b'a,b\n1,2\n3,x"y\n')
    assert done.returncode == 3 and done.stdout == b'["a","b"]\n["1","2"]\n' and b'<stdin>:3: record 3, field 2' in done.stderr, done
    done = flatload("show", "--json", "-", stdin=b'a,b\n1,"2\n')
    assert done.returncode == 4 and done.stdout == b'["a","b"]\n', done
    done = flatload("show", "-", stdin=b'a,b\n1,2\n3,x"y\n')
    assert done.returncode == 3 and done.stdout.splitlines()[-1].split() == [b"1", b"2"], done
    done = flatload("show", "--json", "-", stdin=b'a,b\n"1\n",2\n\n"3\n",4,"x\ny","z"w\n')
    assert done.returncode == 3 and b'<stdin>:7: record 3, field 4 (byte 28): something follows a closing quote' in done.stderr, done
    assert flatload("show", "none.csv").returncode == 4
    assert flatload("show", "a.csv", "b.csv").returncode == 2
    assert flatload("show", "-s", "a:i8", "-").returncode == 2


def a_table_has_names_types_and_the_first_records():
    content = "id,name,long\n" + "".join(f"{i},n{i},{'x' * 100}\n" for i in range(1, 30))
    done = flatload("show", "-", stdin=content.encode())
    lines = done.stdout.decode().splitlines()
    assert lines[0].split() == ["id", "name", "long"] and lines[1].split() == ["i64", "str3", "str100"] and len(lines) == 12
    assert lines[2] == "  1  n1    " + "x" * 37 + "...", lines[2]
    assert lines[11].split()[0] == "10" and b"first records" not in done.stderr
    done = flatload("show", "-", stdin=content.encode() + b"0,y,z\n" * 100)
    assert b"first records, 99 of them" in done.stderr
    assert b"first records, 1 of them" in flatload("show", "-", stdin=b"a,b\n1,2\n3\n").stderr
    lines = flatload("show", "-d", ";", "--rows", "2", "-", stdin=b"a;b\n1;\"x\ny\"\n2\n3;4;5\n").stdout.decode().splitlines()
    assert lines == ["  a  b", "i64  str3", "  1  x\\ny", "  2"], lines
    lines = flatload("show", "-H", "-", stdin="é,日本\n1,\udcff\n".encode(errors="surrogateescape")).stdout.decode().splitlines()
    assert lines == ["c0    c1", "str2  str6", "é     日本", "1     \\xff"], lines


def the_width_of_the_terminal_is_respected():
    names = [f"field{i}" for i in range(40)]
    with open("in.csv", "w", encoding="utf-8") as file:
        file.write(",".join(names) + "\n" + ",".join("é日" * 9 for _ in names) + "\n" + "x" * 500 + "\n")
    here, there = open_terminal()
    subprocess.run(["stty", "cols", "70"], stdin=there, check=True)
    with subprocess.Popen([FLATLOAD, "show", "in.csv"], stdout=there, stderr=subprocess.DEVNULL) as process:
        os.close(there)
        out = b""
        try:
            while chunk := os.read(here, 65536):
                out += chunk
        except OSError: # the end, as Linux says it
            pass
    os.close(here)
    lines = out.decode().replace("\r\n", "\n").splitlines()
    assert re.fullmatch(r"\.\.\. and \d+ more fields", lines[-1]), lines
    for line in lines:
        assert sum(2 if c == "日" else 1 for c in line) <= 70, line


run(real_files_are_shown_as_python_reads_them, quotes_are_read_as_python_reads_them, other_dialects_are_read_as_python_reads_them,
    programs_get_no_guesses, ragged_records_are_shown_as_they_are, random_bytes_are_read_as_python_reads_them_or_not_at_all,
    rows_are_counted_as_records_with_the_header, long_fields_and_many_of_them_are_whole, records_before_a_bad_one_are_shown,
    a_table_has_names_types_and_the_first_records, the_width_of_the_terminal_is_respected)
