#!/usr/bin/env python3
"""Person detectors on the pictures that models/person/README.md holds out: the tables of models/person/CARD.md.

usage: bench/person_table.py DATA MODEL... [--square=FOLDER] [--sizes=320x192,640x384] [--threshold=S] [--json=FILE]
       bench/person_table.py DATA MODEL --choose
       bench/person_table.py DATA --sets=FOLDER

DATA has the sets' folders, COCO instances.json and images/ in each; FOLDER is such a folder of vtest.avi's frames. MODEL is what
`pasu eval` takes (person, hog, a package, a file), or NAME=MODEL; one at a size of its own is NAME@=MODEL. A table shows AP50 of
each set, AP of small, medium and large people (COCO's: below 32x32 pixels of the picture, below 96x96, above), then precision and recall of people
of 24 pixels and more in the model's input, IoU 0.3, at the threshold: the given one, else the model's own that
scores best there by F1. --choose: the threshold for MODEL, by the mean F1 over sizes and cameras that are kept for that. --sets: the sets measured
on as FOLDER/NAME.json, for `pasu eval` and `pasu quantize --held-out` with --images DATA.
"""

import fnmatch
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from pasu_server import PASU, option  # noqa: E402

MEASURED = {
    "street": [("nyc_traffic", "*_Madison_Ave__42_St*"), ("nyc_traffic", "*_Union_Sq__14_St*"),
               ("nyc_traffic", "*_East_Houston_St__Ave_D*")],
    "indoor": [("indoor_robot", "??_output*"), ("indoor_robot", "??_opencv_frame*")],
    "factory": [("factory", "*")],
    "photos": [("tiny_coco", "*"), ("coco128", "*")],
}
DUPLICATE = {"tiny_coco/00009.jpg"}  # The one photo that is among those trained on, as people_mixed/00198.jpg.
KEPT = {
    "street": [("nyc_traffic", "*_Grand_St__Essex_St*"), ("nyc_traffic", "*_2_Ave__74_St*")],
    "indoor": [("indoor_robot", "??_clip*")],
}


def make_set(data, parts, out):
    """One instances.json of the pictures whose source fits."""
    found = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "person"}]}
    for folder in dict.fromkeys(folder for folder, _ in parts):
        patterns = [pattern for of, pattern in parts if of == folder]
        read = json.loads((data / folder / "instances.json").read_text())
        numbers = {}
        for image in read["images"]:
            if f"{folder}/{image['file_name']}" in DUPLICATE:
                continue
            if any(fnmatch.fnmatch(image.get("source", ""), pattern) for pattern in patterns):
                numbers[image["id"]] = len(found["images"]) + 1
                found["images"].append({**image, "id": numbers[image["id"]], "file_name": f"{folder}/images/{image['file_name']}"})
        for box in read["annotations"]:
            if box["image_id"] in numbers:
                found["annotations"].append({**box, "id": len(found["annotations"]) + 1, "image_id": numbers[box["image_id"]]})
    out.write_text(json.dumps(found))
    return out


def measure(annotations, images, model, size, threshold):
    command = [PASU, "eval", "--annotations", str(annotations), "--images", str(images), "--model", model, "--json", "-",
               "--iou", "0.3", "--from-height", "24", "--threshold", str(threshold), "--threads", "1"]
    if size:
        command += ["--input", size]
    before = os.times()
    said = subprocess.run(command, capture_output=True, text=True)
    if said.returncode != 0:
        sys.exit(said.stderr.strip())
    found = json.loads(said.stdout)
    person = next(c for c in found["per_class"] if c["name"] == "person")
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {"AP50": person["AP50"], "AP": person["AP"], "sizes": [person[key] for key in ("APs", "APm", "APl")],
            "at": found["threshold"]["at"], "best": found["threshold"]["best"], "people": found["threshold"]["objects"],
            "pictures": found["pictures"], "cpu_ms": 1e3 * cpu / found["pictures"]}


def f1(point):
    both = point["precision"] + point["recall"]
    return 2 * point["precision"] * point["recall"] / both if both else 0


def choose(data, folder, model, sizes):
    sets = {name: make_set(data, parts, folder / f"{name}.json") for name, parts in KEPT.items()}
    print("| threshold | " + " | ".join(f"{name} {size}: P, R" for name in sets for size in sizes) + " | mean F1 |")
    print("|---|" + "---|" * (len(sets) * len(sizes) + 1))
    best = (0, 0)
    for hundredths in range(20, 72, 2):
        threshold = hundredths / 100
        points = [measure(path, data, model, size, threshold)["at"] for path in sets.values() for size in sizes]
        mean = sum(map(f1, points)) / len(points)
        best = max(best, (mean, threshold))
        print(f"| {threshold:.2f} | " + " | ".join(f"{p['precision']:.3f}, {p['recall']:.3f}" for p in points) + f" | {mean:.3f} |",
              flush=True)
    print(f"\nchosen: {best[1]:.2f}")


def number(value):
    return "-" if value < 0 else f"{value:.3f}".lstrip("0")


def compare(data, folder, models, sizes):
    sets = {name: (make_set(data, parts, folder / f"{name}.json"), data) for name, parts in MEASURED.items()}
    square = option("square", "")
    if square:
        sets["square"] = (pathlib.Path(square) / "instances.json", pathlib.Path(square) / "images")
    threshold = option("threshold", 0.0)
    all_found = []
    print("| | " + " | ".join(f"{name}: AP50; small, medium, large; P, R" for name in sets) + " |")
    print("|---|" + "---|" * len(sets))
    for name, model, own_size in models:
        for size in [""] if own_size else sizes:
            cells = []
            for of, (annotations, images) in sets.items():
                found = measure(annotations, images, model, size, threshold or 0.3)
                all_found.append({"model": name, "size": size, "set": of, **found})
                point = found["at"] if threshold else found["best"]
                cells.append(f"{number(found['AP50'])}; {', '.join(map(number, found['sizes']))}; "
                             f"{number(point['precision'])}, {number(point['recall'])}")
            print(f"| {name} {size} | " + " | ".join(cells) + " |", flush=True)
    out = option("json", "")
    if out:
        pathlib.Path(out).write_text(json.dumps(all_found, indent=1))


def main():
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    written = option("sets", "")
    if len(words) < (1 if written else 2):
        sys.exit(__doc__)
    data, sizes = pathlib.Path(words[0]), option("sizes", "320x192,640x384").split(",")
    if written:
        pathlib.Path(written).mkdir(parents=True, exist_ok=True)
        for name, parts in MEASURED.items():
            make_set(data, parts, pathlib.Path(written) / f"{name}.json")
        return
    models = []
    for word in words[1:]:
        name, _, model = word.rpartition("=")
        models.append((name.rstrip("@") or pathlib.Path(model).name, model, name.endswith("@") or model == "hog"))
    with tempfile.TemporaryDirectory() as name:
        if "--choose" in sys.argv:
            choose(data, pathlib.Path(name), models[0][1], sizes)
        else:
            compare(data, pathlib.Path(name), models, sizes)


if __name__ == "__main__":
    main()
