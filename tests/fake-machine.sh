#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A machine that an image is built on: a fake root directory with fake tools, for the tests of the builders' hooks. Sourced; the test ends with verdict.
set -u

top=$(cd "$(dirname "$0")/.." && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
passed=0
failed=0

# check WHAT COMMAND...
check()
{
	local what=$1
	shift
	if "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAIL: $what"
	fi
}

not() { ! "$@"; }

# lint SCRIPT [OPTION]...: what shellcheck says, where there is one; a package is built without
lint()
{
	if command -v shellcheck > /dev/null; then
		check "shellcheck ${1#"$top"/}" shellcheck "${@:2}" "$1"
	fi
}

# check_scripts SCRIPT...: of an image, for dash
check_scripts()
{
	local script
	for script; do
		if command -v dash > /dev/null; then
			check "dash -n ${script#"$top"/}" dash -n "$script"
		fi
		# SC1090, SC1091: files of the image; SC2034: libraries' and init's variables
		lint "$script" -s dash -e SC1090,SC1091,SC2034
	done
}

# ---- the machine that the image is built on ------------------------------------------------------------------------

root=$tmp/root
mkdir -p "$root"/{usr/sbin,sbin,etc/iscsi,sys/class/net/eth7,sys/module/fakenic,sys/device,bin}
LIBDIR=$root/usr/lib sh "$top/hooks/common/install.sh"
mkdir -p "$root/usr/lib/mpath-boot/udev"
cp "$top"/hooks/udev/*.rules "$root/usr/lib/mpath-boot/udev/"

# answers from files
cat > "$root/usr/sbin/mpath-snapshot" <<EOT
#!/bin/sh
case \$1 in
create) [ ! -e "$tmp/create-fails" ] || [ "\$2 \$(cat "$tmp/create-fails")" = "--generic 2" ] || { echo "mpath-snapshot: fatal: no" >&2; exit "\$(cat "$tmp/create-fails")"; }
	[ "\$2" != --generic ] || { { echo snapshot; echo 'generic {'; [ ! -e "$tmp/checker" ] || cat "$tmp/checker"; } > "\$4"; exit; }
	[ "\$2" = --output ] && { echo snapshot; [ ! -e "$tmp/checker" ] || cat "$tmp/checker"; } > "\$3" ;;
show) [ "\$(head -n 1 "\$2")" = snapshot ] || exit 100 ;;
modules) printf 'iscsi_tcp\nvirtio_scsi\ndm_round_robin\n' ;;
iscsi) [ ! -e "$tmp/portals" ] || cat "$tmp/portals" ;;
nvme) [ ! -e "$tmp/controllers" ] || cat "$tmp/controllers" ;;
esac
EOT
cat > "$tmp/root/bin/modprobe" <<EOT
#!/bin/sh
for last; do :; done
! grep -qsx "\$last" "$tmp/missing-modules"
EOT
# program FILE FLAVOUR "LINKED IN"...: says what it can; the dynamic one can do what lies beside it
program()
{
	mkdir -p "${1%/*}"
	cat > "$1" <<EOT
#!/bin/sh
[ "\$1" != --version ] || { echo mpath-boot 0; echo "$2; ABI"; exit; }
[ "\$1 \$2" = "list --self" ] || exit 99
shift 2
more=" $3"
while [ "\$1" = --extension ]; do
	case "$2 $3 " in
	shared*) [ -e "$root/usr/lib/mpath-boot/\${2##*/}" ] || { echo "unable to load extension \$2: No such file" >&2; exit 100; }; more="\$more \$(cat "$root/usr/lib/mpath-boot/\${2##*/}")" ;;
	*" \${2%.so} "*) ;;
	*) echo "unable to load extension \$2: this mpath-boot is static" >&2; exit 100 ;;
	esac
	shift 2
done
case \$1 in
checkers) printf '%s x\n' tur directio none \$more ;;
prios) printf '%s x\n' const alua \$more ;;
esac
EOT
	chmod 755 "$1"
}
program "$root/usr/sbin/mpath-boot" static ""
for program in iscsistart iscsid iscsiadm; do
	cp /bin/true "$root/sbin/$program"
done
mkdir -p "$root/usr/lib/mpath-boot" "$root/etc/iscsi/nodes/"{iqn.2026-01.test:root,iqn.2026-01.test:other}/10.0.2.2,3260,1 "$root/etc/iscsi/ifaces"
touch "$root"/usr/lib/mpath-boot/{mpath-keeper,iscsi-private.so}
for target in root other; do
	echo 'node.session.auth.password = secret' > "$root/etc/iscsi/nodes/iqn.2026-01.test:$target/10.0.2.2,3260,1/default"
done
echo 'node.session.auth.password_in = secret' > "$root/etc/iscsi/iscsid.conf"
echo 'InitiatorName=iqn.2026-01.test:me' > "$root/etc/iscsi/initiatorname.iscsi"
echo 'ISCSI_PASSWORD=secret' > "$root/etc/iscsi/iscsi.initramfs"
chmod 755 "$root"/usr/sbin/* "$root"/sbin/* "$root"/bin/*
echo 52:54:00:12:34:07 > "$root/sys/class/net/eth7/address"
mkdir "$root/sys/device/driver"
ln -s "$root/sys/module/fakenic" "$root/sys/device/driver/module"
ln -s "$root/sys/device" "$root/sys/class/net/eth7/device"

# vlan: eth7.5, on eth7
vlan()
{
	mkdir "$root/sys/class/net/eth7.5"
	cp "$root/sys/class/net/eth7/address" "$root/sys/class/net/eth7.5/"
}

# verdict: how many checks have passed; false when one has failed
verdict()
{
	echo "$passed passed, $failed failed"
	[ "$failed" -eq 0 ]
}
