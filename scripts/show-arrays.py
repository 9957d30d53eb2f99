"""Prints what is in .npy and .npz files: names, types, shapes and the first values."""
import sys

import numpy


def shown(value):
    """Text as text, where it is any."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def show(name, array):
    first = "  ".join(shown(value) for value in array[:3])
    print(f"  {name:16} {array.dtype.str:8} {str(array.shape):12} {first} ...")


for path in sys.argv[1:]:
    loaded = numpy.load(path)
    if path.endswith(".npz"):
        for key in loaded.files:
            show(key, loaded[key])
    elif loaded.dtype.names:
        for key in loaded.dtype.names:
            show(key, loaded[key])
    else:
        show("(matrix)", loaded)
