#!/usr/bin/env python3
"""pasu gop, probe and detect on RTMP and RTSP addresses, which our own clients read.

PASU_BIN names the program, PASU_STREAM_SERVER the test server, PASU_TEST_MEDIA the folder of
tests/make_media.sh.
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build/release"
PASU = os.environ.get("PASU_BIN", str(BUILD / "pasu"))
SERVER = os.environ.get("PASU_STREAM_SERVER", str(BUILD / "tests/pasu_stream_server"))
CLIP = pathlib.Path(os.environ.get("PASU_TEST_MEDIA", BUILD / "media")) / "h264_aac.mp4"
PATIENCE = 60


def pasu(*arguments):
    return subprocess.run([PASU, *map(str, arguments)], capture_output=True, text=True,
                          timeout=PATIENCE, stdin=subprocess.DEVNULL)


class Streams(unittest.TestCase):
    """A clip that is pushed round and round."""

    @classmethod
    def setUpClass(cls):
        cls.server = subprocess.Popen([SERVER, "--rtmp", "0", "--declare", "clip"], text=True,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        port = dict(p.split("=") for p in cls.server.stdout.readline().split())["rtmp"]
        cls.url = f"rtmp://127.0.0.1:{port}/clip"
        cls.push = subprocess.Popen([PASU, "push", CLIP, cls.url, "--loop"],
                                    stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @classmethod
    def tearDownClass(cls):
        cls.push.send_signal(signal.SIGINT)
        cls.push.wait(PATIENCE)
        cls.server.communicate(timeout=PATIENCE)

    def test_gop_shows_the_files_pictures(self):
        """The stream's frames are a run of the file's, round and round."""
        done = pasu("gop", "--json", "-n", 40, self.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        got = [(f["type"], f["bytes"]) for g in json.loads(done.stdout)["gops"] for f in g["frames"]]
        whole = json.loads(pasu("gop", "--json", CLIP).stdout)
        sent = [(f["type"], f["bytes"]) for g in whole["gops"] for f in g["frames"]] * 2
        self.assertEqual(len(got), 40)
        self.assertTrue(any(sent[i:i + 40] == got for i in range(len(sent) // 2)), got)

    def test_probe_measures_for_the_time_given(self):
        done = pasu("probe", "--json", "--seconds", 1, self.url)
        self.assertEqual(done.returncode, 0, done.stderr)
        said = json.loads(done.stdout)
        self.assertEqual((said["format"], said["live"]), ("rtmp", True))
        kinds = {s["kind"]: s for s in said["streams"]}
        self.assertEqual(kinds["video"]["codec"], "h264")
        self.assertEqual(kinds["audio"]["codec"], "aac")
        self.assertGreater(kinds["video"]["measured"]["frames"], 10)

    def test_detect_reads_until_ctrl_c(self):
        process = subprocess.Popen([PASU, "detect", "--model", "hog", "--json", "-", "--fps", "2",
                                    self.url], text=True, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = json.loads(process.stdout.readline())
        self.assertEqual(line["source"], self.url)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 130, errors)


class Errors(unittest.TestCase):
    def test_nobody_there(self):
        for scheme in ("rtsp", "rtmp", "RTSP"):
            for command in ("gop", "probe", "detect"):
                with self.subTest(scheme=scheme, command=command):
                    done = pasu(command, f"{scheme}://ann:secret@127.0.0.1:1/live")
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("127.0.0.1:1/live", done.stderr)
                    self.assertIn(" runs", done.stderr)
                    self.assertNotIn("secret", done.stderr)

    def test_ctrl_c_while_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            for command in ("gop", "probe"):
                with self.subTest(command=command):
                    process = subprocess.Popen([PASU, command, f"rtsp://127.0.0.1:{port}/live"],
                                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                               stderr=subprocess.PIPE)
                    connection, _ = silent.accept()
                    with connection:
                        process.send_signal(signal.SIGINT)
                        process.communicate(timeout=8)  # Less than the 10 s of its patience.
                    self.assertEqual(process.returncode, 1)


if __name__ == "__main__":
    unittest.main()
