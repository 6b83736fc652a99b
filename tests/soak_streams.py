#!/usr/bin/env python3
"""A hundred cameras pushed by `pasu push` into one `pasu serve`, five hundred readers, for ten minutes; then all
publishers are killed and started again. Not run by ctest.

  soak_streams.py [--cameras=100] [--readers=500] [--seconds=600] [--clip=bench/media/720p25.mp4]

Prints what it measures and ends with 1 where a picture was lost, a reader was dropped, the memory grew, or a camera
was not back within 10 s. The machine should have nothing else to do.
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

from pasu_server import PASU, ROOT, Server, option

LOGIN = "cam:s3cret"
BACK_MAX = 10.0
GROWTH_MAX = 0.05
SETTLE = 60.0  # Until every stream holds its two GOPs and every pool has its size.


class Publishers:
    def __init__(self, server, names, clip, folder):
        self.commands = [[PASU, "push", clip, server.stream_url("rtsp", name, LOGIN), "--loop"] for name in names]
        self.folder = folder
        self.running = []

    def start(self):
        for i, command in enumerate(self.commands):
            with open(self.folder / f"push{i}.log", "w") as log:
                self.running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log))

    def kill(self):
        for process in self.running:
            process.send_signal(signal.SIGKILL)
        for process in self.running:
            process.wait()
        self.running.clear()


def states(server):
    return [camera["state"] for camera in server.cameras().values()]


def wait_for(what, seconds):
    begun = time.monotonic()
    while not what():
        if time.monotonic() - begun > seconds:
            return None
        time.sleep(0.1)
    return time.monotonic() - begun


def read(server, cameras, readers, seconds, clip):
    url = server.stream_url("rtsp", "c%", LOGIN).replace("%25", "%")
    return subprocess.Popen([PASU, "bench", "stream", "--url", url, "--streams", str(cameras), "--readers", str(readers),
                             "--newcomers", "0", "--pid", str(server.process.pid), "--seconds", str(seconds), "--clip",
                             clip, "--json"], stdout=subprocess.PIPE, text=True)


def steady(server, cameras, readers, seconds, clip):
    """All that is wrong after `seconds` in which nothing happens."""
    load = read(server, cameras, readers, seconds, clip)
    memory = []
    begun = time.monotonic()
    while load.poll() is None:
        time.sleep(5)
        memory.append((time.monotonic() - begun, server.resident_bytes() / 1e6))
    cost = json.loads(load.stdout.read())
    settled = [mb for at, mb in memory if at > min(SETTLE, seconds / 3)]
    early, late = settled[: len(settled) // 4 + 1], settled[-(len(settled) // 4 + 1):]
    first, last = sum(early) / len(early), sum(late) / len(late)
    print(f"{cost['seconds']:.0f} s, {cameras} cameras, {cost['readers']} readers: {cost['pictures']} pictures, "
          f"{cost['lost']} lost, {cost['failed']} readers dropped, {cost['cpu_ms_per_reader_second']:.3f} CPU-ms a "
          f"reader-second, RSS {first:.1f} MB in the first quarter, {last:.1f} in the last", flush=True)
    wrong = []
    if cost["lost"] or cost["failed"] or cost["readers"] < readers:
        wrong.append("pictures were lost or readers dropped")
    if last > first * (1 + GROWTH_MAX):
        wrong.append("the memory grew")
    return wrong


def restarted(server, publishers, cameras, readers, clip):
    """All that is wrong with the server after its publishers died and came back."""
    load = read(server, cameras, readers, 40, clip)
    wait_for(lambda: sum(c["figures"]["stream_readers"] for c in server.cameras().values()) >= readers, 60)
    time.sleep(5)
    publishers.kill()
    gone = wait_for(lambda: "live" not in states(server), 30)
    publishers.start()
    back = wait_for(lambda: states(server).count("live") == cameras, 60)
    cost = json.loads(load.communicate()[0])
    print(f"publishers killed: cameras waiting after {gone:.1f} s; started again: all live after "
          f"{'more than 60' if back is None else f'{back:.1f}'} s; {cost['readers']} of {readers} readers still there, "
          f"{cost['failed']} dropped", flush=True)
    wrong = []
    if back is None or back > BACK_MAX:
        wrong.append(f"not all cameras were back within {BACK_MAX:.0f} s")
    if cost["readers"] < readers:
        wrong.append("readers were dropped")
    return wrong


def main():
    cameras, readers, seconds = option("cameras", 100), option("readers", 500), option("seconds", 600.0)
    clip = option("clip", str(ROOT / "bench/media/720p25.mp4"))
    if not pathlib.Path(clip).exists():
        sys.exit(f"{clip} is not there; bench/stream_clip.sh {clip} makes it")
    names = [f"c{i}" for i in range(cameras)]
    user, password = LOGIN.split(":")
    with tempfile.TemporaryDirectory() as folder, Server(
            [(name, "publish", "fps = 0") for name in names], streaming=(),
            users=[(f'name = "{user}"', f'password = "{password}"', 'read = ["*"]', 'publish = ["*"]')]) as server:
        publishers = Publishers(server, names, clip, pathlib.Path(folder))
        publishers.start()
        try:
            came = wait_for(lambda: states(server).count("live") == cameras, 120)
            if came is None:
                sys.exit(f"only {states(server).count('live')} of {cameras} cameras are live after 120 s")
            print(f"{cameras} publishers: all live after {came:.1f} s", flush=True)
            wrong = steady(server, cameras, readers, seconds, clip)
            wrong += restarted(server, publishers, cameras, readers, clip)
        finally:
            publishers.kill()
    for sentence in wrong:
        print(f"WRONG: {sentence}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
