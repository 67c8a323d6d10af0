# SPDX-License-Identifier: GPL-2.0-or-later
#
# What an image needs for root's NVMe/TCP controllers, besides the modules of the snapshot: /usr/lib/mpath-boot/image-nvme.sh. Sourced by the builders' hooks, which
# bring fail TEXT, and image_way IFACE, which warns of one that is no card.

# image_nvme_told IMAGE FROM: a controller of root's in /sys, which has the hostnqn and the hostid that it was told; nothing if there is none
image_nvme_told()
{
	while read -r _nqn _; do
		for _told in "$2"/sys/class/nvme/nvme*; do
			if [ -s "$_told/hostnqn" ] && [ -s "$_told/hostid" ] && [ "$(cat "$_told/subsysnqn" 2> /dev/null)" = "$_nqn" ]; then
				echo "$_told"
				return
			fi
		done
	done < "$1/etc/mpath-boot/nvme"
}

# image_nvme_host IMAGE FROM NAME: hostnqn or hostid, by which the target knows this machine: what root's controllers were told (nvme connect -q, config.json and
# the firmware have their own), else the file of nvme-cli, else what any controller here was told
image_nvme_host()
{
	mkdir -p "$1/etc/nvme"
	_told=$(image_nvme_told "$1" "$2")
	for _file in ${_told:+"$_told/$3"} "$2/etc/nvme/$3" "$2"/sys/class/nvme/nvme*/"$3"; do
		if [ -s "$_file" ]; then
			cat "$_file" > "$1/etc/nvme/$3"
			return
		fi
	done
	fail "root has paths over NVMe/TCP, but there is no /etc/nvme/$3 (package nvme-cli; nvme gen-hostnqn)"
}

# image_nvme IMAGE FROM: nothing at all when the snapshot in the image has no such controllers
image_nvme()
{
	_controllers=$("$2/usr/sbin/mpath-snapshot" nvme "$1/etc/mpath-boot/snapshot") || fail "unable to list the NVMe controllers of the snapshot"
	[ -n "$_controllers" ] || return 0

	printf '%s\n' "$_controllers" > "$1/etc/mpath-boot/nvme"
	mkdir -p "$1/usr/lib/mpath-boot"
	cp "$2/usr/lib/mpath-boot/nvme.sh" "$2/usr/lib/mpath-boot/network.sh" "$1/usr/lib/mpath-boot/"
	image_nvme_host "$1" "$2" hostnqn
	image_nvme_host "$1" "$2" hostid
	while read -r _ _ _ _iface _; do
		image_way "$_iface"
	done < "$1/etc/mpath-boot/nvme"
}
