// Runs the unit tests: bundles each src/**/*_test.ts with esbuild and hands them to Node's test runner.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const source = fileURLToPath(new URL("src/", import.meta.url));
const tests = readdirSync(source, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap((folder) =>
    readdirSync(join(source, folder.name))
      .filter((file) => file.endsWith("_test.ts"))
      .map((file) => join(source, folder.name, file)),
  );
const out = mkdtempSync(join(tmpdir(), "pasu-web-test-"));
try {
  await build({
    entryPoints: tests,
    outdir: out,
    bundle: true,
    platform: "node",
    format: "esm",
    outExtension: { ".js": ".mjs" },
    entryNames: "[name]",
    sourcemap: "inline",
    logLevel: "warning",
  });
  const files = readdirSync(out).map((file) => join(out, file));
  process.exitCode = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
