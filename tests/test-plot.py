#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""test-plot.py BUILD_DIR: pictures of boots are XML, show what happened, and have no text that overlaps another or is cut by the edge."""

import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

BUILD = sys.argv[1]
HERE = os.path.dirname(os.path.abspath(__file__))
SVG = "{http://www.w3.org/2000/svg}"
CHAR = 6.65         # src/snapshot-tool/svg.h
HOSTILE = '"a<b>&c\\x22d\\x00\\xff\\x1b[2J]]>\\x3cscript\\x3e"'


def many_paths(maps, paths):
    """A large SAN and a guard that lives for half a day, with every kind of trouble."""
    lines = []

    def event(t, kind, **keys):
        lines.append((t, f"+ {t:.6f} {kind} " + " ".join(f"{k}={v}" for k, v in keys.items())))

    event(2.1, "guard-start", pid=99, version="0.1.0", maps=maps, snapshot="ok", host="h" * 64)
    for m in range(maps):
        name = HOSTILE if m else "mpatha"
        start = 2.5 + m * 0.05
        for i in range(paths):
            t, path = start + i * 0.012, f"sd{m}x{i}"
            event(t, "appeared", map=name, path=path, dev=f"8:{i}", via=HOSTILE if i == 5 else "0x500a098000000000")
            if i == 7:
                event(t + 1, "slow", map=name, path=path, took="1.000")
                event(t + 30, "hung", map=name, path=path, took="30.000")
                continue
            event(t + 0.01, "state", map=name, path=path, state="ready" if i % 4 else "ghost", prio=50, took="0.010", why=HOSTILE)
            event(t + 0.3, "added", map=name, path=path, group=1)
        event(start + 0.02, "created", map=name, wwid="3600", dev="254:0", paths=1, took="9e99")
        event(start + 0.2, "reloaded", map=name, paths=9, why="x")
        event(start + 0.3, "refused", map=name, why=HOSTILE)
        event(start + 3.2, "ready", map=name, paths=9, expected=10)
    event(6.9, "root-mounted", source="/dev/mapper/root", at="/root")
    event(7.4, "switch-root")
    for k in range(12):
        event(9 + k * 0.5, "failed", map="mpatha", path="sd0x1", by="kernel")
        event(9.2 + k * 0.5, "reinstated", map="mpatha", path="sd0x1", by="guard")
        event(19 + k * 2, "standby", pid=k)
        event(19.7 + k * 2, "on-guard")
    event(40000, "gone", map="mpatha", path="sd0x2", why="gone")
    event(40003, "standby", pid=900)
    event(40004.2, "handed-over", pid=900)
    return 'events version=1 kernel="6.1" machine="x86_64"\n' + "".join(text + "\n" for _, text in sorted(lines))


def draw(events):
    with tempfile.NamedTemporaryFile("w", suffix=".events") as f:
        f.write(events)
        f.flush()
        done = subprocess.run([f"{BUILD}/mpath-snapshot", "plot", f.name], stdout=subprocess.PIPE, check=True)
    return ET.fromstring(done.stdout)


def box(text):
    width = len(text.text or "") * CHAR * (15 / 11 if text.get("class") == "title" else 1)
    x = float(text.get("x")) - {"middle": width / 2, "end": width}.get(text.get("text-anchor"), 0)
    y = float(text.get("y"))
    return x, y - 9, x + width, y + 2


def check_layout(svg):
    page = float(svg.get("width")), float(svg.get("height"))
    boxes = [(box(text), text.text) for text in svg.iter(SVG + "text")]
    for i, ((x1, y1, x2, y2), text) in enumerate(boxes):
        assert x1 >= 0 and y1 >= 0 and x2 <= page[0] and y2 <= page[1], f"cut: {text}"
        for (a1, b1, a2, b2), other in boxes[i + 1:]:
            assert x2 <= a1 or a2 <= x1 or y2 <= b1 or b2 <= y1, f"one upon the other: {text} / {other}"
    for rect in svg.iter(SVG + "rect"):
        x, w = float(rect.get("x")), float(rect.get("width"))
        assert x >= 0 and w >= 0 and x + w <= page[0] + 0.1, ET.tostring(rect)


def tips(svg, tag, name):
    """What the elements of a class say to a pointer."""
    found = [e for e in svg.iter(SVG + tag) if name in (e.get("class") or "").split()]
    return [(e.find(SVG + "title").text or "") for e in found if e.find(SVG + "title") is not None]


def has(found, *words):
    assert any(all(word in tip for word in words) for tip in found), (words, found)


svg = draw(open(f"{HERE}/fuzz/corpus/fuzz-timeline/boot").read())
check_layout(svg)
texts = [t.text for t in svg.iter(SVG + "text")]
for want in ('Boot of l"a\\b', "Linux 6.1.0-18-amd64 x86_64, mpath-boot 0.1.0; 1 map, 2 paths; seconds since the kernel's start", "guard", "mpatha",
             "root mounted 7.297 s", "switch_root 7.493 s", "multipathd starts 14.216 s", "handed over 14.217 s", "sda  10.0.2.2:3260",
             "usable after 30 ms, failed 1x: Input/output error", "ready with 2 of 2 paths"):
    assert want in texts, (want, texts)
has(tips(svg, "rect", "check"), "4.971004 s  mpatha sda appeared")
has(tips(svg, "rect", "check"), "5.001313 s  mpatha sda ready, prio 50")
has(tips(svg, "path", "made"), "mpatha created as 254:0 with 1 path")
has(tips(svg, "path", "load"), "table loaded with 2 paths")
has(tips(svg, "path", "part"), "partition mpatha-part1")
has(tips(svg, "path", "down"), "sda failed by the kernel")
has(tips(svg, "path", "up"), "sda reinstated by the guard")
has(tips(svg, "rect", "gap"), "the gap")
gap = next(e for e in svg.iter(SVG + "rect") if e.get("class") == "gap")
moments = [float(e.get("x1")) for e in svg.iter(SVG + "line") if e.get("class") == "moment"]
assert abs(float(gap.get("x")) - moments[1]) < 0.1 and abs(float(gap.get("x")) + float(gap.get("width")) - moments[3]) < 0.1

svg = draw(many_paths(2, 64))
check_layout(svg)
labels = [t.text for t in svg.iter(SVG + "text")]
assert sum(t.startswith("sd0x") for t in labels) == 128 and any("a<b>&c\"d" in t for t in labels)
assert "+11 h" in labels
check_layout(draw("events version=1\n"))
check_layout(draw("events version=1\n+ 5.0 exit\n+ 4294967295.0 appeared map=a path=b\n"))
print("pictures are as they should be")
