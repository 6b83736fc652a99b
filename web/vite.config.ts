import { defineConfig } from "vite";

/** Where `npm run dev` finds a running `pasu serve`. */
const server = process.env["PASU_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: ["chrome107", "firefox115", "safari16"], assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: {
      // The server compares Origin with its own address.
      "/api": { target: server, ws: true, changeOrigin: true, headers: { origin: server } },
    },
  },
});
