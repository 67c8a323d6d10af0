#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
#
# generate.py SEED COUNT DIR - one set of disks and COUNT configurations for them, always the same for a seed
# generate.py named - DIR    - the hand-made ones of named/; handover likewise
#
# DIR/devices         what guest.sh makes: "lio NAME SERIAL VENDOR PRODUCT REVISION TPGS PARTS STATE..." (a STATE for each path), "debug HOSTS LUNS OPTION..."
# DIR/NAME/etc/...    multipath.conf, multipath/conf.d/*.conf, multipath/bindings, multipath/wwids. The guest replaces
#                     @WWIDn@ (of its n-th LUN, from 1), @SHORTn@ (its ID_SERIAL_SHORT) and @DISKn@ (the n-th disk's kernel name).

import os
import random
import sys

VENDORS = [
	("LIO-ORG", "lun-one", "4.0"), ("NETAPP", "LUN C-Mode", "9.1"), ("IBM", "2145", "0000"), ("EMC", "SYMMETRIX", "5977"), ("HITACHI", "OPEN-V", "8001"),
	("DGC", "VRAID", "0533"), ("COMPELNT", "Compellent Vol", "0702"), ("PURE", "FlashArray", "8888"), ("3PARdata", "VV", "3315"), ("HP", "MSA 2040 SAN", "G220"),
	("NEXENTA", "COMSTAR", "1.0"), ("SUN", "StorEdge 3510F", "A"), ("Nimble", "Server", "1.0"), ("ACME", "disk+array (2)", "R1.0"), ("DELL", "MD32xxi", "0820"),
	("FUJITSU", "ETERNUS_DXL", "0000"), ("XtremIO", "XtremApp", "3.0"), ("INFINIDAT", "InfiniBox", "0h"), ("QNAP", "iSCSI Storage", "4.0"), ("HPE", "MSA 2060", "I100"),
	("LSI", "INF-01-00", "0786"), ("SGI", "TP9100", "1.0"), ("Promise", "VTrak", "1.0"), ("EUROLOGC", "FC2502", "1.0"), ("DataCore", "Virtual Disk", "DCS"),
]
STATES = ["optimized", "optimized", "optimized", "nonoptimized", "nonoptimized", "standby", "unavailable"]	# transitioning: every command waits for half a minute

YES_NO = ["yes", "no", "yes", "no", "on", "off", "1", "0", "true"]
SELECTORS = ["service-time 0", "round-robin 0", "queue-length 0", "service-time 0", "round-robin  0", "queue-length\t0"]
POLICIES = ["failover", "multibus", "group_by_serial", "group_by_prio", "group_by_node_name", "group_by_tpg", "group_by_magic"]
FEATURES = ["0", "1 queue_if_no_path", "2 pg_init_retries 50", "3 queue_if_no_path pg_init_retries 5", "3 pg_init_retries 5 queue_if_no_path", "2 queue_mode bio",
	"2 queue_mode mq", "4 pg_init_retries 3 pg_init_delay_msecs 100", "1 retain_attached_hw_handler", "2 queue_if_no_path retain_attached_hw_handler",
	"4 queue_mode bio pg_init_retries 2", " 2  pg_init_retries   7 ", "1  queue_if_no_path", "2 queue_if_no_path queue_if_no_path"]
RETRIES = ["fail", "queue", "0", "1", "5", "12", "-1", "often", "65536"]
NUMBERS = ["0", "1", "2", "7", "100", "1000", "-3", "many"]

# What may stand in most sections: keyword, its values.
COMMON = {
	"path_selector": SELECTORS,
	"path_grouping_policy": POLICIES,
	"features": FEATURES,
	# path_latency and random give another number each time
	"prio": ["const", "alua", "alua", "sysfs", "weightedpath", "weightedpath", "rdac", "emc", "hp_sw", "hds", "ontap", "datacore", "iet", "ana"],
	"prio_args": ["exclusive_pref_bit", "", "none", "hbtl [13579]:.:.:. 30 .* 8", "devname sd[a-d] 7 sd[e-z] 40", "serial ^2 3", "wwn undef 12",
		"preferredip=10.0.0.1", "preferredsds=DCS", "hbtl .* many"],
	"failback": ["manual", "immediate", "followover", "15", "0", "soon"],
	"no_path_retry": RETRIES,
	"rr_weight": ["uniform", "priorities", "priorities", "heavy"],
	"rr_min_io": NUMBERS,
	"rr_min_io_rq": NUMBERS,
	"user_friendly_names": YES_NO,
	"skip_kpartx": YES_NO,
	"ghost_delay": ["no", "0", "5", "off", "-1"],
	"flush_on_last_del": ["yes", "no", "always", "never"],
	"deferred_remove": YES_NO,
	"san_path_err_threshold": ["3", "no"],
	"marginal_path_err_sample_time": ["no", "120"],
	"delay_watch_checks": ["no", "12"],
	"max_sectors_kb": ["256", "0"],
}
PATH = {
	"path_checker": ["tur", "directio", "none", "tur", "directio", "readsector0", "rdac", "hp_sw", "emc_clariion", "cciss_tur"],
	"checker": ["tur", "directio"],
	"detect_checker": YES_NO,
	"detect_prio": YES_NO,
	"detect_pgpolicy": YES_NO,
	"detect_pgpolicy_use_tpg": YES_NO,
	"uid_attribute": ["ID_SERIAL", "ID_SERIAL", "ID_WWN_WITH_EXTENSION", "SCSI_IDENT_SERIAL", "ID_SERIAL_SHORT", "", "NOT_THERE", "SCSI_IDENT_LUN_NAA_REGEXT"],
	"alias_prefix": ["san", "disk-", "x.y", "a/b", "mpath"],
	"retain_attached_hw_handler": YES_NO,
	"recheck_wwid": YES_NO,
	"fast_io_fail_tmo": ["5", "off", "30", "0"],
	"dev_loss_tmo": ["60", "infinity", "0", "600"],
	"eh_deadline": ["off", "10", "0"],
	"all_tg_pt": YES_NO,
	"san_path_err_forget_rate": ["5"],
	"purge_disconnected": YES_NO,
}
DEFAULTS = {
	"find_multipaths": ["off", "on", "greedy", "smart", "strict", "yes", "no", "greedy", "off", "always"],
	"uid_attrs": ["sd:ID_SERIAL", "sd:ID_SERIAL nvme:ID_WWN", "dasd:ID_UID  sd:ID_SERIAL", "nvme:ID_WWN", "sd:SCSI_IDENT_SERIAL", "sd:ID_SERIAL_SHORT", "sda:ID_SERIAL_SHORT"],
	"checker_timeout": ["0", "5", "90", "-1"],
	"allow_usb_devices": YES_NO,
	"find_multipaths_timeout": ["-10", "2", "0"],
	"partition_delimiter": ["-part", "p", "_"],
	"bindings_file": ["/etc/multipath/bindings", "/etc/multipath/names", "/etc/multipath/names"],	# 0.9.4 reads them where it is told to
	"wwids_file": ["/etc/multipath/wwids", "/etc/multipath/known"],
	"prkeys_file": ["/etc/multipath/keys"],
	"config_dir": ["/etc/multipath/names"],
	"max_retries": ["off", "3", "9"],
	"retrigger_tries": ["0", "3"],
	"remove_retries": ["2"],
	"strict_timing": YES_NO,
	"disable_changed_wwids": YES_NO,
	"polling_interval": ["5", "1", "10", "0"],
	"max_polling_interval": ["20", "3"],
	"verbosity": ["2", "3", "1"],
	"reassign_maps": YES_NO,
	"queue_without_daemon": YES_NO,
	"mode": ["0660", "644"], "uid": ["0", "root"], "gid": ["0", "disk"],
	"max_fds": ["8192", "max"],
	"marginal_pathgroups": ["no", "on", "fpin"],
	"enable_foreign": ["NONE", ".*"],
	"auto_resize": ["never", "grow_only"],
	"skip_kpartx": YES_NO,
	"force_sync": YES_NO,
	"multipath_dir": ["/lib/multipath"],
	"pg_timeout": ["none"],
	"getuid_callout": ["/bin/true"],
	"reservation_key": ["0x1234"],
}
HANDLERS = ["1 alua", "0", "1 rdac", "1 emc", "1 alua"]
UNKNOWN = [("path_group_policy", "multibus"), ("frobnicate", "yes"), ("no_path_retries", "queue"), ("udev_dir", "/dev"), ("user_friendly_name", "yes")]


class Writer:
	"""A multipath.conf in one of many hands."""

	def __init__(self, rng):
		self.rng = rng
		self.lines = []
		self.depth = 0
		self.neat = rng.random() < 0.4

	def indent(self):
		if self.neat:
			return "\t" * self.depth
		return self.rng.choice(["", "\t" * self.depth, "    " * self.depth, " \t "])

	def noise(self):
		if not self.neat and self.rng.random() < 0.15:
			self.lines.append(self.rng.choice(["", "# comment", "! another", "   \t", "#no_path_retry queue", self.indent() + "# prio const {", "\t#}"]))

	def tail(self):
		if self.neat:
			return ""
		return self.rng.choice(["", "", "", "", " # why", "\t! so", "   ", " #", "\t"])

	def value(self, key, value):
		rng = self.rng
		self.noise()
		bare = value and not any(c in value for c in " \t\"{}#!")
		text = value if bare and rng.random() < 0.6 else '"%s"' % value.replace('"', '""')
		self.lines.append(self.indent() + key + (" " if self.neat else rng.choice([" ", "\t", "   ", " \t"])) + text + self.tail())

	def open(self, key):
		self.noise()
		self.lines.append(self.indent() + key + (" " if self.neat else self.rng.choice([" ", "\t", "  ", ""])) + "{" + self.tail())
		self.depth += 1

	def close(self):
		self.depth -= 1
		self.lines.append(self.indent() + "}" + self.tail())

	def oddity(self):
		"""What multipath-tools complains about and reads on."""
		rng = self.rng
		if self.neat or rng.random() > 0.12:
			return
		key, value = rng.choice(UNKNOWN)
		self.lines.append(self.indent() + rng.choice([
			"%s %s" % (key, value), "%s {" % key + "\n}", "prio", "no_path_retry queue now", 'features "1 queue_if_no_path', "detect_prio \"no\" yes", "\x0c",
			"alias \"\"", "}  # not here" if self.depth == 0 else "user_friendly_names maybe", "path_selector \"\"", "rr_min_io_rq \"\""]))

	def text(self):
		return "\n".join(self.lines) + "\n"


def pick(rng, table, count):
	keys = rng.sample(sorted(table), min(count, len(table)))
	return [(k, rng.choice(table[k])) for k in keys]


class Machine:
	"""The disks of one boot."""

	def __init__(self, rng):
		self.rng = rng
		self.luns = []	# (vendor, product, revision), in the order of @WWIDn@
		self.lines = []
		paths = 0
		for i in range(rng.randint(3, 4)):
			vendor = VENDORS[0] if rng.random() < 0.15 else rng.choice(VENDORS)
			n = rng.choice([1, 2, 2, 3, 3, 4])
			spread = rng.choice([["optimized"], ["optimized", "nonoptimized"], STATES])
			states = [rng.choice(spread) for _ in range(n)]
			if n > 1 and rng.random() < 0.15:
				states[rng.randrange(n)] = "offline"
			serial = "".join(rng.choice("0123456789abcdef") for _ in range(rng.choice([6, 16, 25])))
			tpgs = 0 if rng.random() < 0.3 else 3
			self.lines.append("lio lun%d %s '%s' '%s' '%s' %d %d %s" % (i, serial, *vendor, tpgs, rng.choice([0, 0, 1, 2]), " ".join(states)))
			self.luns.append(vendor)
			paths += n
		vendor = rng.choice([("Linux", "scsi_debug", "0191"), rng.choice(VENDORS)])
		hosts, luns = rng.choice([(1, 1), (2, 1), (2, 2), (3, 1)])
		self.lines.append("debug %d %d inq_vendor='\"%s\"' inq_product='\"%s\"' inq_rev='\"%s\"'%s" % (hosts, luns, *vendor, rng.choice(["", "", " wp=1", " num_parts=2"])))
		self.luns += [vendor] * luns
		self.disks = paths + hosts * luns

	def some_lun(self):
		return self.rng.randint(1, len(self.luns))

	def regex(self, text):
		"""A pattern that may match @text, or a neighbour, or nothing."""
		rng = self.rng
		plain = "".join("\\" + c if c in ".+()[]*?|^$" else c for c in text)
		return rng.choice([plain, "^" + plain + "$", text, text[:3], "^" + text[:2], ".*", "(" + plain + "|OTHER)", "[A-Za-z]+", "^" + text[0] + ".*", plain + "?", "x" + text, "*", "(", text.lower(), ".", "^$"][: 16])

	def device(self):
		lun = self.rng.choice(self.luns)
		return self.regex(lun[0]), self.regex(lun[1]), self.regex(lun[2])


def blacklist_body(w, m):
	rng = m.rng
	for _ in range(rng.randint(1, 2)):
		kind = rng.choice(["devnode", "wwid", "property", "protocol", "device", "devnode", "wwid"])
		if kind == "devnode":
			w.value("devnode", rng.choice(["^sd[a-c]", "^(ram|raw|loop|fd|md|dm-|sr|scd|st)[0-9]*", "^@DISK%d@$" % rng.randint(1, m.disks), "sd", ".*", "!^sd[a-e]",
				"@DISK%d@" % rng.randint(1, m.disks), "^nvme", "(", "!^sd"]))
		elif kind == "wwid":
			w.value("wwid", rng.choice(["@WWID%d@" % m.some_lun(), "^@WWID%d@$" % m.some_lun(), "3600140", "^1", ".*", "*", "!^3", "@SHORT%d@" % m.some_lun(), "36001405.*"]))
		elif kind == "property":
			w.value("property", rng.choice(["ID_WWN", "(SCSI_IDENT_|ID_WWN)", "ID_SERIAL", "^ID_SCSI_SERIAL$", "NOT_THERE", "SCSI_IDENT_.*", "!ID_WWN"]))
		elif kind == "protocol":
			w.value("protocol", rng.choice(["scsi:unspec", "scsi:fcp", "scsi", "^scsi:iscsi", "nvme:.*", ".*", "!scsi:unspec"]))
		else:
			vendor, product, _ = m.device()
			w.open("device")
			if rng.random() < 0.85:
				w.value("vendor", vendor)
			if rng.random() < 0.75:
				w.value("product", product)
			w.close()


def section(w, m, kind):
	rng = m.rng
	if kind == "defaults":
		w.open("defaults")
		for key, value in pick(rng, {**COMMON, **PATH, **DEFAULTS}, rng.randint(1, 8)):
			w.value(key, value)
			w.oddity()
		w.close()
	elif kind == "overrides":
		w.open("overrides")
		for key, value in pick(rng, {**COMMON, **PATH}, rng.randint(1, 5)):
			w.value(key, value)
			w.oddity()
		if rng.random() < 0.3:
			w.open("protocol")
			w.value("type", rng.choice(["scsi:unspec", "scsi:fcp"]))
			for key in rng.sample(["fast_io_fail_tmo", "dev_loss_tmo", "eh_deadline"], 2):
				w.value(key, rng.choice(PATH[key]))
			w.close()
		w.close()
	elif kind == "devices":
		w.open("devices")
		for _ in range(rng.randint(1, 4)):
			vendor, product, revision = rng.choice([m.device, m.device, lambda: ("(LIO-ORG|SUSE)", ".*", "")])()
			w.open("device")
			body = pick(rng, {**COMMON, **PATH, "hardware_handler": HANDLERS, "product_blacklist": [m.regex(rng.choice(m.luns)[1])], "vpd_vendor": ["hp3par"]}, rng.randint(1, 6))
			if rng.random() < 0.93:
				body.append(("vendor", vendor))
			if rng.random() < 0.93:
				body.append(("product", product))
			if rng.random() < 0.3:
				body.append(("revision", revision))
			rng.shuffle(body)
			for key, value in body:
				w.value(key, value)
				w.oddity()
			w.close()
		w.close()
	elif kind == "multipaths":
		w.open("multipaths")
		for _ in range(rng.randint(1, 4)):
			w.open("multipath")
			body = pick(rng, COMMON, rng.randint(0, 4))
			if rng.random() < 0.95:
				body.append(("wwid", rng.choice(["@WWID%d@" % m.some_lun()] * 6 + ["@SHORT%d@" % m.some_lun(), "36001405", ".*"])))
			if rng.random() < 0.6:
				body.append(("alias", rng.choice(["root", "boot-lun", "a b", "mpatha", "mpathb", "x/y", "data%d" % rng.randint(1, 99), "data%d" % rng.randint(1, 9), "@WWID%d@" % m.some_lun(), "ü", "q\"q", "a*b"])))
			rng.shuffle(body)
			for key, value in body:
				w.value(key, value)
				w.oddity()
			w.close()
		w.close()
	else:
		w.open(kind)
		blacklist_body(w, m)
		w.close()


def configuration(m, is_first):
	"""The text of one file."""
	rng = m.rng
	w = Writer(rng)
	kinds = []
	for kind, chance in (("defaults", 0.7), ("devices", 0.55), ("overrides", 0.35), ("multipaths", 0.6), ("blacklist", 0.18), ("blacklist_exceptions", 0.12), ("defaults", 0.1), ("devices", 0.1), ("multipaths", 0.1)):
		if rng.random() < (chance if is_first else chance / 2):
			kinds.append(kind)
	rng.shuffle(kinds)
	for kind in kinds:
		section(w, m, kind)
		w.oddity()
	return w.text()


def bindings(m):
	rng = m.rng
	lines = ["# Multipath bindings, Version : 1.0"]
	for _ in range(rng.randint(1, 4)):
		lines.append("%s %s" % (rng.choice(["mpatha", "mpathb", "mpathc", "sana", "mpathaa", "root", "disk-b", "mpathz"]), rng.choice(["@WWID%d@" % m.some_lun()] * 4 + ["@SHORT%d@" % m.some_lun(), "3nobody"])))
	if rng.random() < 0.3:
		lines.insert(rng.randint(1, len(lines)), rng.choice(["", "# mpathz 3other", "mpathq", "  mpathd   @WWID1@  # mine"]))
	return "\n".join(lines) + "\n"


def put(path, text):
	os.makedirs(os.path.dirname(path), exist_ok=True)
	with open(path, "w", encoding="utf-8") as f:
		f.write(text)


def named(kind, out):
	here = os.path.join(os.path.dirname(os.path.abspath(__file__)), kind)
	for name in os.listdir(here):
		with open(os.path.join(here, name), encoding="utf-8") as f:
			text = f.read()
		base, kind = os.path.splitext(name)
		if kind == ".conf":
			put(os.path.join(out, base, "etc/multipath.conf"), text)
		elif kind:
			put(os.path.join(out, base, "etc/multipath", kind[1:]), text)
		else:
			put(os.path.join(out, name), text)


def main():
	if not sys.argv[1].isdigit():
		named(sys.argv[1], sys.argv[3])
		return
	seed, count, out = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
	rng = random.Random(seed)
	m = Machine(rng)
	put(os.path.join(out, "devices"), "\n".join(m.lines) + "\n")
	for i in range(count):
		rng.seed(seed * 100003 + i)
		etc = os.path.join(out, "%03d" % i, "etc")
		text = configuration(m, True)
		# Without a policy that makes maps there would be little to compare: most machines of the test have one.
		if "find_multipaths" not in text and rng.random() < 0.8:
			text = "defaults {\n\tfind_multipaths %s\n}\n" % rng.choice(["off", "greedy", "on"]) + text
		if rng.random() < 0.95:
			put(etc + "/multipath.conf", text)
		for _ in range(rng.choice([0, 0, 0, 1, 2])):
			put(etc + "/multipath/conf.d/" + rng.choice(["10-a.conf", "20-b.conf", "Z.conf", "a.conf", "ignored.txt", "_.conf", "9.conf"]), configuration(m, False))
		for name, chance in (("bindings", 0.5), ("names", 0.3)):
			if rng.random() < chance:
				put(etc + "/multipath/" + name, bindings(m))
		for name, chance in (("wwids", 0.5), ("known", 0.3)):
			if rng.random() < chance:
				put(etc + "/multipath/" + name, "# Multipath wwids, Version : 1.0\n# Valid WWIDs:\n" + "".join("/@WWID%d@/\n" % (n + 1) for n in range(len(m.luns)) if rng.random() < 0.6))


main()
