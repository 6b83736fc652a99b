#!/usr/bin/env python3
"""What a careful user of OpenCV and OpenVINO would write in Python: the measure for `pasu detect`.

detect_python.py MODEL.xml WxH THRESHOLD OUT.jsonl CLIP...

0x0 is the size that the network has.

Reads a clip, infers on every frame with one stream a core and several requests under way, and writes JSON lines. Knows the
two kinds of outputs it is run with: pasu's grids (s8, s16, s32) and DetectionOutput's seven numbers.
"""

import json
import sys

import cv2
import numpy as np
import openvino as ov
from openvino.preprocess import PrePostProcessor


def open_model(path, width, height):
    core = ov.Core()
    model = core.read_model(path)
    if width:
        model.reshape([1, 3, height, width])
    grids = len(model.outputs) > 1
    processor = PrePostProcessor(model)
    processor.input().tensor().set_element_type(ov.Type.u8).set_layout(ov.Layout("NHWC"))
    processor.input().tensor().set_color_format(ov.preprocess.ColorFormat.BGR)
    processor.input().model().set_layout(ov.Layout("NCHW"))
    if grids:
        processor.input().preprocess().convert_color(ov.preprocess.ColorFormat.RGB)
    model = processor.build()
    return core.compile_model(model, "CPU", {"PERFORMANCE_HINT": "THROUGHPUT"}), grids


def letterbox(frame, width, height):
    h, w = frame.shape[:2]
    r = min(width / w, height / h)
    sw, sh = round(w * r), round(h * r)
    ox, oy = (width - sw) // 2, (height - sh) // 2
    out = np.full((height, width, 3), 114, np.uint8)
    out[oy:oy + sh, ox:ox + sw] = cv2.resize(frame, (sw, sh), interpolation=cv2.INTER_AREA)
    return out, (r, ox, oy)


def decode_grids(outputs, place, threshold):
    r, ox, oy = place
    boxes, scores = [], []
    for stride, t in outputs:
        z = t[0, 0]
        i, j = np.nonzero(z > np.log(threshold / (1 - threshold)))
        if len(i) == 0:
            continue
        d = np.exp(np.clip(t[0, 1:, i, j], -4, 4)) * stride
        cx, cy = (j + 0.5) * stride, (i + 0.5) * stride
        boxes.append(np.stack([(cx - d[:, 0] - ox) / r, (cy - d[:, 1] - oy) / r,
                               (d[:, 0] + d[:, 2]) / r, (d[:, 1] + d[:, 3]) / r], 1))
        scores.append(1 / (1 + np.exp(-z[i, j])))
    if not boxes:
        return []
    boxes, scores = np.concatenate(boxes), np.concatenate(scores)
    kept = cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), threshold, 0.35)  # As models/person.
    return [("person", float(scores[k]), boxes[k].tolist()) for k in kept]


def decode_ssd(output, size, threshold):
    w, h = size
    return [(int(label), float(score), [float(x1) * w, float(y1) * h, float(x2 - x1) * w, float(y2 - y1) * h])
            for image, label, score, x1, y1, x2, y2 in output.reshape(-1, 7) if image >= 0 and score >= threshold]


def main():
    model_path, threshold, out_path, clips = sys.argv[1], float(sys.argv[3]), sys.argv[4], sys.argv[5:]
    compiled, grids = open_model(model_path, *map(int, sys.argv[2].split("x")))
    _, height, width, _ = compiled.input().shape
    strides = [height // output.shape[2] for output in compiled.outputs]
    lines = {}

    def done(request, job):
        clip, number, size, place = job
        outputs = [request.get_output_tensor(i).data for i in range(len(strides))]
        found = (decode_grids(zip(strides, outputs), place, threshold) if grids
                 else decode_ssd(outputs[0], size, threshold))
        lines[clip, number] = json.dumps({
            "source": clips[clip], "frame": number, "width": size[0], "height": size[1],
            "detections": [{"label": label, "score": score, "box": box} for label, score, box in found]})

    queue = ov.AsyncInferQueue(compiled)
    queue.set_callback(done)
    for clip, path in enumerate(clips):
        video = cv2.VideoCapture(path)
        number = 0
        while True:
            good, frame = video.read()
            if not good:
                break
            if grids:
                picture, place = letterbox(frame, width, height)
            else:
                picture, place = cv2.resize(frame, (width, height)), None
            queue.start_async(picture[None], (clip, number, frame.shape[1::-1], place))
            number += 1
    queue.wait_all()
    with open(out_path, "w", encoding="utf-8") as out:
        for key in sorted(lines):
            out.write(lines[key] + "\n")


if __name__ == "__main__":
    main()
