#!/usr/bin/env python3
"""pasu eval and pasu train --check as commands: output, JSON, errors, exit codes.

PASU_BIN names the program. Running a model needs shared/data/train/pennfudan beside the checkout; that test skips
where it is not.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

PASU = os.environ.get("PASU_BIN", "build/release/pasu")
ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("PASU_SHARED", ROOT.parent / "shared"))
NAMES = ["AP", "AP50", "AP75", "APs", "APm", "APl", "AR1", "AR10", "AR100", "ARs", "ARm", "ARl"]

GT = {"images": [{"id": 7, "file_name": "a.jpg", "width": 640, "height": 480}],
      "annotations": [{"id": 1, "image_id": 7, "category_id": 3, "bbox": [10, 10, 50, 100], "area": 5000, "iscrowd": 0},
                      {"id": 2, "image_id": 7, "category_id": 3, "bbox": [200, 10, 50, 100], "area": 5000, "iscrowd": 0}],
      "categories": [{"id": 3, "name": "person"}, {"id": 5, "name": "\u001b[31mred"}]}
RESULTS = [{"image_id": 7, "category_id": 3, "bbox": [10, 10, 50, 100], "score": 0.9},
           {"image_id": 7, "category_id": 3, "bbox": [400, 10, 50, 100], "score": 0.8}]


def pasu(*arguments):
    return subprocess.run([PASU, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False)


class EvalCommand(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.gt = self.write("gt.json", json.dumps(GT))
        self.results = self.write("dt.json", json.dumps(RESULTS))

    def write(self, name, text):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_json(self):
        run = pasu("eval", "--annotations", self.gt, "--results", self.results, "--json", "-", "--metrics",
                   "coco,voc07,voc10,tfod_voc,oid")
        self.assertEqual(run.returncode, 0, run.stderr)
        out = json.loads(run.stdout)
        self.assertEqual(list(out["coco"]), NAMES)
        self.assertAlmostEqual(out["coco"]["AP50"], 51 / 101)  # Recall .5 at precision 1.
        self.assertEqual(out["coco"]["APs"], -1)
        person, red = out["per_class"]
        self.assertEqual((person["id"], person["name"]), (3, "person"))
        self.assertEqual(person["recall_at_precision_0.9"], 0.5)
        self.assertEqual(person["by_height"][3]["truths"], 2)
        self.assertEqual(red["AP"], -1)
        for rule, ap in (("voc07", 6 / 11), ("voc10", 0.5), ("tfod_voc", 0.5), ("oid", 0.5)):
            self.assertAlmostEqual(out[rule]["mAP"], ap, msg=rule)
            self.assertEqual([one["id"] for one in out[rule]["per_class"]], [3, 5])

    def test_table_and_file(self):
        target = pathlib.Path(self.folder.name) / "numbers.json"
        run = pasu("eval", "--annotations", self.gt, "--results", self.results, "--json", target)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("AP50  IoU 0.50", run.stdout)
        self.assertIn("person, by height", run.stdout)
        self.assertNotIn("\u001b", run.stdout)  # Names are others' words.
        self.assertIn("coco", json.loads(target.read_text(encoding="utf-8")))

    def test_no_detections(self):
        run = pasu("eval", "--annotations", self.gt, "--results", self.write("none.json", "[]"), "--json", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(json.loads(run.stdout)["coco"]["AP"], 0)

    def test_max_dets(self):
        run = pasu("eval", "--annotations", self.gt, "--results", self.results, "--json", "-", "--max-dets", "1,10,300")
        out = json.loads(run.stdout)
        self.assertEqual(out["coco"]["AP"], -1)  # As pycocotools.
        self.assertAlmostEqual(out["AP_at_max_dets"], 51 / 101)
        self.assertEqual(out["max_dets"], [1, 10, 300])

    def test_errors(self):
        target = pathlib.Path(self.folder.name) / "numbers.json"
        other = self.write("other.json", json.dumps([dict(RESULTS[0], image_id=8)]))
        for arguments, code, says in (
                (["--results", other], 1, "entry 0 at byte 1: image_id 8"),
                (["--results", self.gt], 1, "is no list of results"),
                (["--results", self.write("cut.json", json.dumps(RESULTS)[:-20])], 1, "entry 1"),
                (["--results", "/nowhere/dt.json"], 1, "no such file"),
                (["--images", self.folder.name], 1, "1 of 1 annotated pictures are not in"),
                ([], 2, "needs --results"),
                (["--results", self.results, "--metrics", "cocoa"], 2, "cocoa"),
                (["--results", self.results, "--max-dets", "1,10"], 2, "max-dets"),
                (["--results", self.results, "--images", "."], 2, "excludes")):
            run = pasu("eval", "--annotations", self.gt, "--json", target, *arguments)
            self.assertEqual(run.returncode, code, (arguments, run.stderr))
            self.assertIn(says, run.stderr + run.stdout)
            self.assertFalse(target.exists(), arguments)

    def test_skip_unknown(self):
        other = self.write("other.json", json.dumps(RESULTS + [dict(RESULTS[0], image_id=8)]))
        run = pasu("eval", "--annotations", self.gt, "--results", other, "--skip-unknown", "--json", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("1 results of unknown pictures", run.stderr)
        self.assertEqual(json.loads(run.stdout)["detections"], 2)

    def test_pictures_that_lead_out(self):
        for name in ("../a.jpg", "/etc/passwd", ""):
            gt = dict(GT, images=[dict(GT["images"][0], file_name=name)])
            run = pasu("eval", "--annotations", self.write("out.json", json.dumps(gt)), "--images", self.folder.name)
            self.assertEqual(run.returncode, 1)
            self.assertIn("file_name", run.stderr)

    def test_model(self):
        folder = SHARED / "data/train/pennfudan"
        if not folder.exists():
            self.skipTest(f"{folder} is not there")
        arguments = ["eval", "--model", "person", "--images", folder / "images", "--annotations", folder / "instances.json"]
        run = pasu(*arguments, "--json", "-")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertGreater(json.loads(run.stdout)["coco"]["AP50"], 0.8)
        gt = json.loads((folder / "instances.json").read_text(encoding="utf-8"))
        gt["images"][3]["width"] += 1
        run = pasu(*arguments[:-1], self.write("size.json", json.dumps(gt)))
        self.assertEqual(run.returncode, 1)
        self.assertIn("by its annotation", run.stderr)
        gt = dict(gt, categories=[{"id": 1, "name": "giraffe"}])
        run = pasu(*arguments[:-1], self.write("names.json", json.dumps(gt)))
        self.assertEqual(run.returncode, 1)
        self.assertIn("giraffe", run.stderr)


    def test_model_and_voc(self):
        shared = SHARED / "data/train/pennfudan"
        if not shared.exists():
            self.skipTest(f"{shared} is not there")
        gt = json.loads((shared / "instances.json").read_text(encoding="utf-8"))
        gt["images"] = gt["images"][:20]
        shown = {image["id"] for image in gt["images"]}
        gt["annotations"] = [one for one in gt["annotations"] if one["image_id"] in shown]
        voc = pathlib.Path(self.folder.name) / "voc"
        for name in ("Annotations", "JPEGImages"):
            (voc / name).mkdir(parents=True)
        for image in gt["images"]:
            (voc / "JPEGImages" / image["file_name"]).symlink_to((shared / "images" / image["file_name"]).resolve())
            objects = ""
            for one in gt["annotations"]:
                x, y, w, h = one["bbox"]
                if one["image_id"] == image["id"]:
                    objects += (f"<object><name>person</name><bndbox><xmin>{x + 1}</xmin><ymin>{y + 1}</ymin>"
                                f"<xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox></object>")
            (voc / "Annotations" / image["file_name"]).with_suffix(".xml").write_text(
                f"<annotation><filename>{image['file_name']}</filename><size><width>{image['width']}</width>"
                f"<height>{image['height']}</height><depth>3</depth></size>{objects}</annotation>", encoding="utf-8")
        numbers = []
        for annotations, images in ((self.write("few.json", json.dumps(gt)), shared / "images"), (voc, voc / "JPEGImages")):
            run = pasu("eval", "--annotations", annotations, "--images", images, "--json", "-")
            self.assertEqual(run.returncode, 0, run.stderr)
            numbers.append(json.loads(run.stdout)["coco"]["AP50"])
        self.assertAlmostEqual(numbers[0], numbers[1])


    def test_a_threshold(self):
        out = pathlib.Path(self.folder.name) / "t.json"
        run = pasu("eval", "--annotations", self.gt, "--results", self.results, "--threshold", "0.85", "--iou", "0.3", "--json", out)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertRegex(run.stdout, r"person, from score +objects")
        numbers = json.loads(out.read_text(encoding="utf-8"))["threshold"]
        self.assertEqual(numbers["at"], {"score": 0.85, "precision": 1, "recall": 0.5, "f1": 2 / 3})
        self.assertEqual(numbers["best"]["score"], 0.9)
        run = pasu("eval", "--annotations", self.gt, "--results", self.results, "--from-height", "101", "--json", out)
        self.assertEqual(json.loads(out.read_text(encoding="utf-8"))["threshold"]["objects"], 0)

    def test_bench(self):
        run = pasu("bench", "eval", "--pictures", "50", "--detections", "3000", "--rounds", "1", "--json")
        self.assertEqual(run.returncode, 0, run.stderr)
        for line in json.loads(run.stdout):
            self.assertLess(line["differs"], 1e-9, line)
            self.assertAlmostEqual(line["coco"]["AP50"], json.loads(run.stdout)[0]["coco"]["AP50"])


class TrainCommand(unittest.TestCase):
    def test_check(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder) / "p.config"
            config.write_text("model { ssd { num_clases: 1 } }", encoding="utf-8")
            run = pasu("train", "--check", config)
            self.assertEqual(run.returncode, 1)
            self.assertIn("p.config:1:15: model.ssd: Ssd has no field 'num_clases'; did you mean 'num_classes'?", run.stderr)
            config.write_text("model { ssd { num_classes: 1 } }", encoding="utf-8")
            run = pasu("train", config, "--check")
            self.assertEqual(run.returncode, 1)
            self.assertIn("train_input_reader: is not set", run.stdout)
            run = pasu("train", config)
            self.assertEqual(run.returncode, 2)
            self.assertIn("needs --model_dir", run.stderr)


unittest.main()
