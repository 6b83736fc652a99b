#!/usr/bin/env python3
"""`pasu detect` as its users run it: outputs, exit codes, sentences. Run by ctest; PASU_BIN is the program, PASU_TEST_MEDIA the
clips of make_media.sh. Clips in ../shared (or $PASU_SHARED) are skipped by name where they are not."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
PASU = os.environ.get("PASU_BIN", str(ROOT / "build/release/pasu"))
MEDIA = pathlib.Path(os.environ.get("PASU_TEST_MEDIA", ROOT / "build/release/media"))
SHARED = pathlib.Path(os.environ.get("PASU_SHARED", ROOT.parent / "shared"))
VTEST = ROOT / "demo/vtest.avi"


def streams(path):
    """Kind -> (codec, frames or packets, width, height) as ffprobe counts them."""
    out = subprocess.run(
        ["ffprobe", "-v", "error", "-count_packets", "-show_streams", "-of", "json", str(path)],
        capture_output=True, check=True, text=True).stdout
    return {s["codec_type"]: (s["codec_name"], int(s["nb_read_packets"]), s.get("width"), s.get("height"))
            for s in json.loads(out)["streams"]}


class DetectCli(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pasu_detect_")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_detect(self, *args, code=0):
        done = subprocess.run([PASU, "detect", *map(str, args)], capture_output=True, text=True,
                              errors="replace", timeout=240)
        self.assertEqual(done.returncode, code, done.stderr)
        return done

    def lines(self, path):
        return [json.loads(line) for line in path.read_text().splitlines()]

    def left(self):
        return sorted(p.name for p in self.folder.iterdir())

    def test_a_real_scene(self):
        if not VTEST.exists():
            self.skipTest(f"no {VTEST}")
        clip = self.folder / "cut.avi"
        subprocess.run(["ffmpeg", "-v", "error", "-i", str(VTEST), "-t", "6", "-c", "copy", str(clip)], check=True)
        done = self.run_detect(clip, "-o", self.folder / "boxed.mp4", "--json", self.folder / "boxes.jsonl")
        lines = self.lines(self.folder / "boxes.jsonl")
        self.assertEqual(done.stdout, "")
        self.assertIn(f"{len(lines)} frames", done.stderr)
        self.assertNotIn("\r", done.stderr, "progress where there is no terminal")
        self.assertEqual(streams(clip)["video"][1], len(lines))
        self.assertEqual(streams(self.folder / "boxed.mp4")["video"], ("h264", len(lines), 768, 576))
        self.assertEqual(set(lines[0]), {"source", "frame", "pts", "width", "height", "detections"})
        people = [len(line["detections"]) for line in lines]
        self.assertGreater(min(people[2:]), 1, "several people are in every frame of vtest.avi")
        self.assertLess(max(people), 20)
        for line in lines:
            for one in line["detections"]:
                self.assertEqual(set(one), {"label", "score", "box", "track"})
                x, y, w, h = one["box"]
                self.assertTrue(0 <= x and x + w <= 768.01 and 0 <= y and y + h <= 576.01, one)
        long_lived = {t for t in (o["track"] for line in lines for o in line["detections"]) if t}
        self.assertLess(len(long_lived), 25, "ids should stay with people")
        self.assertEqual(self.left(), ["boxed.mp4", "boxes.jsonl", "cut.avi"])

    def test_lines_go_to_stdout_unless_told(self):
        plain = self.run_detect(MEDIA / "h264_aac.mp4", "--fps", "5")
        self.assertEqual([json.loads(line)["frame"] for line in plain.stdout.splitlines()], list(range(0, 75, 5)))
        dash = self.run_detect(MEDIA / "h264_aac.mp4", "--fps", "5", "--json", "-", "-o", self.folder / "o.mp4")
        self.assertEqual(plain.stdout, dash.stdout)

    def test_sound_is_kept(self):
        self.run_detect(MEDIA / "h264_aac.mp4", "-o", self.folder / "o.mp4")
        before, after = streams(MEDIA / "h264_aac.mp4"), streams(self.folder / "o.mp4")
        self.assertEqual(after["audio"][:2], before["audio"][:2])
        self.assertEqual(after["video"][1], before["video"][1])
        self.assertIn("pcm_mulaw", self.run_detect(MEDIA / "h264_pcmu.mkv", "-o", self.folder / "p.mp4").stderr)
        self.run_detect(MEDIA / "h264_pcmu.mkv", "-o", self.folder / "p.mkv")
        self.assertEqual(streams(self.folder / "p.mkv")["audio"][0], "pcm_mulaw")

    def test_threshold_holds(self):
        if not VTEST.exists():
            self.skipTest(f"no {VTEST}")
        out = self.run_detect(MEDIA / "msmpeg4.avi", "--threshold", "0.6").stdout
        scores = [o["score"] for line in out.splitlines() for o in json.loads(line)["detections"]]
        self.assertTrue(scores)
        self.assertGreaterEqual(min(scores), 0.6)

    def test_pictures_and_folders(self):
        folder = self.folder / "in"
        folder.mkdir()
        for name in ("picture.png", "picture.jpg", "mjpeg.avi"):
            (folder / name).write_bytes((MEDIA / name).read_bytes())
        (folder / "notes.txt").write_text("no media")
        self.run_detect(folder, "-o", self.folder / "out", "--json", self.folder / "b.jsonl")
        self.assertEqual(sorted(p.name for p in (self.folder / "out").iterdir()),
                         ["mjpeg.mp4", "picture-2.jpg", "picture.jpg"])
        sources = [pathlib.Path(line["source"]).name for line in self.lines(self.folder / "b.jsonl")]
        self.assertEqual(sources, ["mjpeg.avi"] * 10 + ["picture.jpg", "picture.png"])
        self.assertEqual(streams(self.folder / "out/picture-2.jpg")["video"], ("mjpeg", 1, 321, 241))
        self.run_detect(MEDIA / "picture.jpg", "-o", self.folder / "one.jpg")
        self.assertEqual(streams(self.folder / "one.jpg")["video"][2:], (320, 240))

    def test_bad_input(self):
        broken = self.folder / "broken.xml"
        broken.write_text("<net/>")
        out = self.folder / "o.mp4"
        cases = [  # arguments, exit code, what the sentence says
            (["none.mp4"], 1, "none.mp4: no such file"),
            ([MEDIA / "empty.mp4", "-o", out], 1, "empty.mp4"),
            ([MEDIA / "garbage.mp4", "-o", out], 1, "garbage.mp4"),
            ([MEDIA / "sound.m4a", "-o", out], 1, "no video"),
            ([MEDIA / "truncated.mp4"], 1, "truncated.mp4"),
            ([MEDIA / "mjpeg.avi", "-o", "/no/such/place/o.mp4"], 1, "/no/such/place/o.mp4"),
            ([MEDIA / "mjpeg.avi", "-o", self.folder / "o.xyz"], 1, ".mp4"),
            ([MEDIA / "mjpeg.avi", "--json", "/no/such/place/b.jsonl"], 1, "/no/such/place/b.jsonl"),
            ([MEDIA / "mjpeg.avi", "--json", "/dev/full"], 1, "No space left"),
            ([MEDIA / "mjpeg.avi", "--model", "persom", "-o", out], 1, "person"),
            ([MEDIA / "mjpeg.avi", "--model", broken, "-o", out], 1, "broken.xml"),
            ([MEDIA / "mjpeg.avi", "--model", MEDIA / "picture.png", "-o", out], 1, "picture.png"),
            ([MEDIA / "mjpeg.avi", "--input", "1x1"], 1, "1x1"),
            ([MEDIA / "mjpeg.avi", "--input", "big"], 2, "640x384"),
            ([MEDIA / "mjpeg.avi", "-o", MEDIA / "mjpeg.avi"], 2, "is an input"),
            ([MEDIA / "mjpeg.avi", MEDIA / "hevc.mp4", "-o", out], 2, "name a folder"),
            ([MEDIA / "mjpeg.avi", "--threshold", "0"], 2, "threshold"),
            ([MEDIA / "mjpeg.avi", "--fps", "-1"], 2, "fps"),
            ([MEDIA / "mjpeg.avi", "--frames", "1"], 2, "--frames"),
            ([], 2, "IN"),
            (["gopher://host/x"], 1, "gopher"),
            (["rtsp://127.0.0.1:9/x"], 1, "rtsp://127.0.0.1:9/x"),
        ]
        for arguments, code, words in cases:
            with self.subTest(arguments=arguments):
                done = self.run_detect(*arguments, code=code)
                self.assertIn(words, done.stderr)
                self.assertEqual(self.left(), ["broken.xml"])

    def test_credentials_are_not_shown(self):
        done = self.run_detect("rtsp://admin:secret@127.0.0.1:9/x", code=1)
        self.assertNotIn("secret", done.stderr + done.stdout)

    def test_a_moved_checkout_runs(self):
        place = self.folder / "build/release"
        place.mkdir(parents=True)
        program = shutil.copy(PASU, place)
        for name in ("third_party", "models"):
            (self.folder / name).symlink_to(ROOT / name)
        libraries = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        self.assertRegex(libraries, rf"libopenvino\S+ => {self.folder}/\S+")
        subprocess.run([program, "detect", MEDIA / "picture.jpg"], cwd=self.folder, check=True, capture_output=True)

    def test_a_bad_input_does_not_stop_the_others(self):
        self.run_detect(MEDIA / "garbage.mp4", MEDIA / "mjpeg.avi", MEDIA / "sound.mp3", MEDIA / "picture.jpg",
                        "-o", self.folder / "out", "--json", self.folder / "b.jsonl", code=1)
        self.assertEqual(sorted(p.name for p in (self.folder / "out").iterdir()), ["mjpeg.mp4", "picture.jpg"])
        self.assertEqual(len(self.lines(self.folder / "b.jsonl")), 11)

    def test_ctrl_c_keeps_what_was_done(self):
        video, boxes = self.folder / "o.mp4", self.folder / "b.jsonl"
        clip = [MEDIA / "h264_aac.mp4"] * 400
        process = subprocess.Popen([PASU, "detect", *map(str, clip), "-o", str(self.folder / "out"), "--json", "-"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first = [process.stdout.readline() for _ in range(100)]  # In the midst of the second clip.
        process.send_signal(signal.SIGINT)
        # Not communicate(), which would pass over what readline() read ahead.
        rest, errors = process.stdout.read(), process.stderr.read()
        self.assertEqual(process.wait(timeout=60), 130, errors)
        process.stdout.close(), process.stderr.close()
        lines = [json.loads(line) for line in first + rest.splitlines()]
        self.assertLess(len(lines), 75 * 400)
        written = sorted((self.folder / "out").iterdir())
        self.assertFalse([p for p in written if p.suffix == ".part"])
        self.assertEqual(sum(streams(p)["video"][1] for p in written), len(lines))
        self.assertFalse(video.exists() or boxes.exists())

    def test_a_closed_pipe_ends_it(self):
        process = subprocess.Popen([PASU, "detect", *[str(MEDIA / "h264_aac.mp4")] * 400],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.readline()
        process.stdout.close()
        self.assertEqual(process.wait(timeout=60), 1)

    def test_help_teaches(self):
        text = self.run_detect("--help").stdout
        for words in ("Examples:", "--json", "rtsp://", '"detections"', "Ctrl-C"):
            self.assertIn(words, text)

    def test_people_detection_264(self):
        """Acceptance: 596 lines, 596 frames, people boxed, nothing in the empty stretches."""
        clip = SHARED / "data/clips/people-detection.264"
        model = SHARED / "data/weights/person-vehicle-bike-detection-2002.xml"
        if not clip.exists() or not model.exists():
            self.skipTest(f"no {clip} or {model}")
        self.run_detect(clip, "--model", model, "-o", self.folder / "x.mp4", "--json", self.folder / "x.jsonl")
        lines = self.lines(self.folder / "x.jsonl")
        self.assertEqual([line["frame"] for line in lines], list(range(596)))
        self.assertEqual(streams(self.folder / "x.mp4")["video"], ("h264", 596, 768, 432))
        # Looked up frame by frame: the stretches in which somebody is wholly in the picture, and the empty ones.
        for first, last in ((25, 70), (185, 235), (360, 395), (527, 543)):
            for line in lines[first:last]:
                self.assertTrue(line["detections"], f"nobody found in frame {line['frame']}")
        for first, last in ((0, 15), (85, 170), (262, 330), (430, 515), (565, 596)):
            for line in lines[first:last]:
                self.assertFalse(line["detections"], f"a ghost in frame {line['frame']}")
        self.assertEqual({o["label"] for line in lines for o in line["detections"]}, {"person"})


if __name__ == "__main__":
    unittest.main()
