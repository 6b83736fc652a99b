#!/usr/bin/env python3
"""Holds the includes under src/ to src/deps.txt, and other rooms to a room's public headers.

Prints one line a breach and ends with 1 where there is any.
"""

import pathlib
import re
import sys

SRC = pathlib.Path(__file__).resolve().parent.parent / "src"
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def read_deps():
    """Room -> the rooms it may include, in the house's order. Breaches of the order are errors."""
    rooms, errors = {}, []
    for number, line in enumerate((SRC / "deps.txt").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, rest = line.partition(":")
        deps = list(rooms) if rest.strip() == "*" else rest.split()
        for dep in deps:
            if dep not in rooms:
                errors.append(f"src/deps.txt:{number}: {name} may not include {dep}: it is no room above it")
        rooms[name] = deps
    return rooms, errors


def public_headers(room):
    """The files named under HEADERS in a room's CMakeLists.txt."""
    text = (SRC / room / "CMakeLists.txt").read_text()
    block = re.search(r"\bHEADERS\b(.*?)(?=\b[A-Z_]{4,}\b|\))", text, re.DOTALL)
    return {f"{room}/{name}" for name in block.group(1).split()} if block else set()


def is_test_help(path, target):
    """Tests may use what other rooms' tests are built on."""
    is_test = path.name.endswith("_test.cc") or path.name.startswith("test_")
    return is_test and target.rsplit("/", 1)[-1].startswith("test_")


def room_of(target, rooms):
    """train/data of train/data/voc.h, wire of wire/rtp/packet.h."""
    first, _, rest = target.partition("/")
    nested = f"{first}/{rest.partition('/')[0]}"
    return nested if nested in rooms else first


def check_file(path, room, rooms, public):
    errors = []
    text = path.read_text()
    for match in INCLUDE.finditer(text):
        target = match.group(1)
        at = f"src/{path.relative_to(SRC)}:{text.count(chr(10), 0, match.start()) + 1}"
        other = room_of(target, rooms)
        if other not in rooms or not (SRC / target).is_file():
            errors.append(f'{at}: "{target}" is no file under src/; includes are rooted there')
        elif other != room and other not in rooms[room]:
            errors.append(f"{at}: {room} may not include {other} (src/deps.txt)")
        elif other != room and target not in public[other] and not is_test_help(path, target):
            errors.append(f"{at}: {target} is not among the public HEADERS of src/{other}/CMakeLists.txt")
    return errors


def main():
    rooms, errors = read_deps()
    public = {room: public_headers(room) for room in rooms}
    count = 0
    for room in rooms:
        for path in sorted((SRC / room).rglob("*")):
            if path.suffix in (".h", ".cc"):
                count += 1
                errors += check_file(path, room, rooms, public)
    storeys = {room.split("/")[0] for room in rooms}
    for folder in sorted(p.name for p in SRC.iterdir() if p.is_dir() and p.name not in storeys):
        errors.append(f"src/{folder}: is no room of src/deps.txt")
    print("\n".join(errors) if errors else f"layers: {count} files in {len(rooms)} rooms, all as src/deps.txt says")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
