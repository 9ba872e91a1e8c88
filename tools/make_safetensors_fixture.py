#!/usr/bin/python3
"""Writes tests/fixtures/small.safetensors without any library, so that the reader meets bytes that its own writer did not make.

Usage: tools/make_safetensors_fixture.py [FILE]
"""
import json
import os
import struct
import sys

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
path = sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, "tests", "fixtures", "small.safetensors")

tensors = [
    ("weight", "F64", [2, 3], struct.pack("<6d", 0.5, -1.25, 3.0, 1e-300, -0.0, 1e10)),
    ("bias", "F32", [2], struct.pack("<2f", 0.25, -8.0)),
    ("steps", "I64", [], struct.pack("<q", -5)),
    ("half", "F16", [2], struct.pack("<2e", 1.5, -2.0)),
    ("nothing", "F32", [0, 4], b""),
    ("vocabulary", "U8", [5], "aبé".encode("utf-8")),
]
header = {"__metadata__": {"format": "pt", "note": 'quote " backslash \\ tab \t snowman ☃ clef 𝄞'}}
# The header's order is not the order of the data: a reader must go by the offsets.
place, offset = {}, 0
for name, kind, shape, data in tensors:
    place[name] = {"dtype": kind, "shape": shape, "data_offsets": [offset, offset + len(data)]}
    offset += len(data)
for name in sorted(place):
    header[name] = place[name]
# Escapes for everything outside ASCII, the clef as a surrogate pair; spaces after ':' and ','.
text = json.dumps(header, ensure_ascii=True).encode("ascii")
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + b"".join(data for _, _, _, data in tensors))
