#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# compare.py DIR [NNN...] - what guest.sh wrote to DIR: for each configuration, multipath's maps against ours. Prints each difference and
# ends with "N same, N different, N maps, N refused". Exit code 1 if there was a difference.

import os
import re
import sys

FLAG_SKIP_KPARTX = 0x200	# DM_SUBSYSTEM_UDEV_FLAG1, in the upper half of DM_COOKIE


def read(path):
	try:
		with open(path, encoding="utf-8", errors="replace") as f:
			return f.read()
	except FileNotFoundError:
		return ""


def cookies(text):
	"""minor: flags of the last change that had some"""
	flags = {}
	for event in text.replace("\0", "").split("\n\n"):
		minor = re.search(r"^DEVPATH=/devices/virtual/block/dm-(\d+)$", event, re.M)
		cookie = re.search(r"^DM_COOKIE=(\d+)$", event, re.M)
		if minor and cookie:
			flags[int(minor.group(1))] = int(cookie.group(1)) >> 16
	return flags


def wanted(base, parts, devno):
	"""The lines that plan should print, from multipath's log and the kernel."""
	log = read(base + ".v3")
	tables = {}
	for name, start, size, params in re.findall(r" \| (.*): addmap \[(\d+) (\d+) (multipath .*)\]$", log, re.M):
		tables[name] = (size, params)
	flags = cookies(read(base + ".cookies"))
	lines = {}
	for line in read(base + ".dm").splitlines():
		name, mangled, uuid, minor = line.rsplit("|", 3)
		name = mangled if mangled in tables else name	# a WWID that udev wrote with \x22 is left so
		if name not in tables:
			lines[uuid] = ["%s %s: no table in multipath's log" % (name, uuid)]
			continue
		size, params = tables[name]
		name = mangled
		lines[uuid] = ["%s %s 0 %s %s" % (name, uuid, size, " ".join(params.split()))]	# blanks mean nothing to the kernel
		if int(minor) not in flags:
			lines[uuid].append("no udev flags for dm-%s" % minor)
		elif not flags[int(minor)] & FLAG_SKIP_KPARTX:
			disk = devno.get(re.search(r"\d+:\d+", params).group(0)) if re.search(r"\d+:\d+", params) else None
			for number, start, length in parts.get(disk, []):
				lines[uuid].append("%s-part%s part%s-%s 0 %s linear /dev/mapper/%s %s" % (name, number, number, uuid, length, name, start))
	return lines


def got(base):
	lines = {}
	last = None
	for line in read(base + ".plan").splitlines():
		found = re.search(r"(?:^|\s)(?:part(\d+)-)?(mpath-\S+?):? ", line)
		last = found.group(2) if found else last
		lines.setdefault(last, []).append(" ".join(line.split()))
	return lines


def main():
	out = sys.argv[1]
	devno, parts = {}, {}
	for line in read(out + "/disks").splitlines():
		disk, dev = line.split()[:2]
		devno[dev] = disk
	for line in read(out + "/parts").splitlines():
		disk, number, start, size = line.split()
		parts.setdefault(disk, []).append((number, start, size))
	cases = sys.argv[2:] or sorted(f[:-3] for f in os.listdir(out) if f.endswith(".v3"))
	same = different = maps = refused = 0
	for case in cases:
		base = os.path.join(out, case)
		want, have = wanted(base, parts, devno), got(base)
		problems = []
		said = read(base + ".create").splitlines()
		# its paths have several WWIDs, which has been said
		torn = {"mpath-" + wwid for wwid in re.findall(r"map .* \((\S+)\): disk \S+ is a path of the same LUN", "\n".join(said))}
		# It asks for one block where there is room for eight, which the kernel's own target answers with an error: all paths are down for multipath, and no group is rated.
		# Ours asks for eight.
		key = (lambda lines: [sorted(line.split()) for line in lines]) if "readsector0 state = down" in read(base + ".v3") else (lambda lines: lines)
		for uuid in sorted(set(want) | set(have), key=str):
			if key(want.get(uuid, [])) != key(have.get(uuid, [])) and uuid not in torn:
				problems += ["- " + l for l in want.get(uuid, [])] + ["+ " + l for l in have.get(uuid, [])]
			maps += 1
		if problems or (said and said[-1] != "exit 0"):
			problems += ["  " + line for line in said if "error" in line or line.startswith("exit")]
		for text in re.split(r"^map ", read(base + ".refused"), flags=re.M)[1:]:
			wwid, _, code = text.split("\n")[0].split()
			refused += 1
			if "multipathd would" not in text and "multipath -t failed" not in text:
				problems.append("  multipath makes no map of %s, mpath-snapshot does (exit code %s)" % (wwid, code))
				problems += ["    " + line for line in text.splitlines() if line.startswith("mpath-snapshot")]
		if problems:
			different += 1
			print("== %s\n%s" % (case, "\n".join(problems)))
		else:
			same += 1
	print("%d same, %d different, %d maps, %d refused" % (same, different, maps, refused))
	return 1 if different or not same else 0


sys.exit(main())
