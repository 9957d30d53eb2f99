"""Turns what bench.py found into tables of doc/benchmarks.md, each section between two marks, and the loads into a picture."""

import html
import os
import re

DOCUMENT, PICTURE = "benchmarks.md", "benchmarks.svg"
FIVE = "DuckDB", "Polars", "fread", "vroom", "pandas"
LOOP, FLOORS = "getline + std::from_chars", ("floor, small pages", "floor, huge pages")
LABELS = {
    "records": "a float, a name, an id", "integers": "10 integers", "floats": "8 floats of 17 digits",
    "decimals": "8 short decimals", "trips": "13 fields of taxi trips", "quoted": "text in quotes", "columns-1000": "1,000 columns",
}
TEMPLATE = """# Benchmarks

How fast flatload loads and writes, beside what people use instead: all on one machine, in one run, in turn. The tables below
are written by

    make bench          # loads, scaling, values: installs the peers (Debian, npm), about ten minutes
    make bench-write    # writing

and smaller by `make bench BENCH='--size 20 --rounds 2'`; `BENCH=--help` names all options. Seconds are those of the load itself,
without the start of an interpreter, and the median of the rounds; files are in the page cache. Other work on a
machine slows all alike: compare the quotients.

"""
SECTIONS = "load", "scale", "values", "write"


def megabytes(n):
    return f"{n / 1e6:,.0f}"


def seconds(value):
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def table(head, rows):
    """The first column to the left, the others to the right."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines) + "\n"


def fine(found):
    return [result for result in found["results"] if "failure" not in result and result["median"]]


def median_of(found, name, threads):
    return next((result["median"] for result in fine(found) if (result["name"], result["threads"]) == (name, threads)), None)


def quotient(value, by, suffix=""):
    return f"{value / by:.2f}{suffix}" if value and by else ""


def is_one_of_five(name):
    return name.split(",")[0] in FIVE


def fastest(found, threads):
    """Of the five: its name and time; those that know one thread alone count among two as well."""
    rivals = [(result["median"], result["name"].split(",")[0]) for result in fine(found) if is_one_of_five(result["name"])
              and (result["threads"] == threads or (threads == 2 and result["name"] == "pandas"))]
    return min(rivals, default=(None, ""))


def about_run(about):
    versions = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [f"{about['date']}; {about['machine']}; sets of {about['size']:g} MB, {about['rounds']} rounds; "
             f"{about['minutes']:g} minutes."]
    if versions:
        lines.append(f"{versions}.")
    if about["missing"]:
        lines.append("Not there, not compared: " + "; ".join(about["missing"]) + ".")
    return " ".join(lines) + "\n"


def both(found):
    return [median_of(found, "flatload", threads) for threads in (1, 2)]


def beside_others(results):
    rows = []
    for set_name, found in results.items():
        row, ours = [LABELS.get(set_name, set_name)], both(found)
        row += [megabytes(found["bytes"] / time) for time in ours]
        for threads, time in enumerate(ours, 1):
            rival, name = fastest(found, threads)
            row.append(f"{quotient(rival, time)} {name}".strip())
        rows.append(row + [quotient(median_of(found, LOOP, 1), time) for time in ours])
    return table(["set", "flatload MB/s, 1 thread", "2 threads", "fastest of the five, 1 thread", "2 threads", "loop by hand / 1 thread",
                  "/ 2 threads"], rows)


def beside_the_machine(results):
    rows = []
    for set_name, found in results.items():
        one, two = both(found)
        floors = [median_of(found, name, 1) for name in FLOORS]
        rows.append([LABELS.get(set_name, set_name), quotient(one, two)] + [quotient(time, floor) for floor in floors for time in (one, two)])
    return table(["set", "1 thread / 2 threads", "1 thread / floor, small pages", "2 threads / floor", "1 thread / floor, huge pages",
                  "2 threads / floor"], rows)


def load_table(found):
    (one, two), rows = both(found), []
    for result in sorted(fine(found), key=lambda result: result["median"]):
        time = result["median"]
        rows.append([result["name"], result["threads"], seconds(time), seconds(min(result["seconds"])),
                     megabytes(found["bytes"] / time), quotient(time, one), quotient(time, two), megabytes(result["peak_bytes"])])
    for result in found["results"]:
        if "failure" in result:
            rows.append([result["name"], result["threads"], "failed", "", "", "", "", ""])
    return table(["loader", "threads", "s", "best s", "MB/s", "/ flatload, 1 thread", "/ flatload, 2 threads", "peak MB"], rows)


def load_section(found):
    parts = ["## Loading\n", about_run(found["about"]), """\
The five are DuckDB (into a table in memory), Polars, data.table's fread, vroom and pandas, each told the types. The loop by hand is
getline() and std::from_chars() into arrays, by one thread. How many times as long as flatload they take; the five
with as many threads:
""", beside_others(found["results"]), """\
The floor reads the file, finds its delimiters by vectors, and touches as much memory as the arrays take; it converts nothing. Its pages are those
that the system gives unasked, or huge ones, as flatload and the loops have them here. flatload's time, divided by others:
""", beside_the_machine(found["results"])]
    parts.append(f"![megabytes of text a second]({PICTURE})\n")
    for set_name, one in found["results"].items():
        parts.append(f"### {LABELS.get(set_name, set_name)}\n\nSet `{set_name}`: {megabytes(one['bytes'])} MB of text, "
                     f"{one['records']:,} records, {megabytes(one['array_bytes'])} MB of arrays.\n\n" + load_table(one))
    return "\n".join(parts)


def of(results, name, threads):
    return next(result for result in results if (result["name"], result["threads"]) == (name, threads))


def speed(result):
    return result["bytes"] / result["median"]


def memory_beyond(results, threads):
    """Peak, less the arrays, in MiB: the program itself is in it."""
    result = of(results, "fresh", threads)
    return f"{(result['peak_bytes'] - result['array_bytes']) / (1 << 20):.1f}"


def scale_rows(group, first=None):
    for name, results in group.items():
        one, two = (of(results, "touched", threads) for threads in (1, 2))
        base = [of(group[first], "touched", threads) for threads in (1, 2)] if first else [None, None]
        yield name, results, one, two, base


def scale_table(group, head, first):
    rows = [[name, f"{one['records']:,}", megabytes(one["bytes"]), megabytes(speed(one)), quotient(speed(one), speed(base[0])),
             megabytes(speed(two)), quotient(speed(two), speed(base[1])), memory_beyond(results, 1), memory_beyond(results, 2)]
            for name, results, one, two, base in scale_rows(group, first)]
    return table([head, "records", "MB", "MB/s, 1 thread", f"/ {first}", "2 threads", f"/ {first}", "MiB beyond arrays, 1 thread",
                  "2 threads"], rows)


def records_table(group):
    rows = [[f"{one['records']:,}", megabytes(one["bytes"]), f"{one['median'] * 1e9 / one['records']:.1f}",
             f"{two['median'] * 1e9 / two['records']:.1f}", memory_beyond(results, 1), memory_beyond(results, 2)]
            for _, results, one, two, _ in scale_rows(group)]
    return table(["records", "MB", "ns a record, 1 thread", "2 threads", "MiB beyond arrays, 1 thread", "2 threads"], rows)


def threads_table(group):
    rows = []
    for name, results in group.items():
        row = [LABELS.get(name, name)]
        for kind in "touched", "fresh":
            one, two = (of(results, kind, threads) for threads in (1, 2))
            row += [seconds(one["median"]), seconds(two["median"]), quotient(one["median"], two["median"])]
        one, two = (of(results, "touched", threads)["cpu_median"] for threads in (1, 2))
        rows.append(row + [quotient(2 * one, two), memory_beyond(results, 1), memory_beyond(results, 2)])
    return table(["set", "touched arrays: s, 1 thread", "2 threads", "1 / 2", "fresh arrays: s, 1 thread", "2 threads", "1 / 2",
                  "1 / 2 by processor time", "MiB beyond arrays, 1 thread", "2 threads"], rows)


def scale_section(found):
    results = found["results"]
    return "\n".join([
        "## Scaling\n", about_run(found["about"]),
        "Into arrays that were touched beforehand, as the first touch of memory is the noisiest part of a load; memory is the peak\n"
        "of another run, into fresh arrays, less these: buffers, and the program itself.\n",
        "**Columns**: the same values in longer and longer lines.\n", scale_table(results["columns"], "set", "columns-10"),
        "**Quotes**: the same text without and with them.\n", scale_table(results["quotes"], "set", "text-plain"),
        "And numbers and times: a byte in five is a quote.\n", scale_table(results["quoted numbers"], "set", "numbers-plain"),
        "**Records** of the set `records`.\n", records_table(results["records"]),
        "**Threads.** By processor time: what two threads would gain on two processors of their own.\n",
        threads_table(results["threads"])])


def values_section(found):
    variants = list(found["results"])
    head = ["type", "text", "bytes"] + [f"read, {variant}" for variant in variants] + ["find", "convert", "write"]
    rows = []
    for line in zip(*found["results"].values()):
        best = line[0]
        rows.append([best["type"], best["text"], f"{best['bytes']:.1f}", *(f"{one['read']:.1f}" for one in line),
                     f"{best['find']:.1f}", f"{best['convert']:.1f}", f"{best['write']:.1f}"])
    about = found["about"]
    return "\n".join([
        "## Values\n", f"{about['date']}; {about['machine']}.\n",
        "Nanoseconds a value, in a file of one column, in cache, for each variant (`FLATLOAD_CPU`). Of those to read: to *find* the\n"
        f"value and to *convert* it, with {variants[0]}. `tests/bench/convert` compares single functions with the C library's.\n",
        table(head, rows)])


def write_section(found):
    parts = ["## Writing\n", about_run(found["about"]),
             "From arrays in memory to a file, with the fewest digits that read back to the same value (fprintf: 17).\n"]
    for set_name, one in found["results"].items():
        ours = median_of(one, "flatload", 1)
        rows = [[result["name"], result["threads"], seconds(result["median"]), megabytes(result["bytes"]),
                 megabytes(result["bytes"] / result["median"]), quotient(result["median"], ours)]
                for result in sorted(fine(one), key=lambda result: result["median"])]
        rows += [[result["name"], result["threads"], "failed", "", "", ""] for result in one["results"] if "failure" in result]
        parts.append(f"### {set_name}, {one['records']:,} records\n\n"
                     + table(["writer", "threads", "s", "MB", "MB/s", "/ flatload"], rows))
    return "\n".join(parts)


BARS = [ # name, threads, label, class
    ("flatload", 2, "flatload, 2 threads", "own"), ("flatload", 1, "flatload, 1 thread", "own light"),
    (LOOP, 1, "getline + from_chars", "peer"), ("DuckDB", 2, "DuckDB, 2 threads", "peer"), ("Polars", 2, "Polars, 2 threads", "peer"),
    ("fread", 2, "data.table, 2 threads", "peer"), ("vroom", 2, "vroom, 2 threads", "peer"), ("pandas", 1, "pandas", "peer"),
]
STYLE = """
text { font: 11px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 15px; font-weight: 600; } .set { font-size: 12px; font-weight: 600; } .note { fill: #57606a; }
.own { fill: #0969da; } .light { fill: #54aeff; } .peer { fill: #afb8c1; }
@media (prefers-color-scheme: dark) {
 text { fill: #e6edf3; } .note { fill: #9198a1; } .own { fill: #4493f8; } .light { fill: #1f5fb8; } .peer { fill: #59636e; }
}
"""
WIDTH, LABEL, BAR, PANEL_GAP = 880, 150, 14, 22


def bars_of(found):
    """What has a time, in MB/s; of Polars the faster of its two ways."""
    bars = []
    for name, threads, label, kind in BARS:
        times = [result["median"] for result in fine(found)
                 if result["name"].split(", instants")[0] == name and result["threads"] == threads]
        if times:
            bars.append((label, kind, found["bytes"] / min(times) / 1e6))
    return bars


def panel(set_name, found, left, top, width, most):
    room = width - LABEL - 60
    lines = [f'<text class="set" x="{left}" y="{top + 12}">{html.escape(LABELS.get(set_name, set_name))}</text>']
    y = top + 18
    for label, kind, value in bars_of(found):
        length = max(1, room * value / most)
        lines.append(f'<text x="{left + LABEL - 6}" y="{y + 10}" text-anchor="end">{html.escape(label)}</text>')
        lines.append(f'<rect class="{kind}" x="{left + LABEL}" y="{y + 1}" width="{length:.1f}" height="{BAR - 3}" rx="2"/>')
        lines.append(f'<text class="note" x="{left + LABEL + length + 5:.1f}" y="{y + 10}">{value:,.0f}</text>')
        y += BAR
    return lines, y - top


def picture(found):
    """Two panels in a row, all with one scale."""
    results = found["results"]
    most = max(value for one in results.values() for _, _, value in bars_of(one))
    width = (WIDTH - 20) / 2
    lines, y, row_height = [], 56, 0
    for number, (set_name, one) in enumerate(results.items()):
        some, height = panel(set_name, one, number % 2 * (width + 20), y, width, most)
        lines += some
        row_height = max(row_height, height)
        if number % 2 or number + 1 == len(results):
            y, row_height = y + row_height + PANEL_GAP, 0
    head = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
            'aria-label="Megabytes of text loaded a second, by flatload and others">', f"<style>{STYLE}</style>",
            '<text class="title" x="0" y="16">Megabytes of text loaded into typed arrays, a second</text>',
            f'<text class="note" x="0" y="34">Medians of one run, {html.escape(found["about"]["date"])}, '
            f'{html.escape(found["about"]["machine"])}. Longer is better.</text>']
    return "\n".join([*head, *lines, "</svg>"]) + "\n"


def read(path):
    if not os.path.exists(path):
        return TEMPLATE + "\n".join(f"<!-- {section} -->\n<!-- end of {section} -->\n" for section in SECTIONS)
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(directory, section, found):
    """Replaces what stands between the marks of the section."""
    made = {"load": load_section, "scale": scale_section, "values": values_section, "write": write_section}[section](found)
    os.makedirs(directory, exist_ok=True)
    path = os.path.join(directory, DOCUMENT)
    pattern = re.compile(rf"(<!-- {section} -->\n).*?(<!-- end of {section} -->)", re.S)
    text = pattern.sub(lambda match: match.group(1) + "\n" + made.strip() + "\n\n" + match.group(2), read(path))
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    if section == "load":
        with open(os.path.join(directory, PICTURE), "w", encoding="utf-8") as file:
            file.write(picture(found))
