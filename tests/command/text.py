"""What comes out as text is what Python's csv module reads, in any dialect."""

import csv
import io
import os
import random
import subprocess

from support import DATA, FLATLOAD, convert, flatload, run

CONTENT = b'x,s,i\n1.50,"a,b",3\nnan,,\n,"q""q",4\n-0.0,"two\nlines",5\n1e400,"a;b\ttab",6\n'
ROWS = [["x", "s", "i"], ["1.5", "a,b", "3"], ["nan", "", ""], ["", 'q"q', "4"], ["-0", "two\nlines", "5"],
        ["inf", "a;b\ttab", "6"]]
SCHEMA = ["-s", "x:f64,s:text,i:i8"]


def read(text, **dialect):
    return list(csv.reader(io.StringIO(text.decode(), newline=""), **dialect))


def to_csv(*options, content=CONTENT, schema=None):
    return convert(*(schema or SCHEMA), *options, "-", "--to", "csv", "-o", "-", stdin=content)


def numbers_are_written_shortest_and_nulls_as_nothing():
    assert read(to_csv()) == ROWS
    assert to_csv() == b'x,s,i\n1.5,"a,b",3\nnan,,\n,"q""q",4\n-0,"two\nlines",5\ninf,a;b\ttab,6\n'


def canonical_text_stays_as_it_is():
    assert to_csv(content=to_csv()) == to_csv()


def another_delimiter_quotes_other_fields():
    for delimiter in ";", "|", "\t", "\x01":
        text = to_csv("--out-delimiter", delimiter)
        assert read(text, delimiter=delimiter) == ROWS
        assert to_csv("-d", delimiter, content=text) == to_csv()
    assert b'a,b' in to_csv("--out-delimiter", ";") and b'"a;b' in to_csv("--out-delimiter", ";")


def the_ending_chooses_the_delimiter():
    convert(*SCHEMA, "-", "-o", "b.tsv", stdin=CONTENT)
    convert(*SCHEMA, "b.tsv", "-o", "b.csv")
    with open("b.tsv", "rb") as tsv, open("b.csv", "rb") as comma:
        text = tsv.read()
        assert read(text, delimiter="\t") == ROWS and comma.read() == to_csv()
    assert convert(*SCHEMA, "-", "--to", "tsv", "-o", "-", stdin=CONTENT) == text


def another_quote_is_doubled_in_its_place():
    text = to_csv("--out-quote", "'", content=b"x,s,i\n1,it's,2\n")
    assert text == b"x,s,i\n1,'it''s',2\n" and read(text, quotechar="'")[1] == ["1", "it's", "2"]


def quotes_are_always_there_but_for_nulls():
    text = to_csv("--out-quoting", "always")
    assert read(text) == ROWS and b'\n"nan","",\n,"q' in text
    assert all(line.startswith(b'"') for line in text.splitlines() if line and not line.startswith((b",", b"lines")))


def quotes_are_never_there_or_it_fails():
    for option in ["--out-quoting", "never"], ["--out-quote", "none"]:
        assert to_csv(*option, content=b"x,s,i\n1,a b,2\n") == b"x,s,i\n1,a b,2\n"
        done = flatload("convert", *SCHEMA, *option, "-", "-o", "out.csv", stdin=CONTENT)
        assert done.returncode == 3 and b'record 1, field 2 "s": "a,b"' in done.stderr and b"--out-delimiter" in done.stderr, done
    done = flatload("convert", "-s", '"a,b":i8', "-", "-H", "--out-quoting", "never", "-o", "out.csv", stdin=b"1\n")
    assert done.returncode == 2, done
    assert os.listdir(".") == []


def lines_end_in_two_bytes_if_told():
    text = to_csv("--crlf")
    assert text == to_csv().replace(b"two\nlines", b"two!lines").replace(b"\n", b"\r\n").replace(b"two!lines", b"two\nlines")
    assert read(text) == ROWS and to_csv(content=text) == to_csv()


def a_header_is_left_out_or_added():
    body = to_csv("--out-no-header")
    assert b"x,s,i\n" + body == to_csv()
    assert to_csv("-H", content=body) == to_csv()
    assert to_csv(content=b"") == b"x,s,i\n" and to_csv("--out-no-header", content=b"") == b""


def columns_come_in_the_order_asked_for():
    assert read(to_csv("-c", "i,x")) == [[row[2], row[0]] for row in ROWS]
    assert read(to_csv("-c", "i", "--rows", "2")) == [["i"], ["3"], [""]]


def a_null_is_spelled_as_told():
    schema = ["-s", "x:f64,s:str3,i:i8"]
    content = b"x,s,i\nNA,NA,NA\n1,,2\n,x,3\n"
    assert to_csv("--null", "NA", content=content, schema=schema) == b"x,s,i\nNA,NA,NA\n1,,2\nNA,x,3\n"
    assert to_csv("--null", "NA", "--out-null", "-", content=content, schema=schema) == b"x,s,i\n-,-,-\n1,,2\n-,x,3\n"
    assert to_csv("--null", "NA", "--out-null", "", content=content, schema=schema) == b'x,s,i\n,,\n1,"",2\n,x,3\n'
    assert to_csv("--null", "", "--out-null", "NULL", content=b'x,s,i\n,,\n1,"",2\n') == b"x,s,i\nNULL,NULL,NULL\n1,,2\n"
    assert to_csv("--null", "s=-", content=b"x,s,i\n,-,\n") == b"x,s,i\n,-,\n"
    # A string spelled like a null is told from one by its quotes.
    assert to_csv("--out-null", "NA", content=b"x,s,i\n,NA,\n", schema=schema) == b'x,s,i\nNA,"NA",NA\n'


def a_null_that_reads_back_as_something_else_is_an_error():
    done = flatload("convert", *SCHEMA, "--null", "1", "--out-null", "7", "-", "-o", "out.csv", stdin=b"x,s,i\n1,a,2\n3,b,7\n")
    assert done.returncode == 3 and b'record 2, field 3 "i"' in done.stderr and b"--out-null" in done.stderr, done
    assert os.listdir(".") == []


def digits_after_the_point_are_those_of_the_schema():
    assert to_csv(content=b"a,b\n1,0.125\n-2.5,nan\n,1e20\n", schema=["-s", "a:f64[.2],b:f32[.0]"]) == (
        b"a,b\n1.00,0\n-2.50,nan\n,100000002004087734272\n")


def only_text_takes_the_options_of_text():
    for option in ["--crlf"], ["--out-no-header"], ["--out-null", "x"], ["--out-quote", "x"], ["--out-quoting", "needed"], [
            "--out-delimiter", ";"]:
        done = flatload("convert", *SCHEMA, *option, "-", "--to", "raw", "-o", "out", stdin=CONTENT)
        assert done.returncode == 2 and b"only csv and tsv have it" in done.stderr, done


def a_text_longer_than_every_buffer_is_whole():
    random.seed(5)
    rows = [[str(i), random.choice(["x", '"', "\n"]) * random.choice([0, 1, 65535, 300000])] for i in range(40)]
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["i", "t"], *rows])
    csv.field_size_limit(1 << 30)
    assert read(to_csv(content=out.getvalue().encode(), schema=["-s", "i:u8,t:text"])) == [["i", "t"], *rows]


def random_texts_in_random_dialects_read_back():
    for seed in range(60):
        random.seed(seed)
        n, width = random.choice([0, 1, 7, 3000]), random.randrange(1, 6)
        alphabet = random.choice(["ab", 'a",\n\r', " \t;|'x", "é日\"\n,"])
        rows = [["".join(random.choice(alphabet) for _ in range(random.randrange(8))) for _ in range(width)] for _ in range(n)]
        names = [f"f{i}" for i in range(width)]
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([names, *rows])
        delimiter, quote, always = random.choice(",;|\t"), random.choice("\"'"), random.random() < .5
        text = to_csv("--out-delimiter", delimiter, "--out-quote", quote, "--out-quoting", "always" if always else "needed",
                      *(["--crlf"] if random.random() < .5 else []), content=out.getvalue().encode(),
                      schema=["-s", ",".join(name + ":text" for name in names)])
        assert read(text, delimiter=delimiter, quotechar=quote) == [names, *rows], seed


def a_pipe_that_closes_is_an_error():
    with open("in.csv", "wb") as file:
        file.write(b"x,s,i\n" + b"1.5,abc,2\n" * 200000)
    command = [FLATLOAD, "convert", *SCHEMA, "in.csv", "--to", "csv", "-o", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.read(100)
        process.stdout.close()
        words = process.stderr.read()
        assert process.wait() == 4 and b"Broken pipe" in words, words


def a_full_output_says_how_many_records_were_written():
    done = subprocess.run(["sh", "-c", 'ulimit -f 1000; exec "$@"', "sh", FLATLOAD, "convert", *SCHEMA, "-", "-o", "out.csv"],
                          input=b"x,s,i\n" + b"1.5,abc,2\n" * 2000000, capture_output=True, check=False)
    assert done.returncode == 4 and b"File too large" in done.stderr and b"behind record " in done.stderr, done
    number = int(done.stderr.split(b"behind record ")[1].split(b";")[0])
    assert 51000 <= number <= 102401, number
    assert os.listdir(".") == []


def real_data_keeps_its_values():
    path = os.path.join(DATA, "seattle-weather.csv")
    with open(path, "rb") as file:
        content = file.read()
    names = content.split(b"\n")[0].decode().strip().split(",")
    text = to_csv(content=content, schema=["-s", ",".join(name + ":text" for name in names)])
    assert read(text) == read(content)


run(numbers_are_written_shortest_and_nulls_as_nothing, canonical_text_stays_as_it_is, another_delimiter_quotes_other_fields,
    the_ending_chooses_the_delimiter, another_quote_is_doubled_in_its_place, quotes_are_always_there_but_for_nulls,
    quotes_are_never_there_or_it_fails, lines_end_in_two_bytes_if_told, a_header_is_left_out_or_added,
    columns_come_in_the_order_asked_for, a_null_is_spelled_as_told, a_null_that_reads_back_as_something_else_is_an_error,
    digits_after_the_point_are_those_of_the_schema, only_text_takes_the_options_of_text, a_text_longer_than_every_buffer_is_whole,
    random_texts_in_random_dialects_read_back, a_pipe_that_closes_is_an_error, a_full_output_says_how_many_records_were_written,
    real_data_keeps_its_values)
