#!/usr/bin/env bash
# Looks for inputs that break the parsers, with libFuzzer. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/fuzz.sh [--minutes N] [--list | --keep] [NAME...]
  NAME        part of a fuzzer's name: amf, rtsp_ ...; all fuzzers without one
  --minutes   CPU-minutes for each (30), counted over runs: what was stopped goes on where it was
  --list      the fuzzers, with the CPU-minutes they have had
  --keep      the smallest corpora that reach as much, and the minutes, into testing/corpora, to be committed:
              the next checkout goes on there
What is found interesting is kept in build/fuzz/corpus/NAME; an input that breaks something is written to
build/fuzz/found/NAME and ends that fuzzer: mend the code, put the input into the fuzzer's testdata/NAME, run again.
USAGE
}

minutes=30 list='' keep=''
while [[ ${1:-} == --* || ${1:-} == -h ]]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --minutes) minutes=${2:?} && shift 2 ;;
    --list) list=1 && shift ;;
    --keep) keep=1 && shift ;;
    *) die "there is no option $1" "scripts/fuzz.sh --help" ;;
  esac
done

work=$ROOT/build/fuzz
mkdir -p "$work/spent"
wanted=()
for source in $(git ls-files -- 'src/*_fuzz.cc'); do
  name=$(basename "$source" .cc)
  for part in "${@:-}"; do
    if [[ $name == *"$part"* ]]; then wanted+=("$source") && break; fi
  done
done
[ ${#wanted[@]} -gt 0 ] || die "no fuzzer's name has that in it" "scripts/fuzz.sh --list"

kept=$ROOT/testing/corpora
# spent NAME: CPU-seconds so far, here or before.
spent() {
  cat "$work/spent/$1" 2>/dev/null ||
    awk -v name="$1" '$1 == name { s = 60 * $2 } END { print s + 0 }' "$kept/minutes.txt" 2>/dev/null || echo 0
}

if [ -n "$list" ]; then
  for source in "${wanted[@]}"; do
    name=$(basename "$source" .cc)
    awk -v name="$name" -v s="$(spent "$name")" 'BEGIN { printf "%-28s %6.1f\n", name, s / 60 }'
  done
  exit 0
fi

say "building the fuzzers"
logged configure-fuzz cmake --preset fuzz || die "configuring failed"
for source in "${wanted[@]}"; do
  name=$(basename "$source" .cc)
  logged build-fuzz cmake --build build/fuzz --target "pasu_$name" || die "$name does not build"
done

# keep NAME PROGRAM: the corpus as one archive, its minutes as one line.
keep() {
  local small=$work/small/$1
  rm -rf "$small" && mkdir -p "$small" "$kept"
  "$2" -merge=1 "$small" "$work/corpus/$1" >"$work/$1.log" 2>&1 || die "$1: its corpus breaks it" "build/fuzz/$1.log"
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$small" -cJf "$kept/$1.tar.xz" .
  touch "$kept/minutes.txt"
  { grep -v "^$1 " "$kept/minutes.txt" || true; awk -v n="$1" -v s="$(spent "$1")" 'BEGIN { printf "%s %.1f\n", n, s / 60 }'; } |
    sort >"$work/minutes.txt"
  mv "$work/minutes.txt" "$kept/minutes.txt"
  say "$1: $(find "$small" -type f | wc -l) inputs kept, $(stat -c %s "$kept/$1.tar.xz") bytes"
}

broken=()
for source in "${wanted[@]}"; do
  name=$(basename "$source" .cc)
  program=$(find build/fuzz -type f -name "pasu_$name" -perm -u+x | head -n 1)
  corpus=$work/corpus/$name found=$work/found/$name
  mkdir -p "$found"
  if [ ! -d "$corpus" ]; then
    mkdir -p "$corpus"
    [ ! -f "$kept/$name.tar.xz" ] || tar -C "$corpus" -xf "$kept/$name.tar.xz"
  fi
  if [ -n "$keep" ]; then
    keep "$name" "$program"
    continue
  fi
  seeds=$(dirname "$source")/testdata/$name
  folders=("$corpus")
  [ ! -d "$seeds" ] || folders+=("$seeds")
  say "$name: $(awk -v s="$(spent "$name")" 'BEGIN { printf "%.1f", s / 60 }') of $minutes CPU-minutes"
  while awk -v s="$(spent "$name")" -v m="$minutes" 'BEGIN { exit !(s < 60 * m) }'; do
    TIMEFORMAT='%U %S'
    code=0
    # Wall-clock slices: what the machine gave of them is counted.
    { time "$program" -max_total_time=60 -rss_limit_mb=2048 -artifact_prefix="$found/" -print_final_stats=1 \
      "${folders[@]}" >"$work/$name.log" 2>&1; } 2>"$work/$name.time" || code=$?
    awk -v s="$(spent "$name")" '{ print s + $1 + $2 }' "$work/$name.time" >"$work/spent/$name.new"
    mv "$work/spent/$name.new" "$work/spent/$name"
    if [ "$code" != 0 ]; then
      say "$name: BROKEN, see build/fuzz/$name.log and build/fuzz/found/$name"
      broken+=("$name")
      break
    fi
  done
  [[ " ${broken[*]:-} " == *" $name "* ]] ||
    say "$name: clean, $(find "$corpus" -type f | wc -l) inputs in its corpus"
done
[ ${#broken[@]} = 0 ] || die "broken: ${broken[*]}"
