# Shared by the scripts beside this file; sourced, never run.
# shellcheck shell=bash

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
LOGS=$ROOT/build/logs
SECONDS=0

# say TEXT: one progress line, with the seconds since the script began.
say() { printf '[%3ds] %s\n' "$SECONDS" "$*" >&2; }

# die WHAT REMEDY: why it ends, and what to do about it.
die() {
  printf '%s: error: %s\n' "$(basename "$0")" "$1" >&2
  [ $# -lt 2 ] || printf '  remedy: %s\n' "$2" >&2
  exit 1
}

# logged NAME COMMAND...: runs it with its output in build/logs/NAME.log; on failure shows the end of that.
logged() {
  local log=$LOGS/$1.log
  shift
  mkdir -p "$LOGS"
  if "$@" >"$log" 2>&1; then return 0; fi
  printf '%s\n' "--- the end of $log ---" >&2
  tail -n 25 "$log" >&2
  printf '%s\n' "---" >&2
  return 1
}

# need_disk FOLDER MEBIBYTES WHY
need_disk() {
  local free
  free=$(df --output=avail -m "$1" | tail -n 1 | tr -d ' ')
  [ "$free" -ge "$2" ] || die "$free MiB are free in $1, and $3 needs about $2 MiB" \
    "free some space there, or put the checkout on a larger disk"
}

# build PRESET TARGET: configures and builds, with a line of progress; on failure the end of the log.
build() {
  say "building $2 ($1)"
  logged "configure-$1" cmake --preset "$1" || die "configuring failed (above, and build/logs/configure-$1.log)"
  if [ -t 1 ]; then
    NINJA_STATUS='[%f/%t, %es] ' cmake --build "build/$1" --target "$2" || die "building failed (above)"
  else
    logged "build-$1" cmake --build "build/$1" --target "$2" ||
      die "building failed (above, and build/logs/build-$1.log)"
  fi
  say "built $2 ($1)"
}
