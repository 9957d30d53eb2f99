"""flatload check: every record that would not load, where and why."""

import json
import os
import random

from support import DATA, flatload, run

HARD = b'a,b\n1,x\n2\n"3"y,z\n4,5,6\n300,x\n7,toolong\n8,y\n,z\nz,\n9,"'


def check(*arguments, stdin=b""):
    done = flatload("check", *arguments, stdin=stdin)
    return done.returncode, done.stdout.decode().splitlines(), done.stderr.decode().splitlines()


def every_bad_record_is_listed():
    status, out, err = check("-s", "a:i8,b:str4", "-", stdin=HARD)
    assert status == 4 and err == ["flatload: 7 of 10 records would not load"], (status, err)
    assert [line.split(":")[1] for line in out] == ["3", "4", "5", "6", "7", "10", "11"], out
    assert out[3] == '<stdin>:6: record 5, field 1 "a" (byte 23): "300" is not an i8: the greatest is 127', out[3]


def without_a_schema_any_value_will_do():
    status, out, err = check("--no-detect", "-", stdin=HARD)
    assert status == 4 and [line.split(":")[1] for line in out] == ["3", "4", "5", "11"], out
    assert err == ["flatload: 4 of 10 records would not load"], err


def one_line_says_what_was_checked_when_all_is_well():
    path = os.path.join(DATA, "seattle-weather.csv")
    schema = "date:date,precipitation:f64,temp_max:f64,temp_min:f64,wind:f64,weather:str7"
    for arguments in ["-s", schema], []:
        assert check(*arguments, path)[:2] == (0, [f"1461 records of 6 fields: all load as {schema}"])
    assert check("-s", schema, "-c", "wind", path)[:2] == (0, ["1461 records of 1 field: all load as wind:f64"])
    assert check("-", stdin=b"")[0] == 0


def a_null_that_an_array_of_its_own_can_tell_is_none_to_list():
    assert check("-s", "a:i8,b:bool", "-", stdin=b"a,b\n,\n1,true\n")[0] == 0


def json_says_the_same():
    status, out, _ = check("--json", "-s", "a:i8,b:str4", "-", stdin=HARD)
    found = json.loads("\n".join(out))
    assert status == 4 and (found["records"], found["bad"], found["fields"], found["schema"]) == (10, 7, 2, "a:i8,b:str4")
    first = found["errors"][3]
    assert first == {
        "status": "FLAT_OUT_OF_RANGE", "file": "<stdin>", "line": 6, "record": 5, "byte": 23, "field": 1, "name": "a", "text": "300",
        "reason": "the greatest is 127", "message": '<stdin>:6: record 5, field 1 "a" (byte 23): "300" is not an i8: the greatest is 127'}
    assert [e["message"] for e in found["errors"]] == check("-s", "a:i8,b:str4", "-", stdin=HARD)[1]
    found = json.loads("".join(check("--json", "-", stdin=b"a\n1\n")[1]))
    assert found == {"errors": [], "records": 1, "bad": 0, "fields": 1, "schema": "a:i64"}


def what_is_listed_is_what_a_line_by_line_look_finds():
    pick = random.Random(3)
    lines = [pick.choice(["1,a", "2,b", "x,c", "4", "5,6,7", "128,d", ",e", "9,"]) for _ in range(20000)]
    bad = [i + 2 for i, line in enumerate(lines) if line.count(",") != 1 or line[0] == "x" or line.startswith("128")]
    content = ("a,b\n" + "\n".join(lines)).encode()
    for options in [], ["--buffer", "10"], ["--buffer", "1M"]:
        status, out, _ = check(*options, "-s", "a:i8,b:text", "-", stdin=content)
        assert status == 1 and [int(line.split(":")[1]) for line in out] == bad


def several_inputs_are_checked_each_under_its_name():
    for name, content in ("a.csv", b"n\n1\nx\n"), ("b.csv", b"n\n2\n3\n"), ("c.csv", b"n\n\ny"):
        with open(name, "wb") as file:
            file.write(content)
    status, out, err = check("-s", "n:i8", "a.csv", "b.csv", "c.csv")
    assert status == 1 and [line.split(": ")[0] for line in out] == ["a.csv:3", "c.csv:3"], out
    assert err == ["flatload: 2 of 5 records would not load"]


def the_file_is_named_as_it_is():
    for name in "a:2:b.csv", "x" * 240 + ".csv", "line\nbreak", b"\xff.csv":
        with open(name, "wb") as file:
            file.write(b"a,b\nx,1,1\n")
        for options in ["-s", "a:i8,b:i8"], ["--no-detect"]:
            found = json.loads("".join(check("--json", *options, "./" + os.fsdecode(name))[1]))
            assert found["errors"][0]["file"] == "./" + os.fsdecode(name), found


def errors_may_be_limited():
    status, out, err = check("--max-errors", "2", "-s", "a:i8,b:str4", "-", stdin=HARD)
    assert status == 5 and len(out) == 2 and err == ["flatload: gave up after 2 bad records (--max-errors)"], (status, out, err)
    status, out, _ = check("--max-errors", "2", "--json", "-s", "a:i8,b:str4", "-", stdin=HARD)
    assert status == 5 and len(json.loads("".join(out))["errors"]) == 2
    status, out, _ = check("--rows", "1", "-s", "a:i8,b:str4", "-", stdin=HARD)
    assert status == 0 and out == ["1 record of 2 fields: all load as a:i8,b:str4"]


def what_is_empty_has_no_records_and_maybe_fields():
    assert check("-", stdin=b"")[:2] == (0, ["no records, and no fields"])
    assert check("-s", "a:i8", "-", stdin=b"a\n")[:2] == (0, ["0 records of 1 field: all load as a:i8"])


def a_quote_that_never_closes_is_an_input_that_is_cut_off():
    for schema in (("-s", "a:i8,b:str4"), ()):
        status, out, _ = check(*schema, "-", stdin=b'a,b\n1,x\n2,"y\n')
        assert status == 4 and len(out) == 1 and "ends inside" in out[0], (status, out)


def a_field_longer_than_any_arena_is_none_to_list():
    content = b"t\n" + b"x" * 5000000 + b"\n" + b"y\n" * 100000
    assert check("-s", "t:text", "-", stdin=content)[0] == 0


def a_record_too_long_is_listed_and_passed():
    status, out, _ = check("--max-record", "100", "-s", "t:str200", "-", stdin=b"t\n" + b"x" * 100000 + b"\ny\n")
    assert status == 1 and len(out) == 1 and "max_record" in out[0]


def what_is_no_matter_of_records_has_its_own_status():
    assert check("-s", "a:i8", "none.csv")[0] == 4
    assert check("none.csv")[0] == 4
    assert check("-s", "b:i8", "-", stdin=b"a\n1\n")[0] == 2
    assert check("-s", "a:x", "-", stdin=b"a\n1\n")[0] == 2
    assert check("-s", "a:i8", "-", stdin=b'a,"b"c\n1\n')[0] == 3
    assert check("--max-errors", "0", "-")[0] == 2
    assert check("-o", "x", "-")[0] == 2
    assert check()[0] == 2


def bad_first_records_of_later_inputs_are_counted_like_others():
    for first in b"1,2,3\n", b'x"y,2\n':
        for name, content in ("p.csv", b"1,2\n3,4\n"), ("q.csv", first + b"5,6\n"):
            with open(name, "wb") as file:
                file.write(content)
        done = flatload("check", "-H", "p.csv", "q.csv")
        assert done.returncode == 1 and done.stdout.startswith(b"q.csv:1: record 1") and b"1 of 4 records" in done.stderr, done


run(bad_first_records_of_later_inputs_are_counted_like_others, every_bad_record_is_listed, without_a_schema_any_value_will_do, one_line_says_what_was_checked_when_all_is_well,
    a_null_that_an_array_of_its_own_can_tell_is_none_to_list, json_says_the_same, what_is_listed_is_what_a_line_by_line_look_finds,
    several_inputs_are_checked_each_under_its_name, the_file_is_named_as_it_is, errors_may_be_limited, what_is_empty_has_no_records_and_maybe_fields,
    a_quote_that_never_closes_is_an_input_that_is_cut_off,
    a_field_longer_than_any_arena_is_none_to_list, a_record_too_long_is_listed_and_passed, what_is_no_matter_of_records_has_its_own_status)
