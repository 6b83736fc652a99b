#!/usr/bin/env bash
# Makes bench/venv: Python with OpenVINO and OpenCV, what `pasu bench detect` compares itself with, and with
# pycocotools and faster_coco_eval for `pasu bench eval` and tests/eval_vs_pycocotools.py. Repeatable.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# As scripts/openvino.txt pins for pasu itself, so that both run the same inference engine.
packages=(openvino==2026.4.1 opencv-python-headless numpy pycocotools==2.0.11 faster-coco-eval==1.8.0)

if [ ! -x venv/bin/python3 ]; then
  python3 -m venv venv || { echo "bench/setup.sh: python3-venv is missing; apt-get install python3-venv" >&2 && exit 1; }
fi
venv/bin/python3 -m pip install --quiet --disable-pip-version-check "${packages[@]}"
venv/bin/python3 -c 'import cv2, numpy, openvino; print("openvino", openvino.__version__, "opencv", cv2.__version__, "numpy", numpy.__version__)'
