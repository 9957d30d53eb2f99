"""The commands and the C program in README.md run as they stand, and do what README.md says."""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

source = pathlib.Path(os.environ.get("srcdir", "."))
readme = (source / "README.md").read_text(encoding="utf-8")
programs = re.findall(r"^```c\n(.*?)^```$", readme, re.M | re.S)


def run(name, command, expected):
    done = subprocess.run(command, capture_output=True, text=True)
    good = done.returncode == 0 and done.stdout == expected
    print(("ok" if good else "not ok"), "-", name)
    if not good:
        print("#", " ".join(command))
        for line in (done.stdout + done.stderr).splitlines():
            print("#", line)
    return good


print("1..4")
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder)
    (path / "quakes.c").write_text("\n".join(programs), encoding="utf-8")
    compiler = shlex.split(os.environ.get("CC", "cc")) + shlex.split(os.environ.get("SANITIZER_FLAGS", ""))
    built = run("the program compiles without a warning",
                compiler + ["-Wall", "-Wextra", "-Werror", f"-I{source / 'include'}", str(path / "quakes.c"), "-o",
                            str(path / "quakes"), "-L.libs", f"-Wl,-rpath,{pathlib.Path('.libs').resolve()}", "-lflatload"], "")
    ran = run("it loads a data set", [str(path / "quakes"), str(source / "tests/data/earthquakes.csv")],
              "1707 earthquakes, the strongest of magnitude 6.4\n") if built else print("not ok - it loads a data set")
    commands = [line.strip() for line in re.findall(r"^    (.*\bflatload (?:survey|convert|check|show) .*)$", readme, re.M)]
    (path / "tests").symlink_to((source / "tests").resolve())
    paths = os.pathsep.join((str(pathlib.Path(os.environ["FLATLOAD"]).resolve().parent), os.environ["PATH"]))
    failed = [line for line in commands if subprocess.run(["sh", "-c", line], cwd=path, env=os.environ | {"PATH": paths},
                                                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode]
    print("not ok" if failed or len(commands) < 7 else "ok", "- its commands run in the repository")
    for line in failed:
        print("#", line)
    (path / "ids.csv").write_text("x,id\n1,7\n2,18446744073709551616\n", encoding="utf-8")
    (path / "n").mkdir()
    done = subprocess.run([os.environ["FLATLOAD"], "convert", "-s", "x:f64,id:u64", "ids.csv", "-o", "ids.npz"], cwd=path,
                          capture_output=True, text=True)
    said = done.stderr.splitlines()[0] if done.stderr else ""
    good = done.returncode == 3 and f"    {said}\n" in readme and not (path / "ids.npz").exists()
    print("ok" if good else "not ok", "- the message it shows is the one the command prints")
    if not good:
        print("#", done.returncode, said)
sys.exit(0)
