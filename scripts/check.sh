#!/usr/bin/env bash
# What a change must pass beside its tests: format, layering, lint, a clang build with warnings as errors. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/check.sh [STEP...]      all steps, or only those named
  format    clang-format 19 on every C++ file         (mend: scripts/check.sh fix)
  layers    includes against src/deps.txt, public headers
  words     no FIXME, every TODO with an issue number
  leaks     no TRY in a new or a braced list, which gcc 12 leaks
  shell     shellcheck on scripts/
  python    Python files compile
  page      TypeScript types and unit tests of web/
  clang     build with clang 19, warnings as errors, every public header compiled alone
  tidy      clang-tidy 19 on every C++ file that changed since it was clean (from nothing: half an hour)
USAGE
}

sources() { git ls-files -- 'src/*.h' 'src/*.cc' 'testing/*.cc' 'tests/*.cc'; }

step_format() { sources | xargs clang-format-19 --dry-run -Werror; }
step_fix() { sources | xargs clang-format-19 -i; }
step_layers() { python3 scripts/check_layers.py; }
step_words() {
  ! git grep -nE 'FIXME|TODO' -- src web scripts tests cmake api ':!scripts/check.sh' | grep -vE 'TODO\(#[0-9]+\)'
}
step_leaks() { ! git grep -nE '(\bnew [A-Za-z:<>]+\(|\{ ?[^;{}()]*(\([^()]*\))?, )TRY\(' -- src; }
step_shell() { git ls-files -- 'scripts/*.sh' '.ci/run' 'tests/*.sh' 'bench/*.sh' | xargs shellcheck -x; }
step_python() { git ls-files -- '*.py' | xargs -r python3 -m py_compile; }
step_page() { npm --prefix web run --silent check; }
step_clang() {
  cmake --preset clang && cmake --build build/clang -- -k 0 &&
    cmake --build build/clang --target all_verify_interface_header_sets -- -k 0
}
step_tidy() {
  cmake --preset clang && python3 scripts/tidy.py build/clang
}

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(format layers words leaks shell python page clang tidy)
scripts/setup.sh --check
failed=()
for step in "${steps[@]}"; do
  declare -F "step_$step" >/dev/null || die "there is no step '$step'" "scripts/check.sh --help lists them"
  if logged "check-$step" "step_$step"; then say "check $step: clean"; else
    say "check $step: FAILED (the whole log: build/logs/check-$step.log)"
    failed+=("$step")
  fi
done
[ ${#failed[@]} = 0 ] || die "not clean: ${failed[*]}"
say "all checks clean"
