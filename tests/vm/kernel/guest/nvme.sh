# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=sh
#
# What scenarios on NVMe use besides lib.sh: the kernel's own target behind TCP ports on this machine. Each port is a path, with
# ANA states of its own, and the host connects to each of them with a controller of its own.

nqn=nqn.2026-01.org.mpath-boot:root
nvmet=/sys/kernel/config/nvmet

# nvmet_start MULTIPATH: the modules, with the kernel's own multipath Y or N, and the subsystem $nqn
nvmet_start() {
	modprobe nvme_core multipath="$1"
	modprobe -a nvmet_tcp nvme_tcp
	ip link set lo up
	[ -d $nvmet ] || mount -t configfs configfs /sys/kernel/config
	mkdir -p $nvmet/subsystems/$nqn
	echo 1 > $nvmet/subsystems/$nqn/attr_allow_any_host
	echo 6d70617468626f6f > $nvmet/subsystems/$nqn/attr_serial
}

# nvmet_namespace NUMBER FILE ANA_GROUP [ATTRIBUTE=VALUE]...: e.g. device_nguid, device_uuid
nvmet_namespace() {
	local ns=$nvmet/subsystems/$nqn/namespaces/$1 file=$2 group=$3; shift 3
	mkdir "$ns"
	echo -n "$file" > "$ns/device_path"
	[ -b "$file" ] || echo 1 > "$ns/buffered_io"	# a file in memory knows no O_DIRECT
	echo "$group" > "$ns/ana_grpid"
	for attr in "$@"; do echo "${attr#*=}" > "$ns/${attr%%=*}"; done
	echo 1 > "$ns/enable"
}

# nvmet_address N: of port N
nvmet_address() { echo "127.0.0.$1"; }

# nvmet_port N [ANA_GROUP]...: a port with these groups besides the first
nvmet_port() {
	local port=$nvmet/ports/$1 n=$1; shift
	mkdir "$port"
	echo tcp > "$port/addr_trtype"
	echo ipv4 > "$port/addr_adrfam"
	nvmet_address "$n" > "$port/addr_traddr"
	echo 4420 > "$port/addr_trsvcid"
	for group in "$@"; do mkdir "$port/ana_groups/$group"; nvmet_ana "$n" "$group" optimized; done
	nvmet_port_up "$n"
}
# The port is there, or not: a controller behind it loses its connection, and finds it again.
nvmet_port_up() { ln -s $nvmet/subsystems/$nqn "$nvmet/ports/$1/subsystems/$nqn"; }
nvmet_port_down() { rm "$nvmet/ports/$1/subsystems/$nqn"; }

# nvmet_ana PORT GROUP optimized|non-optimized|inaccessible|persistent-loss|change
nvmet_ana() { echo "$3" > "$nvmet/ports/$1/ana_groups/$2/ana_state"; }

# nvme_options N: what connects to port N; nvme_connect N: do it
nvme_options() {
	echo "transport=tcp,traddr=$(nvmet_address "$1"),trsvcid=4420,nqn=$nqn,hostnqn=nqn.2026-01.org.mpath-boot:guest,hostid=6d706174-682d-626f-6f74-000000000002,nr_io_queues=1,reconnect_delay=1,ctrl_loss_tmo=-1"
}
nvme_connect() { nvme_options "$1" > /dev/nvme-fabrics; }
