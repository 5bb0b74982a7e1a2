#!/bin/sh
# The array job and the merge job on a Slurm of the test's own: munged, slurmctld and slurmd of one node, which it starts and stops.
# Usage: slurm.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
pktpath=$2
root=$PWD
. tests/shell.sh
needs slurmctld slurmd munged sbatch sinfo
if [ "$(id -u)" -ne 0 ]; then
	echo "skipped - starting slurmd needs root"
	exit 77
fi
cd "$scratch" || exit 1
mkdir munge state spool shared
chmod 755 "$scratch"
chmod 700 munge
dd if=/dev/urandom of=munge/key bs=1024 count=1 2>/dev/null
chmod 600 munge/key
controller=$((20000 + $$ % 20000))
node=$((controller + 1))
cat >slurm.conf <<END
ClusterName=pktpath
SlurmctldHost=localhost(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$scratch/munge/socket
SlurmctldPort=$controller
SlurmdPort=$node
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
SlurmctldLogFile=$scratch/slurmctld.log
SlurmdLogFile=$scratch/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
MpiDefault=none
ReturnToService=2
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=n1 Default=YES MaxTime=INFINITE State=UP
END
SLURM_CONF=$scratch/slurm.conf
export SLURM_CONF
munged --key-file="$scratch/munge/key" --socket="$scratch/munge/socket" --pid-file="$scratch/munge/pid" --log-file="$scratch/munge/log" --seed-file="$scratch/munge/seed" --force >munged.out 2>&1
slurmctld -D -f slurm.conf >ctld.out 2>&1 &
ctld=$!
slurmd -D -N n1 -f slurm.conf >d.out 2>&1 &
d=$!
stop() {
	kill "$d" "$ctld" 2>/dev/null
	[ ! -e munge/pid ] || kill "$(cat munge/pid)" 2>/dev/null
	wait "$d" "$ctld" 2>/dev/null
	rm -rf "$scratch"
}
trap stop EXIT
tries=0
until sinfo -h -o %t 2>/dev/null | grep -q idle; do
	tries=$((tries + 1))
	if [ $tries -gt 100 ]; then
		echo "skipped - no Slurm can be started here: $(tail -n 1 slurmctld.log 2>/dev/null)"
		exit 77
	fi
	sleep 0.2
done

# until_done JOB: waits until the queue has none of it.
until_done() {
	tries=0
	while squeue -h -j "$1" 2>/dev/null | grep -q . && [ $tries -lt 300 ]; do
		tries=$((tries + 1))
		sleep 0.2
	done
}
PKTPATH=$pktpath
export PKTPATH
laws=$root/scenarios/laws
baseline=$root/captures
"$pktpath" test "$laws" --baseline "$baseline" --report whole -q >/dev/null 2>&1
array=$(sbatch --parsable --array=1-3 -o "$scratch/part.%a.out" "$root/share/slurm/pktpath.sbatch" "$scratch/shared" test "$laws" --baseline "$baseline")
check "an array job is taken" test -n "$array"
merge=$(sbatch --parsable -o "$scratch/merge.out" --dependency="afterok:$array" --kill-on-invalid-dep=yes "$root/share/slurm/merge.sbatch" "$scratch/shared" "$scratch/joined")
until_done "$array"
until_done "$merge"
check "its parts are joined by a job that depends on it" test -s joined/index.html
check "to the bytes of one machine" diff -r whole joined -x durations.csv
array=$(sbatch --parsable --array=2 --export=ALL,PKTPATH_PARTS=3 -o "$scratch/again.out" "$root/share/slurm/pktpath.sbatch" "$scratch/shared" test "$laws" --baseline "$baseline")
until_done "$array"
check "a part runs again alone" "$pktpath" merge shared/part-1 shared/part-2 shared/part-3 -o again -q
array=$(sbatch --parsable --array=1-2 -o "$scratch/nowhere.%a.out" "$root/share/slurm/pktpath.sbatch" "$scratch/nowhere" test "$laws")
until_done "$array"
check "without a shared directory it says so" grep -q 'is no directory that this node can write to' nowhere.1.out
[ "$n_failed" -eq 0 ] || tail -n 5 ./*.out slurmctld.log slurmd.log | sed 's/^/    /'
finish
