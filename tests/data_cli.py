#!/usr/bin/env python3
"""`pasu data` as its users run it: outputs, exit codes, sentences. Run by ctest; PASU_BIN is the program. Real sets in
../shared (or $PASU_SHARED) are skipped by name where they are not."""

import filecmp
import json
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time
import unittest
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASU = os.environ.get("PASU_BIN", str(ROOT / "build/release/pasu"))
SHARED = pathlib.Path(os.environ.get("PASU_SHARED", ROOT.parent / "shared"))


def png(width, height, shade=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes([(shade + x * y) % 256 for x in range(width)]) for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class DataCli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pasu_data_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_data(self, *args, code=0):
        done = subprocess.run([PASU, "data", *map(str, args)], capture_output=True, text=True,
                              errors="replace", timeout=240)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def left(self):
        return sorted(p.name for p in self.folder.iterdir())

    def make(self, name, annotations, pictures=3, **more):
        """A COCO set of one class; annotations are (picture, box)."""
        (self.folder / name / "images").mkdir(parents=True)
        images = []
        for i in range(1, pictures + 1):
            (self.folder / name / "images" / f"{i}.png").write_bytes(png(64, 48, 17 * i))
            images.append({"id": i, "file_name": f"{i}.png", "width": 64, "height": 48})
        (self.folder / name / "instances.json").write_text(json.dumps({
            "images": images, "categories": [{"id": 1, "name": "person"}],
            "annotations": [{"id": n + 1, "image_id": p, "category_id": 1, "bbox": b}
                            for n, (p, b) in enumerate(annotations)], **more}))
        return self.folder / name

    def test_there_and_back(self):
        first = self.make("set", [(1, [0, 0, 64, 48]), (1, [3, 4, 5, 6]), (3, [63, 47, 1, 1])])
        at = first
        for to in ("voc", "coco", "tfrecord", "yolo", "voc"):
            target = self.folder / f"{len(self.left())}_{to}"
            done = self.run_data("convert", at, target, "--to", to)
            self.assertEqual(done.stdout, f"{target}: {to}, 3 pictures, 3 boxes\n")
            at = target
        self.run_data("convert", at, self.folder / "end.json")
        def boxes(path):
            return sorted((a["image_id"], a["bbox"]) for a in json.loads(path.read_text())["annotations"])
        self.assertEqual(boxes(self.folder / "end.json"), boxes(first / "instances.json"))
        self.assertTrue(filecmp.cmp(at / "JPEGImages/1.png", first / "images/1.png", shallow=False))
        self.assertFalse([p for p in self.left() if p.endswith(".part")])

    def test_check_and_fix(self):
        bad = self.make("bad", [(1, [60, 0, 20, 10]), (1, [5, 5, -3, 4]), (2, [1, 1, 0, 5]), (3, [1, 1, 9, 9])])
        (bad / "images/3.png").write_bytes(png(64, 48, 51)[:200])
        out = self.run_data("check", bad, "--fix", self.folder / "good", code=1).stdout
        for sentence in ("box_outside: ", "annotation 1 reaches 16 pixels out of the picture of 64x48 (clip it",
                         "annotation 2 has width -3 and height 4", "annotation 3 is 0 wide and 5 high",
                         "picture_unreadable: ", "'3.png'"):
            self.assertIn(sentence, out)
        self.assertIn("nothing wrong was found", self.run_data("check", self.folder / "good").stdout)
        report = json.loads(self.run_data("check", bad, "--json", code=1).stdout)
        self.assertEqual((report["pictures"], report["boxes"]), (3, 4))
        self.assertEqual({f["flaw"] for f in report["findings"]},
                         {"box_outside", "box_inverted", "box_empty", "picture_unreadable"})
        self.assertEqual(report["findings"][0]["box"], [60, 0, 20, 10])

    def test_leaks(self):
        self.make("a", [])
        self.make("b", [], pictures=1)
        out = self.run_data("check", self.folder / "a", self.folder / "b", code=1).stdout
        self.assertIn("split_leak: ", out)
        self.assertIn("'1.png' of b is in a as well, as '1.png'", out)

    def test_stats(self):
        good = self.make("good", [(1, [0, 0, 10, 20])])
        out = self.run_data("stats", good, "--html", self.folder / "s.html").stdout
        self.assertIn("pictures   3, 2 without boxes", out)
        self.assertIn("</html>", (self.folder / "s.html").read_text())
        self.assertEqual(json.loads(self.run_data("stats", good, "--json").stdout)["boxes"], 1)

    def test_wrong_use_is_said(self):
        good = self.make("good", [])
        self.assertIn("--to says what it is to be", self.run_data("convert", good, self.folder / "x", code=2).stderr)
        self.assertIn("'cocco' is no format", self.run_data("check", good, "--from", "cocco", code=2).stderr)
        self.assertIn("is there already", self.run_data("convert", good, good, "--to", "voc", code=1).stderr)
        self.assertIn("no such file", self.run_data("stats", self.folder / "gone", code=1).stderr)
        (self.folder / "empty").mkdir()
        self.assertIn("no data set was recognised", self.run_data("check", self.folder / "empty", code=1).stderr)

    def test_ctrl_c_leaves_nothing(self):
        many = self.make("many", [], pictures=1)
        (many / "instances.json").write_text(json.dumps({"images": [
            {"id": i, "file_name": "1.png", "width": 64, "height": 48} for i in range(1, 200001)]}))
        target = self.folder / "out"
        run = subprocess.Popen([PASU, "data", "convert", many, target, "--to", "voc"], stderr=subprocess.PIPE)
        part = self.folder / "out.part/Annotations"
        for _ in range(2400):
            if part.exists() or run.poll() is not None:
                break
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        error = run.communicate(timeout=120)[1].decode()
        self.assertEqual(run.returncode, 130, error)
        self.assertIn("stopped; nothing was written", error)
        self.assertEqual(self.left(), ["many"])

    def test_damaged_records(self):
        ref = SHARED / "data/tf_od/ref"
        if not ref.exists():
            self.skipTest(f"no {ref}")
        for name, place in (("bad_datacrc", "record 0 at byte 0: the CRC of its 4998 bytes is wrong"),
                            ("bad_lencrc", "record 0 at byte 0: the CRC of its length is wrong"),
                            ("bad_trunc", "record 4 at byte 45352: its 12090 bytes end 37 bytes past")):
            file = ref / f"{name}.record"
            self.assertIn(place, self.run_data("convert", file, self.folder / f"{name}.json", code=1).stderr)
            self.assertFalse((self.folder / f"{name}.json").exists())
            done = self.run_data("convert", file, self.folder / f"{name}.json", "--skip-damaged")
            self.assertIn(place, done.stderr)
            self.assertIn("4 pictures", done.stdout)
            self.assertIn(place, self.run_data("check", file, code=1).stdout)

    def test_preview(self):
        first = self.make("set", [(1, [0, 0, 64, 48]), (2, [3, 4, 5, 6])])
        sheet = self.folder / "sheet.jpg"
        done = self.run_data("preview", first, "-o", sheet, "--size", "96x64", "--count", "5")
        self.assertIn("5 samples of 3 pictures", done.stdout)
        self.assertEqual(sheet.read_bytes()[:3], b"\xff\xd8\xff")
        again = self.folder / "again.jpg"
        self.run_data("preview", first, "-o", again, "--size", "96x64", "--count", "5")
        self.assertEqual(sheet.read_bytes(), again.read_bytes())
        self.run_data("preview", first, "-o", again, "--size", "96x64", "--count", "5", "--seed", "2")
        self.assertNotEqual(sheet.read_bytes(), again.read_bytes())
        held = self.run_data("preview", first, "-o", again, "--plain", "--hold-out", "set/2*", "--held-out")
        self.assertIn("of 1 pictures, 24 boxes", held.stdout)
        self.assertIn("is no size", self.run_data("preview", first, "--size", "96", code=2).stderr)
        self.assertIn("no picture is of that source",
                      self.run_data("preview", first, "--hold-out", "other/*", code=2).stderr)

    def test_label(self):
        first = self.make("set", [(1, [0, 0, 64, 48])])
        (first / "images/3.png").write_bytes(b"no picture")
        out = self.folder / "out"
        done = self.run_data("label", first, "--teacher", "hog", "-o", out, "--trust", "0.7")
        self.assertIn("2 pictures (0 noted before), 1 hand-drawn boxes (1 that", done.stdout)
        self.assertIn("left out: 3.png", done.stderr)
        made = json.loads((out / "instances.json").read_text())
        self.assertEqual([(a["bbox"], round(a["score"], 3)) for a in made["annotations"]], [([0, 0, 64, 48], 0.7)])
        self.assertTrue((out / "images/1.png").exists())
        self.assertIn("2 pictures (2 noted before)",
                      self.run_data("label", first, "--teacher", "hog=2:0.3:1", "-o", out).stdout)
        self.assertIn("is no WEIGHT", self.run_data("label", first, "--teacher", "hog=x", "-o", out, code=2).stderr)
        self.run_data("label", first, "-o", out, code=2)

    def test_real_sets_come_back_the_same(self):
        real = SHARED / "data/train/pennfudan"
        if not real.exists():
            self.skipTest(f"no {real}")
        at = real
        for i, to in enumerate(("voc", "coco", "tfrecord", "yolo", "voc")):
            self.run_data("convert", at, self.folder / str(i), "--to", to)
            at = self.folder / str(i)
        compared = filecmp.dircmp(self.folder / "0/Annotations", self.folder / "4/Annotations")
        self.assertEqual((compared.left_only, compared.right_only, compared.diff_files), ([], [], []))


if __name__ == "__main__":
    unittest.main()
