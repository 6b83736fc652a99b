#!/usr/bin/env python3
"""pasu eval against pycocotools from PyPI on random cases.

eval_vs_pycocotools.py [--cases N] [--seed S]

Skips (exit code 77) where no Python with pycocotools is found; bench/setup.sh makes one.
"""

import argparse
import contextlib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TOLERANCE = 1e-9
NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]

try:
    import numpy as np
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError:
    venv = pathlib.Path(__file__).resolve().parent.parent / "bench/venv/bin/python3"
    if venv.exists() and pathlib.Path(sys.prefix).resolve() != venv.parent.parent.resolve():
        os.execv(venv, [str(venv), *sys.argv])
    print("skipped: no Python with pycocotools; bench/setup.sh makes one")
    sys.exit(77)


def random_box(rng, degenerate):
    w, h = (rng.choice([5, 20, 32, 60, 96, 200]) * rng.choice([1, 1, rng.uniform(0.5, 1.5)]) for _ in range(2))
    if rng.random() < degenerate:
        w = rng.choice([0, -3, w])
        h = rng.choice([0, -3, h])
    return [round(rng.uniform(-30, 500), 2), round(rng.uniform(-30, 400), 2), round(w, 2), round(h, 2)]


def random_case(rng):
    """Annotations, results and the three maxDets of one case."""
    degenerate = rng.choice([0, 0, 0.1])
    crowd = rng.choice([0, 0.05, 0.3])
    digits = rng.choice([1, 2, 17])  # Few digits: many equal scores.
    pictures = rng.sample(range(1, 1000), rng.randint(1, 25))
    categories = rng.sample(range(1, 90), rng.randint(1, 6))
    truths, results = [], []
    for picture in pictures:
        for _ in range(rng.choice([0, 1, 3, 8, 20])):
            box = random_box(rng, degenerate)
            area = box[2] * box[3] * rng.choice([1, 1, rng.uniform(0.3, 1)])
            if rng.random() < 0.1:
                area = rng.choice([0, 1024, 9216, 1e10, 2e10])
            truths.append({"image_id": picture, "category_id": rng.choice(categories), "bbox": box, "area": area,
                           "iscrowd": int(rng.random() < crowd)})
    rng.shuffle(truths)
    first = rng.choice([1, 1, 0])  # Id 0 is never found by pycocotools.
    for i, truth in enumerate(truths):
        truth["id"] = first + i
    for truth in truths:
        for _ in range(rng.choice([0, 1, 1, 2, 5])):
            shift = rng.choice([0, 1, 3, 10])
            box = [round(v + rng.uniform(-shift, shift), 2) for v in truth["bbox"]]
            results.append((truth["image_id"], truth["category_id"] if rng.random() < 0.9 else rng.choice(categories), box))
    for picture in pictures:
        for _ in range(rng.choice([0, 0, 2, 10, 150])):
            results.append((picture, rng.choice(categories), random_box(rng, degenerate)))
    if rng.random() < 0.3:  # One category alone: over 100 of it in a picture.
        results += [(pictures[0], categories[0], random_box(rng, 0)) for _ in range(rng.randint(80, 260))]
    rng.shuffle(results)
    if not results:  # pycocotools cannot read an empty list.
        results = [(pictures[0], categories[0], random_box(rng, 0))]
    scale = rng.choice([1, 1, 100])
    results = [{"image_id": p, "category_id": c, "bbox": b, "score": round(rng.uniform(-0.1, 1), digits) * scale}
               for p, c, b in results]
    gt = {"info": {}, "images": [{"id": p, "width": 640, "height": 480} for p in pictures], "annotations": truths,
          "categories": [{"id": c, "name": f"c{c}"} for c in categories]}
    return gt, results, rng.choice([[1, 10, 100]] * 4 + [[1, 10, 300], [1, 100, 300], [2, 5, 20], [100, 100, 100]])


def theirs(gt_path, results_path, max_dets):
    with contextlib.redirect_stdout(io.StringIO()):
        gt = COCO(gt_path)
        evaluation = COCOeval(gt, gt.loadRes(results_path), "bbox")
        evaluation.params.maxDets = list(max_dets)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"]  # [threshold, recall, class, area, maxDets]
    per_class = {}
    for k, category in enumerate(evaluation.params.catIds):
        values = precision[:, :, k, 0, -1]
        per_class[category] = (float(np.mean(values)), float(np.mean(values[0])))
    return [float(v) for v in evaluation.stats], per_class


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        gt_path, results_path = f"{folder}/gt.json", f"{folder}/dt.json"
        for case in range(options.cases):
            gt, results, max_dets = random_case(random.Random(options.seed * 100_003 + case))
            pathlib.Path(gt_path).write_text(json.dumps(gt), encoding="utf-8")
            pathlib.Path(results_path).write_text(json.dumps(results), encoding="utf-8")
            run = subprocess.run([os.environ["PASU_BIN"], "eval", "--annotations", gt_path, "--results", results_path,
                                  "--max-dets", ",".join(map(str, max_dets)), "--json", "-"],
                                 capture_output=True, text=True, check=False)
            if run.returncode != 0:
                print(f"case {case}: pasu eval ended with {run.returncode}: {run.stderr}")
                wrong += 1
                continue
            ours = json.loads(run.stdout)
            stats, per_class = theirs(gt_path, results_path, max_dets)
            pairs = [(name, ours["coco"][name], value) for name, value in zip(NAMES, stats)]
            for one in ours["per_class"]:
                ap, ap50 = per_class[one["id"]]
                pairs += [(f"class {one['id']} AP", one["AP_at_max_dets"], ap),
                          (f"class {one['id']} AP50", one["AP50"], ap50)]
            differing = [f"{name} {a!r}, pycocotools {b!r}" for name, a, b in pairs if not abs(a - b) <= TOLERANCE]
            if differing:
                wrong += 1
                print(f"case {case}, maxDets {max_dets}: " + "; ".join(differing))
    print(f"{options.cases - wrong} of {options.cases} random cases agree to {TOLERANCE}")
    sys.exit(1 if wrong else 0)


main()
