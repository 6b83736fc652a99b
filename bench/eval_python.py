#!/usr/bin/env python3
"""COCO evaluation in Python: the measure for `pasu eval`.

eval_python.py pycocotools|faster_coco_eval GT.json DT.json OUT.json

Writes the twelve numbers and the seconds of wall and CPU time: reading both files, then evaluate + accumulate + summarize.
"""

import contextlib
import io
import json
import sys
import time


def clocks():
    return time.perf_counter(), time.process_time()


def main():
    name, gt_path, results_path, out_path = sys.argv[1:]
    if name == "pycocotools":
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval as Evaluation
    else:
        from faster_coco_eval import COCO
        from faster_coco_eval import COCOeval_faster as Evaluation
    with contextlib.redirect_stdout(io.StringIO()):
        begin = clocks()
        gt = COCO(gt_path)
        results = gt.loadRes(results_path)
        read = clocks()
        evaluation = Evaluation(gt, results, "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
        end = clocks()
    with open(out_path, "w", encoding="utf-8") as out:
        json.dump({"numbers": [float(v) for v in evaluation.stats[:12]],
                   "read_seconds": read[0] - begin[0], "evaluate_seconds": end[0] - read[0],
                   "evaluate_cpu_seconds": end[1] - read[1]}, out)


main()
