#!/usr/bin/env python3
"""`pasu quantize` beside NNCF: AP50 and speed of one network in INT8.

usage: bench/nncf_peer.py PACKAGE DATA PICTURES... [--count=300] [--seconds=2]

PACKAGE is what `pasu quantize` made, its float variants in it; NNCF quantises those with as many of the same
PICTURES (folders). DATA has the sets that models/person/README.md holds out. Run it with bench/venv/bin/python3,
after bench/venv/bin/pip install nncf.
"""

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib

import cv2
import nncf
import openvino as ov

from detect_python import letterbox
from person_table import MEASURED, make_set, measure, option

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from pasu_server import PASU  # noqa: E402


def evenly(folders, count):
    files = [path for folder in folders for path in sorted(pathlib.Path(folder).iterdir()) if path.suffix in (".jpg", ".jpeg", ".png")]
    return [files[i * len(files) // count] for i in range(min(count, len(files)))]


def quantised(network, width, height, files):
    model = ov.Core().read_model(network)
    model.reshape([1, 3, height, width])

    def take(path):
        picture = letterbox(cv2.imread(str(path)), width, height)[0]
        return picture[None, :, :, ::-1].transpose(0, 3, 1, 2).astype("float32")

    return nncf.quantize(model, nncf.Dataset(files, take), preset=nncf.QuantizationPreset.MIXED, subset_size=len(files))


def peer_package(package, out, files):
    """A package of the float variants' networks as NNCF quantises them."""
    text = (package / "manifest.toml").read_text()
    manifest, head = tomllib.loads(text), text.split("[[variant]]")[0]
    head = re.sub(r'^name = ".*"$', 'name = "nncf"', head, count=1, flags=re.M)
    out.mkdir()
    lines = [head]
    for variant in manifest["variant"]:
        if variant["precision"] != "f32":
            continue
        width, height = variant["width"], variant["height"]
        file = f"nncf_{width}x{height}.xml"
        ov.save_model(quantised(package / variant["file"], width, height, files), out / file, compress_to_fp16=False)
        lines.append(f'[[variant]]\nname = "{width}x{height}-int8"\nfile = "{file}"\nwidth = {width}\nheight = {height}\n'
                     f'precision = "int8"\nthreshold = {variant["threshold"]}\n')
    for path in sorted(out.iterdir()):
        lines.append(f'[[file]]\npath = "{path.name}"\nsha256 = "{hashlib.sha256(path.read_bytes()).hexdigest()}"\n')
    (out / "manifest.toml").write_text("\n".join(lines))
    return [f"{v['width']}x{v['height']}" for v in manifest["variant"] if v["precision"] == "f32"]


def speeds(packages, seconds):
    command = [PASU, "bench", "detect", "--seconds", str(seconds), "--rounds", "1", "--json"]
    for package in packages:
        command += ["--model", str(package.resolve())]
    said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return [line for line in json.loads(said)["models"] if line["streams"] == 1 and line["batch"] == 1]


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(words) < 3:
        sys.exit(__doc__)
    package, data = pathlib.Path(words[0]), pathlib.Path(words[1])
    files = evenly(words[2:], option("count", 300))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        peer = folder / "nncf"
        sizes = peer_package(package, peer, files)
        print("| set | size | pasu quantize | NNCF |\n|---|---|---|---|")
        for of, parts in MEASURED.items():
            annotations = make_set(data, parts, folder / "set.json")
            for size in sizes:
                ours, theirs = (measure(annotations, data, str(p), size, 0.3)["AP50"] for p in (package, peer))
                print(f"| {of} | {size} | {ours:.3f} | {theirs:.3f} |", flush=True)
        print("\nImages per CPU-second, one stream, one picture a time:")
        for line in speeds([package, peer], option("seconds", 2.0)):
            print(f"{line['model']} {line['input'][0]}x{line['input'][1]}: {line['images_per_cpu_second']:.0f}")


if __name__ == "__main__":
    main()
