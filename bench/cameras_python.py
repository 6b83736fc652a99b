#!/usr/bin/env python3
"""What a careful user of OpenCV and OpenVINO would write for several cameras: the measure for `pasu bench cameras`.

cameras_python.py MODEL.xml WxH THRESHOLD FPS SECONDS URL...

A thread a camera reads every frame; FPS of them a second go to the detector, one stream a core. Prints frames read and
analysed, people seen, and the CPU-seconds of the process while measured, as JSON.
"""

import json
import resource
import sys
import threading
import time

import cv2
import numpy as np

from detect_python import decode_grids, letterbox, open_model


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def watch(url, model, size, threshold, fps, counts, stop):
    capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    request = model.create_infer_request()
    due = time.monotonic()
    while not stop.is_set():
        read, frame = capture.read()
        if not read:
            return
        counts["read"] += 1
        if time.monotonic() < due:
            continue
        due = max(due + 1 / fps, time.monotonic() - 1)
        picture, place = letterbox(frame, *size)
        request.infer({0: picture[None]})
        outputs = [(size[0] // t.shape[3], t) for t in (request.get_output_tensor(i).data for i in range(len(model.outputs)))]
        counts["people"] += len(decode_grids(outputs, place, threshold))
        counts["analysed"] += 1


def main():
    path, (threshold, fps, seconds), urls = sys.argv[1], map(float, sys.argv[3:6]), sys.argv[6:]
    width, height = map(int, sys.argv[2].split("x"))
    cv2.setNumThreads(1)
    model, _ = open_model(path, width, height)
    stop = threading.Event()
    counts = [dict(read=0, analysed=0, people=0) for _ in urls]
    threads = [threading.Thread(target=watch, args=(url, model, (width, height), threshold, fps, c, stop))
               for url, c in zip(urls, counts)]
    for thread in threads:
        thread.start()
    time.sleep(5)
    before, begun = cpu(), time.monotonic()
    first = [dict(c) for c in counts]
    time.sleep(seconds)
    passed, used = time.monotonic() - begun, cpu() - before
    total = {key: int(np.sum([c[key] - f[key] for c, f in zip(counts, first)])) for key in ("read", "analysed", "people")}
    stop.set()
    print(json.dumps(dict(total, seconds=passed, cpu_seconds=used, cameras=len(counts))))


if __name__ == "__main__":
    main()
