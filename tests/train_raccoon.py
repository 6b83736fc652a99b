#!/usr/bin/env python3
"""An SSD from a TF Object Detection API configuration and its records: trained, measured, exported, run.

PASU_BIN names the program. The configuration and the records are ../shared's; without them the test is skipped.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PASU = os.environ.get("PASU_BIN", "build/release/pasu")
SHARED = pathlib.Path(__file__).resolve().parents[2] / "shared/data/tf_od"
RECORDS = SHARED / "records"


def pasu(*words, code=0):
    done = subprocess.run([PASU, *map(str, words)], capture_output=True, text=True, timeout=250, check=False)
    if done.returncode != code:
        raise AssertionError(f"pasu {' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout, done.stderr


@unittest.skipUnless(RECORDS.exists(), f"{RECORDS} is not there")
class Raccoon(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def write_config(self, checkpoint="", **more):
        """The sample with its paths edited; smaller batches, so that a test may run it."""
        text = (RECORDS / "raccoon_ssd_mobilenet_v1_pets.config").read_text(encoding="utf-8")
        text = text.replace('"gs://${YOUR_GCS_BUCKET}/data/model.ckpt"', f'"{checkpoint}"')
        for sample, ours in (("train.record", "raccoon_test.record"), ("test.record", "raccoon_test.record"),
                             ("object-detection.pbtxt", "raccoon_label_map.pbtxt")):
            text = text.replace("gs://${YOUR_GCS_BUCKET}/data/" + sample, str(RECORDS / ours))
        for field, value in {"batch_size: 24": "batch_size: 2", **more}.items():
            self.assertIn(field, text)
            text = text.replace(field, value)
        path = self.folder / "raccoon.config"
        path.write_text(text, encoding="utf-8")
        return path

    def test_trained_measured_exported_and_run(self):
        config = self.write_config(**{"num_examples: 40": "num_examples: 40 eval_every_steps: 1"})
        out, _ = pasu("train", "--check", config)
        self.assertIn("40 records in 1 files", out)
        self.assertIn(" 0 errors", out)
        out, err = pasu("train", config, "--model_dir", self.folder / "run", "--num_train_steps", 2)
        self.assertIn("step 2: mean AP50", err)
        self.assertIn("best.ckpt: step ", out)
        lines = [json.loads(line) for line in (self.folder / "run/log.jsonl").read_text().splitlines()]
        self.assertEqual([line["set"] for line in lines if line["kind"] == "measured"], ["eval1", "eval1"])

        pasu("export", self.folder / "run", "-o", self.folder / "raccoon")
        manifest = (self.folder / "raccoon/manifest.toml").read_text(encoding="utf-8")
        for line in ("iou = 0.6", "kept_max = 100", "kept_per_label_max = 100", "threshold = 0.3", "raccoon"):
            self.assertIn(line, manifest)

        pasu("data", "convert", RECORDS / "raccoon_test.record", self.folder / "pictures", "--to", "coco",
             "--label-map", RECORDS / "raccoon_label_map.pbtxt")
        out, _ = pasu("detect", "--model", self.folder / "raccoon", "--threshold", "0.001",
                      self.folder / "pictures/images/raccoon-41.jpg")
        found = json.loads(out)["detections"]  # After two steps anything may be a raccoon.
        self.assertTrue(0 < len(found) <= 100, out)
        self.assertEqual({"raccoon"}, {one["label"] for one in found})

    def test_another_networks_checkpoint_gives_what_fits(self):
        # A quarter of the width: only the predictors' biases have the same shape.
        config = self.write_config(SHARED / "ssd_mobilenet_v1_person_random/model.ckpt",
                                   **{"from_detection_checkpoint: true": "fine_tune_checkpoint_type: 'full'"})
        _, err = pasu("train", config, "--model_dir", self.folder / "run", "--num_train_steps", 1)
        self.assertIn("ssd_mobilenet_v1_person_random/model.ckpt: 12 arrays loaded, 40 missing, 147 of another shape", err)
        # Of the same width everything, by whatever name.
        config = self.write_config(**{"depth_multiplier: 1.0": "depth_multiplier: 0.25"})
        for name in ("ssd_mobilenet_v1_person_random", "ssd_mobilenet_v1_person_random/model.ckpt.index"):
            run = self.folder / name.replace("/", "_")
            _, err = pasu("train", config, "--model_dir", run, "--from", SHARED / name, "--num_train_steps", 1)
            self.assertRegex(err, r"[0-9]+ arrays loaded, 0 missing, 0 of another shape, 0 left, 0 not used")

    def test_paths_as_they_were_are_named(self):
        sample = RECORDS / "raccoon_ssd_mobilenet_v1_pets.config"
        out, _ = pasu("train", "--check", sample, code=1)
        self.assertIn("train_config.fine_tune_checkpoint: 'gs://${YOUR_GCS_BUCKET}/data/model.ckpt' is still the sample's", out)
        config = self.write_config(self.folder / "gone/model.ckpt")
        _, err = pasu("train", config, "--model_dir", self.folder / "run", "--num_train_steps", 1, code=1)
        self.assertIn("train_config.fine_tune_checkpoint: there is no", err)
        self.assertIn("training begins with random weights", err)
        config = self.write_config(**{"use_dropout: false": "use_dropout: true"})
        out, _ = pasu("train", "--check", config, code=1)
        self.assertIn("error: model.ssd: model.ssd.box_predictor.convolutional_box_predictor.use_dropout: 1 is not trained here", out)


unittest.main()
