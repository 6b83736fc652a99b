#!/usr/bin/env bash
# The page in a real browser: tests/e2e/page.sh PROGRAM PAGE. PAGE is the folder of the page that is in the program, or
# `none`. 77 where something it needs is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

skip() { echo "skipped: $1" && exit 77; }
[ $# = 2 ] || { echo "usage: tests/e2e/page.sh PROGRAM PAGE" >&2 && exit 2; }
[ "$2" != none ] || skip "the program was built with PASU_WEB=OFF"
command -v node >/dev/null || skip "no node"
[ -x "${CHROMIUM:-/usr/bin/chromium}" ] || skip "no chromium"
[ -d web/node_modules/playwright-core ] || skip "no playwright-core; scripts/setup.sh installs it"
[ -s demo/vtest.avi ] || skip "no demo/vtest.avi; scripts/setup.sh fetches it"
PASU=$1 PASU_PAGE=$2 exec node --test tests/e2e/states_test.mjs tests/e2e/live_test.mjs
