#!/usr/bin/env python3
"""Makes OUT/page_files.{cc,S} from the files of a built page: embed_page.py OUT [DIST].

Text is stored twice, as it is and as gzip. Without DIST the list is empty. The C++ side is src/api/page.h.
"""

import gzip
import hashlib
import pathlib
import sys

VIEW = """ByteView view(const uint8_t* begin, const uint8_t* end) {
  return {begin, static_cast<size_t>(end - begin)};
}
"""
TEXT = {".html", ".js", ".css", ".svg", ".json", ".txt", ".webmanifest"}


def main():
    out = pathlib.Path(sys.argv[1])
    dist = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    out.mkdir(parents=True, exist_ok=True)
    (out / "files").mkdir(exist_ok=True)
    externs, rows, assembly = [], [], ['    .section .rodata, "a"']
    files = sorted(p for p in dist.rglob("*") if p.is_file()) if dist else []
    for number, path in enumerate(files):
        data = path.read_bytes()
        etag = hashlib.sha256(data).hexdigest()[:16]
        zipped = gzip.compress(data, 9, mtime=0) if path.suffix in TEXT else b""
        for kind, stored in (("plain", data), ("gzip", zipped)):
            name = f"pasu_page_{number}_{kind}"
            file = out / "files" / f"{number}.{kind}"
            file.write_bytes(stored)
            externs.append(f"extern const uint8_t {name}_begin[], {name}_end[];")
            assembly += [f"    .global {name}_begin, {name}_end", f"{name}_begin:", f'    .incbin "{file}"',
                         f"{name}_end:"]
        views = ", ".join(f"view(pasu_page_{number}_{kind}_begin, pasu_page_{number}_{kind}_end)"
                          for kind in ("plain", "gzip"))
        rows.append(f'    {{"/{path.relative_to(dist).as_posix()}", "\\"{etag}\\"", {views}}},')
    assembly.append('    .section .note.GNU-stack, "", @progbits')
    table = (VIEW + "const PageFile kFiles[] = {\n" + "\n".join(rows) + "\n};\n" if rows
             else "const std::span<const PageFile> kFiles;\n")
    (out / "page_files.cc").write_text(
        '// Made by scripts/embed_page.py.\n#include "api/page.h"\n\nextern "C" {\n' + "\n".join(externs) +
        "\n}\n\nnamespace pasu::api {\nnamespace {\n" + table +
        "}  // namespace\nstd::span<const PageFile> embedded_page() { return kFiles; }\n}  // namespace pasu::api\n")
    (out / "page_files.S").write_text("\n".join(assembly) + "\n")


if __name__ == "__main__":
    main()
