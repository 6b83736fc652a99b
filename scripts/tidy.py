#!/usr/bin/env python3
"""clang-tidy 19 on every C++ file that changed, itself or in a header, since it was last found clean.

usage: scripts/tidy.py BUILD [FILE...]     BUILD: a folder with compile_commands.json; FILE: only these

What was clean is kept in BUILD/tidy, so a run that was stopped goes on where it was. The path-sensitive analyser is
left out for tests: it takes most of the time and finds gtest's macros there.
"""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEST_SUFFIXES = ("_test.cc", "_fuzz.cc", "_bench.cc")


def project_files_of(command, folder):
    """The file and our own headers it includes, by the compiler's word."""
    arguments = shlex.split(command)
    if "ccache" in os.path.basename(arguments[0]):
        arguments = arguments[1:]
    at = arguments.index("-o")
    listing = subprocess.run(
        [*arguments[:at], *arguments[at + 2 :], "-MM"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    names = listing.split(":", 1)[1].replace("\\\n", " ").split()
    return sorted(os.path.normpath(os.path.join(folder, name)) for name in names)


def fingerprint(entry, checks):
    """What the verdict on a file hangs on: the file, its headers, its flags and the checks."""
    digest = hashlib.sha256(checks + entry["command"].encode())
    for name in project_files_of(entry["command"], entry["directory"]):
        digest.update(name.encode() + pathlib.Path(name).read_bytes())
    return digest.hexdigest()


def examine(entry, build, checks):
    """Returns (file, fresh, complaint): whether clang-tidy ran, and what it said against the file, or None."""
    file = os.path.relpath(entry["file"], ROOT)
    stamp = build / "tidy" / (file.replace("/", "+") + ".clean")
    try:
        now = fingerprint(entry, checks)
    except (subprocess.CalledProcessError, OSError) as failure:
        return file, True, f"{file}: cannot be preprocessed: {getattr(failure, 'stderr', '') or failure}"
    if stamp.exists() and stamp.read_text() == now:
        return file, False, None
    command = ["clang-tidy-19", "-p", str(build), "--quiet", "--warnings-as-errors=*"]
    if file.endswith(TEST_SUFFIXES):
        command.append("--checks=-clang-analyzer-*")
    done = subprocess.run([*command, entry["file"]], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        return file, True, done.stdout + done.stderr
    stamp.write_text(now)
    return file, True, None


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0 if len(sys.argv) > 1 else 2
    build = pathlib.Path(sys.argv[1]).resolve()
    wanted = {str(pathlib.Path(name).resolve()) for name in sys.argv[2:]}
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if entry["file"].startswith(str(ROOT / "src")) and (not wanted or entry["file"] in wanted):
            entries.setdefault(entry["file"], entry)
    (build / "tidy").mkdir(exist_ok=True)
    checks = (ROOT / ".clang-tidy").read_bytes() + pathlib.Path(__file__).read_bytes()
    began, fresh, broken = time.monotonic(), 0, []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(examine, entry, build, checks) for entry in entries.values()]
        for done, job in enumerate(concurrent.futures.as_completed(jobs), 1):
            file, ran, complaint = job.result()
            fresh += ran
            if complaint:
                broken.append(file)
                print(complaint, flush=True)
            if ran:
                print(f"[{done}/{len(jobs)}, {time.monotonic() - began:.0f}s] {file}", file=sys.stderr, flush=True)
    print(f"{len(jobs)} files, {fresh} examined, {len(broken)} not clean: {' '.join(broken) or 'none'}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
