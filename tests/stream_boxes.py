#!/usr/bin/env python3
"""NAME/boxes in other people's players, over RTSP and RTMP, and the encoder that rests when nobody watches.

PASU_TEST_PICTURES: a folder where one picture of each player is left to be looked at.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from pasu_server import MEDIA, PATIENCE, ROOT, Server
from stream.programs import PROGRAMS, Running, scheme_of
from stream.raw_rtsp import Rtsp

STREET = ROOT / "demo/vtest.avi"  # 768x576, 10 pictures a second, people all the time
PLAYERS = [(name, way) for name in ("pasu", "ffmpeg", "gstreamer", "vlc") for way in ("rtsp tcp", "rtmp")]


def vivid_pixels(picture):
    """How many pixels of a picture have a strong colour; the street is grey, boxes are not."""
    raw = subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", str(picture), "-frames:v", "1", "-f", "rawvideo",
                          "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return sum(max(raw[at:at + 3]) - min(raw[at:at + 3]) > 100 for at in range(0, len(raw), 3))


def probe(path):
    """(codec, width, height, pictures)"""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v:0", "-count_frames", "-show_entries",
                           "stream=codec_name,width,height,nb_read_frames", "-of", "csv=p=0", str(path)],
                          capture_output=True, text=True)
    # Of a transport stream every line comes twice.
    codec, width, height, count = (done.stdout.split() or [",0,0,0"])[0].rstrip(",").split(",")[:4]
    return codec, int(width), int(height), int(count)


def wait_until(done, what, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(what)
        time.sleep(0.1)


@unittest.skipUnless(STREET.exists(), "demo/vtest.avi is not there; scripts/setup.sh fetches it")
class Boxes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server([("street", STREET), ("sound", MEDIA / "h264_aac.mp4")], streaming=(),
                            users=[('name = "anyone"',)])
        cls.server.wait_for("street", "live")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def encoded(self):
        return self.server.metric("pasu_node_boxes_encoded_total", stream="street/boxes")

    def decoded(self):
        return self.server.metric("pasu_node_frames_decoded_total", camera="street")

    def readers(self):
        return self.server.camera("street")["figures"]["stream_readers"]

    def expect_rest(self):
        """While the camera is decoded as ever, nothing is encoded."""
        wait_until(lambda: self.readers() == 0, "readers stay")
        decoded = self.decoded()
        wait_until(lambda: self.decoded() >= decoded + 3, "the camera stands")
        encoded, decoded = self.encoded(), self.decoded()
        wait_until(lambda: self.decoded() >= decoded + 12, "the camera stands")
        self.assertEqual(self.encoded(), encoded)

    def play(self, name, way):
        program = PROGRAMS[name]
        if missing := program.missing(way):
            self.skipTest(missing)
        with tempfile.TemporaryDirectory() as home:
            folder = pathlib.Path(home)
            folder.chmod(0o777)
            url = self.server.stream_url(scheme_of(way), "street/boxes")
            encoded = self.encoded()
            command = program.read_command(url, way, folder, sound=False)
            recording = program.recording(folder)
            if name == "ffmpeg":  # Its command there writes hashes.
                recording = folder / "out.mkv"
                command = [*command[:command.index("-i") + 2], "-map", "0:v", "-c", "copy", recording]
            player = Running(command, folder)
            try:
                enough = encoded + (60 if name == "vlc" else 30)  # It writes down seconds late.
                wait_until(lambda: player.ended() or self.encoded() >= enough, "nothing is encoded")
                self.assertFalse(player.ended(), player.said())
            finally:
                player.interrupt()
                player.wait(5)
                player.end()
            codec, width, height, count = probe(recording)
            self.assertEqual((codec, width, height), ("h264", 768, 576))
            self.assertGreater(count, 15, player.said())
            picture = folder / "picture.png"
            subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", recording, "-vf", "select=eq(n\\,15)", "-frames:v",
                            "1", picture], check=True)
            if keep := os.environ.get("PASU_TEST_PICTURES"):
                shutil.copy(picture, pathlib.Path(keep) / f"boxes {name} {way}.png".replace(" ", "-"))
            plain = folder / "plain.jpg"
            plain.write_bytes(self.server.get("/api/v1/cameras/street/frame.jpeg")[2])
            self.assertGreater(vivid_pixels(picture), vivid_pixels(plain) + 500, "no boxes are in it")

    def test_rests_without_anybody(self):
        self.expect_rest()

    def test_encoded_once_for_all_and_not_after_the_last(self):
        readers = []
        for _ in range(5):
            readers.append(Rtsp(self.server.ports["rtsp"]))
            readers[-1].play("street/boxes")
        self.assertEqual(self.readers(), 5)
        encoded, decoded = self.encoded(), self.decoded()
        wait_until(lambda: self.decoded() >= decoded + 30, "the camera stands")
        self.assertLess(self.encoded() - encoded, 2 * 30)
        for reader in readers[1:]:
            reader.socket.close()
        wait_until(lambda: self.readers() == 1, "readers stay")
        encoded = self.encoded()
        wait_until(lambda: self.encoded() > encoded + 10, "it ends although there is a reader")
        readers[0].socket.close()
        self.expect_rest()


for player, how in PLAYERS:
    def test(self, player=player, how=how):
        self.play(player, how)
        self.expect_rest()
    setattr(Boxes, f"test_{player}_{how.replace(' ', '_')}", test)


if __name__ == "__main__":
    unittest.main(verbosity=2)
