#!/usr/bin/env bash
# Sets up, builds and passes the tests; with --sanitize under AddressSanitizer and UBSan too. See --help.
set -euo pipefail
# shellcheck source=scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$ROOT"

usage() {
  cat <<'USAGE'
usage: scripts/test.sh [--sanitize] [ctest options]
  (nothing)    the release build with all its tests
  --sanitize   and then the room tests and fuzz corpora under AddressSanitizer and UndefinedBehaviorSanitizer
Examples:
  scripts/test.sh -R bits         only tests whose name has "bits"
  scripts/test.sh --rerun-failed
USAGE
}

sanitize=
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --sanitize) sanitize=1 && shift ;;
esac
scripts/setup.sh --test
build release all
say "tests of the release build"
ctest --preset release -j 2 "$@"
if [ -n "$sanitize" ]; then
  build dev all
  say "tests under AddressSanitizer and UndefinedBehaviorSanitizer"
  ctest --preset dev -j 2 -LE e2e "$@"
fi
say "all tests passed"
