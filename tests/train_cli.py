#!/usr/bin/env python3
"""pasu train as a command: runs that are killed, stopped and resumed, full disks, wrong folders.

PASU_BIN names the program; pasu-train lies beside it. Pictures are made here: grey with a dark upright box.
"""

import json
import os
import pathlib
import random
import resource
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

PASU = os.environ.get("PASU_BIN", "build/release/pasu")
STEPS = 60

CONFIG = """
model {{ pasu_person {{
  num_classes: 1 stem: [4, 8] widths: [8, 12, 16] blocks: [1, 0, 0] neck: 8 head: 8
  input_size {{ width: 96 height: 64 batch_size: 4 }}
  input_size {{ width: 64 height: 64 batch_size: 3 }}
}} }}
train_config {{
  num_steps: {steps} checkpoint_every_steps: 5 gradient_clipping_by_norm: 10
  optimizer {{
    adamw_optimizer {{ learning_rate {{ constant_learning_rate {{ learning_rate: 0.003 }} }} }}
    moving_average_decay: 0.9
  }}
  data_augmentation_options {{ pasu_augmentation {{ }} }}
}}
train_input_reader {{ pasu_input_reader {{ set {{ path: "{data}" }} hold_out: "data/7.png" }} }}
eval_config {{ eval_every_steps: 20 }}
eval_input_reader {{ pasu_input_reader {{ set {{ path: "{data}" }} only: "data/7.png" }} }}
"""


def png(width, height, box):
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    x1, y1, w, h = box
    rows = b"".join(
        b"\0" + b"".join(b"\x20\x20\x40" if x1 <= x < x1 + w and y1 <= y < y1 + h else b"\xa0\xb0\xa0" for x in range(width))
        for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def make_set(folder):
    folder.joinpath("images").mkdir(parents=True)
    images, annotations = [], []
    for i in range(8):
        box = [10 + 12 * i % 90, 10 + 7 * i % 40, 20 + i, 50 + i]
        folder.joinpath("images", f"{i}.png").write_bytes(png(160, 120, box))
        images.append({"id": i + 1, "file_name": f"{i}.png", "width": 160, "height": 120})
        annotations.append({"id": i + 1, "image_id": i + 1, "category_id": 1, "bbox": box, "area": box[2] * box[3], "iscrowd": 0})
    folder.joinpath("instances.json").write_text(json.dumps(
        {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "person"}]}), encoding="utf-8")


class Train(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        make_set(self.folder / "data")
        self.config = self.write_config(STEPS)

    def write_config(self, steps):
        path = self.folder / f"{steps}.config"
        path.write_text(CONFIG.format(steps=steps, data=self.folder / "data"), encoding="utf-8")
        return path

    def start(self, run, *more, config=None, **keywords):
        return subprocess.Popen([PASU, "train", config or self.config, "--model_dir", self.folder / run, *more],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords)

    def finish(self, process):
        out, err = process.communicate(timeout=200)
        return process.returncode, out, err

    def read(self, run, name="last.ckpt"):
        return (self.folder / run / name).read_bytes()

    def test_killed_at_any_moment_it_ends_with_the_same_weights(self):
        code, out, err = self.finish(self.start("whole"))
        self.assertEqual(code, 0, err)
        self.assertIn("last.ckpt: step 60", out)
        rng = random.Random(3)
        for _ in range(60):
            more = ["--resume"] if (self.folder / "parts").exists() else []
            process = self.start("parts", *more)
            try:
                process.wait(timeout=rng.uniform(0.15, 1.0))
            except subprocess.TimeoutExpired:
                process.kill()
            code, _, err = self.finish(process)
            if code == 0:
                break
            self.assertEqual(code, -signal.SIGKILL, err)
        else:  # A machine too slow to get anywhere in between.
            code, _, err = self.finish(self.start("parts", "--resume"))
            self.assertEqual(code, 0, err)
        self.assertEqual(self.read("whole"), self.read("parts"))
        self.assertEqual(self.read("whole", "best.ckpt"), self.read("parts", "best.ckpt"))
        kinds = [json.loads(line)["kind"] for line in self.read("parts", "log.jsonl").splitlines()]
        self.assertEqual(kinds.count("mean"), 3)

    def test_ctrl_c_writes_a_checkpoint(self):
        process = self.start("stopped", config=self.write_config(100000))
        deadline = time.monotonic() + 60
        while not (self.folder / "stopped/last.ckpt").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        code, _, err = self.finish(process)
        self.assertEqual(code, 130, err)
        self.assertIn("--resume goes on from there", err)

    def test_a_file_that_cannot_be_written_is_named_and_the_old_one_stays(self):
        self.assertEqual(self.finish(self.start("full", config=self.write_config(10)))[0], 0)
        before = self.read("full")

        def limit():  # Files of 20 kB at most, as on a disk with no more room; Python ignores SIGXFSZ.
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        code, _, err = self.finish(self.start("full", "--resume", preexec_fn=limit, restore_signals=False))
        self.assertEqual(code, 1, err)
        self.assertIn("last.ckpt: cannot be written", err)
        self.assertIn("training goes on", err)
        self.assertEqual(before, self.read("full"))
        self.assertEqual([], list((self.folder / "full").glob("*.part")))

    def test_mistakes_are_named(self):
        self.assertEqual(self.finish(self.start("run", config=self.write_config(5)))[0], 0)
        code, _, err = self.finish(self.start("run"))
        self.assertEqual(code, 1)
        self.assertIn("holds a training run; --resume", err)
        code, _, err = self.finish(self.start("new", "--from", self.folder / "nothing.ckpt"))
        self.assertEqual(code, 1)
        self.assertIn("nothing.ckpt", err)
        empty = self.folder / "empty.config"
        empty.write_text(self.config.read_text().replace('hold_out: "data/7.png"', 'hold_out: "data/*"'), encoding="utf-8")
        code, _, err = self.finish(self.start("new", config=empty))
        self.assertEqual(code, 1)
        self.assertIn("8 of all 8 pictures are held out: none is left", err)

    def test_weights_to_begin_with(self):
        self.assertEqual(self.finish(self.start("a", config=self.write_config(5)))[0], 0)
        code, _, err = self.finish(self.start("b", "--from", self.folder / "a/last.ckpt", config=self.write_config(5)))
        self.assertEqual(code, 0)
        self.assertIn("0 missing, 0 of another shape", err)


unittest.main()
