#!/usr/bin/env python3
"""Cameras that behave as none should, all in one `pasu serve` beside a good one: each shows a state and a reason that
names its trouble, the good one goes on without a hole, and memory stays bounded."""

import sys
import time
import unittest

from pasu_server import MEDIA, Server
from stream.bad_cameras import BadCameras
from stream.raw_rtsp import RtspWitness

GROWTH_MAX = 64 << 20
PATIENCE = 75

# name: (state, words of its reason)
EXPECTED = {
    "redirect_loop": ("lost", "redirect"),
    "no_media": ("lost", "no media"),
    "many_media": ("lost", "media"),
    "huge_sprop": ("live", ""),
    "huge_description": ("lost", "Content-Length"),
    "sps_65535": ("lost", "nothing could be made"),
    "stap_zero": ("lost", "nothing could be made"),
    "fu_without_start": ("lost", "nothing could be made"),
    "extension_past_end": ("lost", "nothing could be made"),
    "mixed": ("live", ""),
    "lost_dollar": ("live", ""),
    "body_length_-1": ("lost", "Content-Length"),
    "body_length_4gib": ("lost", "Content-Length"),
    "garbage": ("lost", "RTSP"),
    "garbage_playing": ("lost", ""),
    "endless_headers": ("lost", "header"),
    "never_answers": ("lost", "answer"),
    "drips": ("lost", "answer"),
    "vanishes": ("lost", "ended"),
    "falls_silent": ("lost", "stopped sending"),
    "always_stale": ("lost", "password"),
    "too_many_sessions": ("lost", "453"),
    "rtmp_garbage": ("lost", "chunk"),
    "rtmp_chunk_size_0": ("lost", "Chunk Size to 0"),
    "rtmp_deep_amf": ("lost", "no answer to connect"),
    "rtmp_silent": ("lost", "no answer to connect"),
}


class HostileCameras(unittest.TestCase):
    def test_each_is_named_and_troubles_nobody(self):
        with BadCameras(MEDIA / "h264.264") as cameras:
            configured = [("good", cameras.url("good"), "fps = 1")]
            configured += [(name, cameras.url(name), "fps = 1") for name in EXPECTED]
            with Server(configured, streaming=(), users=[('name = "anyone"',)]) as server, server.live() as live:
                server.wait_for("good", "live")
                witness = RtspWitness(server.ports["rtsp"], "good")
                waiting, seen, resident = dict(EXPECTED), {}, []
                deadline = time.monotonic() + PATIENCE
                while waiting and time.monotonic() < deadline:
                    said = live.receive_json()
                    if said["type"] == "server":  # Once a second.
                        resident.append(server.resident_bytes())
                    if said["type"] != "camera":
                        continue
                    camera = said["camera"]
                    name, state, reason = camera["name"], camera["state"], camera.get("reason", "")
                    seen.setdefault(name, []).append((state, reason))
                    if name in waiting and state == waiting[name][0] and waiting[name][1] in reason:
                        if state == "live" or len(reason) > 10:
                            del waiting[name]
                self.assertFalse(waiting, {name: (waiting[name], seen.get(name)) for name in waiting})
                packets = witness.packets
                while witness.packets < packets + 50 and not witness.trouble and time.monotonic() < deadline + 10:
                    time.sleep(0.05)
                witness.finish()
                self.assertEqual(witness.trouble, "")
                self.assertGreater(witness.packets, packets)
                self.assertEqual(server.camera("good")["figures"]["reconnects"], 0)
                # What was bad in an otherwise good stream is counted.
                for name in ("mixed", "lost_dollar"):
                    self.assertGreater(server.metric("pasu_node_packets_bad_total", camera=name) +
                                       server.metric("pasu_node_packets_lost_total", camera=name), 0, name)
                print(f"resident MiB: {[size >> 20 for size in resident[::5]]}", file=sys.stderr)
                half = len(resident) // 2
                self.assertLess(max(resident[half:]) - max(resident[:half]), GROWTH_MAX)


if __name__ == "__main__":
    unittest.main(verbosity=2)
