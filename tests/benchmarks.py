"""The benchmarks still run, on sets of no size. How long they take is not looked at; of the peers none is needed."""

import csv
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree

SOURCE = os.path.abspath(os.path.join(os.environ.get("srcdir", "."), "tests", "bench"))
PROGRAMS = os.path.abspath(os.path.join("tests", "bench"))
TYPES = {"bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64", "str8", "str20", "str64", "text", "date",
         "timestamp[s]", "timestamp[ms]", "timestamp[us]", "timestamp[ns]"}
NRECORDS = 300


def run(program, *arguments):
    command = [os.path.join(PROGRAMS, program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def load(*arguments):
    return json.loads(run("load", *arguments))


def make(set_name, n=NRECORDS):
    run("data", set_name, "records", n, set_name + ".csv")
    return set_name + ".csv"


def every_set_loads_whole_by_any_number_of_threads():
    for set_name in run("data", "--list").split():
        n = 3 if set_name == "columns-100000" else NRECORDS
        path = make(set_name, n)
        sums = set()
        for options in ["-j1"], ["-j2"], ["-j3", "-T"], ["-j1", "-T"]:
            found = load("-c", "-b", *options, "@" + path + ".schema", path)
            assert (found["records"], found["bytes"]) == (n, os.path.getsize(path)), (set_name, found)
            sums.add(found["checksum"])
        assert len(sums) == 1, (set_name, sums)


def a_set_is_what_its_schema_says():
    path = make("quoted")
    with open(path, newline="", encoding="ascii") as file:
        records = list(csv.reader(file))
    with open(path + ".schema", encoding="ascii") as file:
        assert [field.split(":")[0] for field in file.read().strip().split(",")] == records[0]
    assert len(records) == NRECORDS + 1 and any("\n" in text and '"' in text for record in records for text in record)


def a_set_has_the_same_bytes_in_every_run():
    with open(make("trips"), "rb") as file:
        first = file.read()
    with open(make("trips"), "rb") as file:
        assert file.read() == first


def a_set_can_be_asked_for_by_its_bytes():
    run("data", "integers", "bytes", 5000, "integers.csv")
    assert 5000 <= os.path.getsize("integers.csv") < 5500


def any_delimiter_and_no_header_load_too():
    with open("odd.tsv", "w", encoding="ascii") as file:
        file.write("1\ta,b\t2020-01-01\n\tc\t2021-02-03\n")
    with open("even.csv", "w", encoding="ascii") as file:
        file.write('n,t,d\n1,"a,b",2020-01-01\n,c,2021-02-03\n')
    schema = "n:i8,t:text,d:date"
    one, other = load("-c", "-b", "-H", "-d", "\t", schema, "odd.tsv"), load("-c", "-b", schema, "even.csv")
    assert one["records"] == other["records"] == 2 and one["checksum"] == other["checksum"], (one, other)
    assert one["array_bytes"] == 2 * (1 + 8 + 8) + 8 + len("a,bc") + 1, one


def what_cannot_be_loaded_is_said():
    done = subprocess.run([os.path.join(PROGRAMS, "load"), "n:i8", make("integers")], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "n" in done.stderr, done


def a_value_of_every_type_is_timed():
    found = [json.loads(line) for line in run("values", "-n", 1).splitlines()]
    assert {line["type"] for line in found} == TYPES
    assert all(line["bytes"] >= 1 and line["read"] > 0 and line["write"] > 0 for line in found), found


def functions_are_compared_with_those_of_the_c_library():
    assert len(run("convert", "i64, 1 digit").splitlines()) == 2


def what_is_written_loads():
    for set_name in "floats", "prices", "integers", "mixed":
        for way in "flatload", "fprintf":
            found = json.loads(run("write", way, set_name, NRECORDS, "out.csv"))
            assert found["bytes"] == os.path.getsize("out.csv")
            assert load(run("write", "schema", set_name).strip(), "out.csv")["records"] == found["records"] == NRECORDS


def bench(*arguments):
    subprocess.run([sys.executable, os.path.join(SOURCE, "bench.py"), "--programs", PROGRAMS, "--own", "--no-install", "--size", "0.05",
                    "--rounds", "1", "--sets", "integers,quoted", "--scratch", "scratch", "--doc", "doc", *arguments], check=True,
                   capture_output=True)


def document():
    with open("doc/benchmarks.md", encoding="utf-8") as file:
        return file.read()


def section(name):
    return re.search(rf"<!-- {name} -->\n(.*)<!-- end of {name} -->", document(), re.S).group(1)


def the_script_writes_a_document_and_a_picture():
    bench()
    assert re.search(r"\| flatload \| 2 \| [0-9.]+ \|", section("load"))
    assert "| 10,000 |" in section("scale") and "| columns-100000 | 1 |" in section("scale")
    assert "| numbers-quoted | " in section("scale") and section("values").count("\n| timestamp[") == 8
    assert not section("write").strip()
    assert "flatload, 2 threads" in "".join(ElementTree.parse("doc/benchmarks.svg").getroot().itertext())


def a_section_that_is_not_run_stays():
    bench("load")
    before = section("load")
    bench("write")
    assert section("load") == before and "fprintf" in section("write")
    shutil.rmtree("doc")
    bench("--again")
    assert section("load") == before and "fprintf" in section("write")


def a_peer_that_fails_is_named_and_not_compared():
    sys.path.insert(0, SOURCE)
    from measure import Contestant, take_turns
    import report
    fine = Contestant("flatload", 1, [sys.executable, "-c", "print('{\"seconds\": 2, \"records\": 5}')"])
    results = take_turns([fine, Contestant("vroom", 2, ["sh", "-c", "echo no memory >&2; exit 3"]),
                          Contestant("pandas", 1, ["sh", "-c", "echo nonsense"])], 2, lambda text: None)
    assert results[0]["median"] == 2 and results[0]["seconds"] == [2, 2], results
    assert [result.get("failure") for result in results[1:]] == ["no memory (3)", "(no answer)"], results
    rows = report.load_table({"bytes": 1, "results": results})
    assert "| vroom | 2 | failed |" in rows and "| flatload | 1 | 2.000 |" in rows, rows


def every_script_is_one():
    for path in glob.glob(os.path.join(SOURCE, "*.py")):
        with open(path, encoding="utf-8") as file:
            compile(file.read(), path, "exec")
    if shutil.which("node"):
        subprocess.run(["node", "--check", os.path.join(SOURCE, "peer_node.cjs")], check=True)


CHECKS = [
    every_set_loads_whole_by_any_number_of_threads, a_set_is_what_its_schema_says, a_set_has_the_same_bytes_in_every_run,
    a_set_can_be_asked_for_by_its_bytes, any_delimiter_and_no_header_load_too, what_cannot_be_loaded_is_said,
    a_value_of_every_type_is_timed, functions_are_compared_with_those_of_the_c_library, what_is_written_loads,
    the_script_writes_a_document_and_a_picture, a_section_that_is_not_run_stays, a_peer_that_fails_is_named_and_not_compared,
    every_script_is_one,
]


def main():
    print(f"1..{len(CHECKS)}")
    home, failed = os.getcwd(), 0
    for number, check in enumerate(CHECKS, 1):
        with tempfile.TemporaryDirectory(prefix="flatload-check-") as directory:
            os.chdir(directory)
            try:
                check()
                outcome = "ok"
            except Exception as error: # whatever it is, it is a failed check
                outcome, failed = "not ok", failed + 1
                said = repr(error) + str(getattr(error, "stderr", None) or "")
                print("# " + said.replace("\n", "\n# ")[:2000])
            os.chdir(home)
        print(f"{outcome} {number} - {check.__name__.replace('_', ' ')}", flush=True)
    sys.exit(failed > 0)


main()
