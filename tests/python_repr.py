"""Floats are written with the digits that Python's repr() has: the fewest that read back, and of those the nearest.

FLATLOAD_TEST_COUNT replaces the number of random doubles, FLATLOAD_TEST_MOST limits it.
"""

import math
import os
import random
import struct
import subprocess

PROGRAM = os.path.join("tests", "float_lines")
COUNT = min(int(os.environ.get("FLATLOAD_TEST_COUNT", "200000")), int(os.environ.get("FLATLOAD_TEST_MOST", "200000000")))


def lines_of(kind, values):
    """What the writer makes of the values."""
    code = "d" if kind == "f64" else "f"
    data = struct.pack(f"={len(values)}{code}", *values)
    done = subprocess.run([PROGRAM, kind], input=data, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("ascii").splitlines()


def bits_to_double(bits):
    return struct.unpack("=d", struct.pack("=Q", bits))[0]


def bits_to_float(bits):
    return struct.unpack("=f", struct.pack("=I", bits))[0]


def spelled(value):
    """repr(), without the point that it puts behind whole numbers."""
    text = repr(value)
    return text[:-2] if text.endswith(".0") else text


def neighbours(value):
    """The value, the doubles below and above it, and all of them negative."""
    bits = struct.unpack("=Q", struct.pack("=d", value))[0]
    near = [bits_to_double(b) for b in (bits - 1, bits, bits + 1) if 0 <= b < 0x7FF0 << 48]
    return near + [-x for x in near]


def hard_doubles():
    """Limits, powers, where the exponent starts, halfway cases, and values known to have broken other printers."""
    known = [
        0.0, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, 1.7976931348623157e308, 9007199254740993.0,
        9.5e-3, 5e-5, 1e-4, 1e-5, 1e15, 1e16, 1e17, 1e21, 1e22, 1e23, 9.999999999999999e22, 4.35, 2.675, 0.1, 1 / 3,
        123456789012345680.0, 9.109e-31, 6.02214076e23, 1.2345678901234567, 2.0**-1074, 5.764607523034235e39,
        1.152921504606847e40, 2.305843009213694e40, 4.4501477170144023e-308, 7.2057594037927933e16, 1.8531501765868567e21,
        3.347727380279489e33, 1.9430376160308388e16, 6.9741824662760956e19, 4.3816050601147837e18, 2.0919495182368195e19,
        9.5367431640625e-07, 4503599627370496.5, 4503599627370497.5, 2.9802322387695312e-08, 2.18e-322, 8.41e21,
        299792458.0,
    ]
    known += [2.0**e for e in range(-1074, 1024)] + [float(f"1e{e}") for e in range(-323, 309)]
    known += [float(f"{d}e{e}") for d in range(2, 10) for e in range(-320, 308, 7)]
    return [x for value in known for x in neighbours(value)] + [math.inf, -math.inf, math.nan]


def random_doubles(draw, count):
    """Random bits, and what people write: few digits, and sums of such."""
    bits = [bits_to_double(draw.getrandbits(64)) for _ in range(count // 2)]
    short = [draw.randrange(10 ** draw.randrange(1, 18)) / 10 ** draw.randrange(0, 18) for _ in range(count // 4)]
    sums = [draw.randrange(10**6) / 100 + draw.randrange(10**6) / 1000 for _ in range(count // 4)]
    return [x for x in bits if not math.isnan(x)] + short + sums


def shortest_of_float(value):
    """The digits and the exponent of a float, found by trying one length after another."""
    for digits in range(9):
        text = f"{value:.{digits}e}"
        if struct.pack("=f", float(text)) == struct.pack("=f", value):
            break
    return float(text)


def random_floats(draw, count):
    """No powers of two: around these the nearest text of a length need not be the one that reads back."""
    values = [bits_to_float(draw.getrandbits(32)) for _ in range(count)]
    return [x for x in values if math.isfinite(x) and math.frexp(x)[0] not in (0.5, -0.5)]


def report(number, sentence, values, expected, found):
    wrong = [(v, e, f) for v, e, f in zip(values, expected, found) if e != f]
    fine = not wrong and len(expected) == len(found)
    print("ok" if fine else "not ok", number, "-", sentence)
    print(f"# {len(found)} of {len(expected)}, {len(wrong)} wrong")
    for value, e, f in wrong[:10]:
        print(f"# {value.hex()}: expected {e}, found {f}")


def main():
    draw = random.Random(20241231)
    print("1..3")
    values = hard_doubles()
    report(1, "hard doubles have the digits of repr()", values, list(map(spelled, values)), lines_of("f64", values))
    values = random_doubles(draw, COUNT)
    report(2, "random doubles have the digits of repr()", values, list(map(spelled, values)), lines_of("f64", values))
    values = random_floats(draw, COUNT // 10)
    found = lines_of("f32", values)
    few = max(len(line.lstrip("-").split("e")[0].replace(".", "").strip("0")) for line in found)
    report(3, "random floats have the fewest digits", values, list(map(shortest_of_float, values)), list(map(float, found)))
    print(f"# at most {few} digits")


main()
