#!/usr/bin/env bash
# Looks for inputs that break the parsers, with libFuzzer. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/fuzz.sh [--minutes N] [--list] [NAME...]
  NAME        part of a fuzzer's name: amf, rtsp_ ...; all fuzzers without one
  --minutes   CPU-minutes for each (30), counted over runs: what was stopped goes on where it was
  --list      the fuzzers, with the CPU-minutes they have had
What is found interesting is kept in build/fuzz/corpus/NAME; an input that breaks something is written to
build/fuzz/found/NAME and ends that fuzzer: mend the code, put the input into the fuzzer's testdata/NAME, run again.
USAGE
}

minutes=30 list=
while [[ ${1:-} == --* || ${1:-} == -h ]]; do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --minutes) minutes=${2:?} && shift 2 ;;
    --list) list=1 && shift ;;
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

# spent NAME: CPU-seconds so far.
spent() { cat "$work/spent/$1" 2>/dev/null || echo 0; }

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

broken=()
for source in "${wanted[@]}"; do
  name=$(basename "$source" .cc)
  program=$(find build/fuzz -type f -name "pasu_$name" -perm -u+x | head -n 1)
  corpus=$work/corpus/$name found=$work/found/$name
  mkdir -p "$corpus" "$found"
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
