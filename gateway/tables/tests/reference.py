"""What pydicom reads in DICOM files, for tests/dicom_reference.rs: one JSON line a file.

Usage: reference.py FILE...

Each line is {"file", "error" or "columns": [[path, kind, value], ...]}: every value of every
element at the top and of the first items of sequences, each by the path that the table reader
takes. pydicom decodes texts and finds the elements; numbers are written here from the text or float
that it gives.
"""

import hashlib
import json
import re
import struct
import sys
import warnings
from decimal import Decimal

import pydicom
from pydicom import config

warnings.simplefilter("ignore")
config.settings.reading_validation_mode = config.IGNORE

TEXTS = {"AE", "AS", "CS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT"}
BLANKS_IN_FRONT = {"AE", "CS", "LO", "SH"}
WHOLE = {"US", "UL", "UV", "SS", "SL", "SV"}


def single(value):
    """The shortest decimal that is this float."""
    for digits in range(1, 18):
        text = f"{value:.{digits}g}"
        if struct.pack("<f", float(text)) == struct.pack("<f", value):
            return Decimal(text)
    raise ValueError


def whole_or_not(number):
    """Without the `.0` that Python writes behind a whole float."""
    return number.to_integral_value() if number == number.to_integral_value() else number


def date_time(text):
    """yyyymmddhhmmss.ffffff+zzzz with marks between its parts."""
    local, sign, zone = re.fullmatch(r"([0-9.]+)(?:([+-])([0-9]{4}))?", text).groups()
    digits, point, fraction = local.partition(".")
    starts = [(0, 4, ""), (4, 6, "-"), (6, 8, "-"), (8, 10, "T"), (10, 12, ":"), (12, 14, ":")]
    out = "".join(mark + digits[a:b] for a, b, mark in starts if digits[a:b]) + point + fraction
    return f"{out}{sign}{zone[:2]}:{zone[2:]}" if sign else out


def plain(number):
    text = format(number, "f")
    return text[1:] if text.startswith("-") and not number else text


def cell(vr, value):
    """Kind and text of one value."""
    if value is None or value == "":
        return ["null", ""]
    if vr in TEXTS:
        text = str(value).rstrip(" \0")
        text = text.lstrip(" ") if vr in BLANKS_IN_FRONT else text
        return ["text", text] if text else ["null", ""]
    if vr in WHOLE:
        return ["number", str(value)]
    if vr == "IS":
        return ["number", str(int(value))]
    if vr == "DS":
        return ["number", plain(Decimal(value.original_string.strip()))]
    if vr == "FL":
        return ["number", plain(whole_or_not(single(value)))]
    if vr == "FD":
        return ["number", plain(whole_or_not(Decimal(repr(value))))]
    if vr == "DA":
        text = str(value)
        return ["date", f"{text[:4]}-{text[4:6]}-{text[6:]}"]
    if vr == "AT":
        return ["text", f"({value.group:04x},{value.element:04x})"]
    if vr == "DT":
        return ["time", date_time(str(value))]
    return None


def name(dataset, tag):
    if not tag.is_private:
        return f"({tag.group:04x},{tag.element:04x})"
    creator = dataset.get_item((tag.group, tag.element >> 8))
    if creator is None or tag.element < 0x1000:
        return None
    creator = str(dataset[(tag.group, tag.element >> 8)].value).strip()
    return f'({tag.group:04x},"{creator}",{tag.element & 0xFF:02x})'


def columns(dataset, before=""):
    for tag in dataset.keys():
        # The reader gives these their meaning only by the file's own word.
        raw = dataset.get_item(tag)
        if raw.VR == "UN" or (tag.is_private and raw.VR is None):
            continue
        element = dataset[tag]
        step = name(dataset, tag)
        if step is None or tag.element == 0:
            continue
        path = before + step
        if element.VR == "SQ":
            for place, item in enumerate(element.value[:2]):
                if path.count(".") < 3:
                    yield from columns(item, f"{path}[{place}].")
            continue
        if element.VM == 0 or element.value is None:
            found = cell(element.VR, "")
            if element.VR in TEXTS | WHOLE | {"IS", "DS", "FL", "FD", "DA", "DT", "AT"}:
                yield [path, *found]
            continue
        values = element.value if element.VM > 1 else [element.value]
        for place, value in enumerate(values):
            found = cell(element.VR, value)
            if element.VR == "PN" and isinstance(raw.value, bytes):
                # pydicom leaves empty parts at the end out.
                bare = raw.value.rstrip(b" \0")
                found[1] += "=" * (len(bare) - len(bare.rstrip(b"=")))
            if found is not None:
                yield [f"{path}[{place}]" if element.VM > 1 else path, *found]


def pixels(dataset):
    if "PixelData" in dataset and dataset.PixelData:
        yield ["pixel_bytes", "number", str(len(dataset.PixelData))]
        yield ["pixel_sha256", "text", hashlib.sha256(dataset.PixelData).hexdigest()]
    else:
        yield ["pixel_bytes", "null", ""]
        yield ["pixel_sha256", "null", ""]


for file in sys.argv[1:]:
    try:
        dataset = pydicom.dcmread(file)
        found = [*columns(dataset.file_meta), *pixels(dataset), *columns(dataset)]
        answer = {"file": file, "columns": found}
    except Exception as error:  # what pydicom cannot read is not compared
        answer = {"file": file, "error": type(error).__name__}
    print(json.dumps(answer))
