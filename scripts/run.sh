#!/usr/bin/env bash
# The main job, from a bare Debian 12: sets up, builds and watches the demo clip. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/run.sh [--once] [options of 'pasu serve']
  (nothing)   sets up, builds, serves the demo clip as a camera and prints the page's address
  --once      instead writes boxed.mp4 and boxes.jsonl from the clip, prints a summary and ends
Examples:
  scripts/run.sh --port 9000
  scripts/run.sh --listen 0.0.0.0        the page for the whole network (there are no user accounts yet)
USAGE
}

once=
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --once) once=1 && shift ;;
esac
scripts/setup.sh
build release pasu

pasu=build/release/pasu
mkdir -p out
if [ -n "$once" ]; then
  say "looking for people in demo/vtest.avi"
  "$pasu" detect demo/vtest.avi -o boxed.mp4 --json boxes.jsonl "$@"
  say "done: look at boxed.mp4; the coordinates are in boxes.jsonl"
else
  exec "$pasu" serve -c scripts/demo.toml "$@"
fi
