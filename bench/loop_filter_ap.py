#!/usr/bin/env python3
"""Does decoding without the loop filter cost accuracy? AP of a detector on the same frames, decoded fully and without.

usage: bench/loop_filter_ap.py MODEL TEACHER CLIP... [--fps=2]

A teacher's boxes (score 0.5 and more) on the fully decoded frames are taken as annotations. MODEL and TEACHER are what
`pasu eval` and `pasu detect` take. Frames go through PNG: nothing else changes.
"""

import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from detections import detect  # noqa: E402
from pasu_server import PASU, option  # noqa: E402


def frames(clip, folder, fps, decoding):
    folder.mkdir()
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *decoding, "-i", clip, "-vf", f"fps={fps}", f"{folder}/%05d.png"],
                   check=True)
    return sorted(path.name for path in folder.glob("*.png"))


def annotations(folder, names, teacher, out):
    images, boxes = [], []
    for number, frame in enumerate(detect(folder, teacher, "--threshold", "0.5")):
        images.append({"id": number, "file_name": names[number], "width": frame["width"], "height": frame["height"]})
        for one in frame["detections"]:
            boxes.append({"id": len(boxes) + 1, "image_id": number, "category_id": 1, "bbox": one["box"],
                          "area": one["box"][2] * one["box"][3], "iscrowd": 0})
    out.write_text(json.dumps({"images": images, "annotations": boxes, "categories": [{"id": 1, "name": "person"}]}))
    return len(boxes)


def average_precision(truth, folder, model):
    out = folder.with_suffix(".json")
    subprocess.run([PASU, "eval", "--annotations", str(truth), "--images", str(folder), "--model", model, "--json", str(out)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = json.loads(out.read_text())["per_class"][0]
    return found["AP50"], found["AP"]


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if len(words) < 3:
        sys.exit(__doc__)
    model, teacher, *clips = words
    print("| clip | people | AP50 full | AP50 without | AP full | AP without |\n|---|---|---|---|---|---|")
    for clip in clips:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            names = frames(clip, folder / "full", option("fps", 2.0), [])
            frames(clip, folder / "without", option("fps", 2.0), ["-skip_loop_filter", "all"])
            people = annotations(folder / "full", names, teacher, folder / "truth.json")
            full = average_precision(folder / "truth.json", folder / "full", model)
            without = average_precision(folder / "truth.json", folder / "without", model)
            print(f"| {pathlib.Path(clip).stem} | {people} | {full[0]:.3f} | {without[0]:.3f} | {full[1]:.3f} | {without[1]:.3f} |",
                  flush=True)


if __name__ == "__main__":
    main()
