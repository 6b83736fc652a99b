#!/usr/bin/env python3
"""What pasu data convert writes, read back by TensorFlow's own reader and parser. By hand, not in ctest.

    python3 -m venv build/interop/venv && build/interop/venv/bin/pip install tensorflow-cpu
    build/interop/venv/bin/python tests/interop/tfrecord_by_tensorflow.py [DATASET]

DATASET is anything that pasu data convert reads; without one a small COCO set is made. It is written
plain, as gzip, as zlib and in shards, and each is compared with what pasu writes as COCO JSON: every
box, class, mark and the pictures' bytes. PASU_BIN names the program.
"""

import hashlib
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import tensorflow as tf  # noqa: E402

PASU = os.environ.get("PASU_BIN", "build/release/pasu")

FIELDS = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/format": tf.io.FixedLenFeature([], tf.string),
    "image/filename": tf.io.FixedLenFeature([], tf.string),
    "image/source_id": tf.io.FixedLenFeature([], tf.string),
    "image/key/sha256": tf.io.FixedLenFeature([], tf.string),
    "image/height": tf.io.FixedLenFeature([], tf.int64),
    "image/width": tf.io.FixedLenFeature([], tf.int64),
    "image/object/bbox/xmin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/ymin": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/xmax": tf.io.VarLenFeature(tf.float32),
    "image/object/bbox/ymax": tf.io.VarLenFeature(tf.float32),
    "image/object/class/text": tf.io.VarLenFeature(tf.string),
    "image/object/class/label": tf.io.VarLenFeature(tf.int64),
    "image/object/is_crowd": tf.io.VarLenFeature(tf.int64),
    "image/object/difficult": tf.io.VarLenFeature(tf.int64),
    "image/object/truncated": tf.io.VarLenFeature(tf.int64),
    "image/object/area": tf.io.VarLenFeature(tf.float32),
}


def png(width, height, shade):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([(shade + x) % 256 for x in range(width)]) for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def make_set(folder):
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for i in range(1, 12):
        (folder / "images" / f"{i}.png").write_bytes(png(60 + i, 40 + i, 9 * i))
        images.append({"id": i * 10, "file_name": f"{i}.png", "width": 60 + i, "height": 40 + i})
        for k in range(i % 4):
            annotations.append({"id": len(annotations) + 1, "image_id": i * 10, "category_id": 1 + 6 * (k % 2),
                                "bbox": [k * 3.5, k + 1, 7 + k, 9.25], "area": 50 + k, "iscrowd": k % 2})
    (folder / "instances.json").write_text(json.dumps({
        "images": images, "annotations": annotations,
        "categories": [{"id": 1, "name": "person"}, {"id": 7, "name": "café"}]}))
    return folder


def pasu(*words):
    subprocess.run([PASU, "data", "convert", *map(str, words)], check=True, stdout=subprocess.DEVNULL)


def list_of(tensor, kind=float):
    return [kind(v) for v in tf.sparse.to_dense(tensor).numpy()]


def compare(files, compression, coco):
    names = {c["id"]: c["name"] for c in coco["categories"]}
    boxes = {}
    for a in coco["annotations"]:
        boxes.setdefault(a["image_id"], []).append(a)
    records = tf.data.TFRecordDataset([str(f) for f in files], compression_type=compression)
    count = 0
    for image, record in zip(coco["images"], records):
        e = tf.io.parse_single_example(record, FIELDS)
        w, h = int(e["image/width"]), int(e["image/height"])
        encoded = e["image/encoded"].numpy()
        assert (w, h) == (image["width"], image["height"]), image
        assert e["image/source_id"].numpy().decode() == str(image["id"]), image
        assert e["image/filename"].numpy().decode() == image["file_name"], image
        assert e["image/key/sha256"].numpy().decode() == hashlib.sha256(encoded).hexdigest(), image
        assert tuple(tf.io.decode_image(encoded).shape[:2]) == (h, w), image
        wanted = boxes.get(image["id"], [])
        for name, at, side in (("xmin", 0, w), ("ymin", 1, h)):
            low = list_of(e[f"image/object/bbox/{name}"])
            high = list_of(e[f"image/object/bbox/{name.replace('min', 'max')}"])
            assert len(low) == len(high) == len(wanted), image
            for a, x1, x2 in zip(wanted, low, high):
                assert abs(x1 * side - a["bbox"][at]) < 1e-3, (image, a, x1 * side)
                assert abs(x2 * side - a["bbox"][at] - a["bbox"][at + 2]) < 1e-3, (image, a, x2 * side)
        assert list_of(e["image/object/class/label"], int) == [a["category_id"] for a in wanted], image
        texts = [t.decode() for t in tf.sparse.to_dense(e["image/object/class/text"]).numpy()]
        assert texts == [names[a["category_id"]] for a in wanted], image
        assert list_of(e["image/object/is_crowd"], int) == [a["iscrowd"] for a in wanted], image
        for mark in ("difficult", "truncated"):
            assert list_of(e[f"image/object/{mark}"], int) == [a.get(mark, 0) for a in wanted], image
        for a, area in zip(wanted, list_of(e["image/object/area"])):
            assert abs(area - a["area"]) <= 1e-6 * max(1, a["area"]), (image, a, area)
        count += 1
    assert count == len(coco["images"]) == sum(1 for _ in records), (count, len(coco["images"]))
    return count


def main():
    with tempfile.TemporaryDirectory() as name:
        work = pathlib.Path(name)
        source = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else make_set(work / "set")
        pasu(source, work / "gt.json")
        coco = json.loads((work / "gt.json").read_text())
        for what, options, compression in (("plain", [], ""), ("gzip", ["--compression", "gzip"], "GZIP"),
                                           ("zlib", ["--compression", "zlib"], "ZLIB"),
                                           ("3 shards", ["--shards", "3"], "")):
            target = work / f"{what.replace(' ', '_')}.record"
            pasu(source, target, *options)
            files = sorted(work.glob(target.name + "-*-of-*")) or [target]
            print(f"{what}: {compare(files, compression, coco)} records in {len(files)} files equal")
    print(f"TensorFlow {tf.__version__} reads what pasu writes")


if __name__ == "__main__":
    main()
