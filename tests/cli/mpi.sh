#!/bin/sh
# pktpath-mpi: the ranks of an MPI job end in the bytes of one machine; where a rank dies, the journal says what was out, and --resume goes on.
# Usage: mpi.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
root=$PWD
pktpath=$2
mpi=$pktpath-mpi
. tests/shell.sh
. tests/cli/cases.sh
needs mpirun
if [ ! -x "$mpi" ]; then
	echo "skipped - this build has no pktpath-mpi"
	exit 77
fi
cd "$scratch" || exit 1
OMPI_ALLOW_RUN_AS_ROOT=1
OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_btl=self,vader
OMPI_MCA_pmix_server_max_wait=5
TMPDIR=$scratch
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_btl OMPI_MCA_pmix_server_max_wait TMPDIR
if ! timeout 60 mpirun -n 2 --oversubscribe "$mpi" --version >out 2>err; then
	echo "skipped - mpirun cannot start here: $(tail -n 1 err)"
	exit 77
fi
ranks() {
	timeout 120 mpirun -n 4 --oversubscribe "$mpi" "$@" >out 2>err
	status=$?
}
file=$root/docs/capacity.yaml
set -- --set flows.calls.repeat.count=200 --vary network.ases.one.workers=1..6 --seeds 3
"$pktpath" sweep "$file" "$@" -o whole -q
ranks sweep "$file" "$@" -o shared -q
check "four ranks end well" test "$status" -eq 0
check "in the bytes of one machine" diff -r whole shared -x durations.csv
check "without a journal when all is done" test ! -e shared/journal
ranks sweep "$file" --vary network.ases.one.worker=1,2 -o nothing
check "a mistake ends all ranks with its status (2: $status)" test "$status" -eq 2
check "and one of them says so" test "$(grep -c 'unknown key `worker`' err)" -eq 1
echo file >a-file
ranks sweep "$file" --vary network.ases.one.workers=1,2 -o a-file/below
check "so does what the first rank alone meets (3: $status)" test "$status" -eq 3
check "which says so" grep -q '^pktpath: cannot make a-file/below' err
"$pktpath" test "$root/scenarios/laws" --baseline "$root/captures" --report suite -q >/dev/null
ranks test "$root/scenarios/laws" --baseline "$root/captures" --report suite-shared -q
check "a suite, too" diff -r suite suite-shared -x durations.csv

# A rank dies while cases are out.
mkdir killed
timeout 120 mpirun -n 3 --oversubscribe "$mpi" sweep "$file" --set flows.calls.repeat.count=20000 --vary network.ases.one.workers=1..8 --seeds 6 -o killed -q >out 2>err &
job=$!
tries=0
until [ "$(wc -l 2>/dev/null <killed/ledger || echo 0)" -gt 14 ] || [ "$tries" -gt 300 ]; do
	sleep 0.1
	tries=$((tries + 1))
done
victim=$(pgrep -P "$(pgrep -P "$job" | head -n 1)" 2>/dev/null | tail -n 1)
kill -KILL "$victim" 2>/dev/null
wait "$job"
status=$?
check "a rank that dies ends all of them, with mpirun's status" test "$status" -ne 0
check "the journal names the cases that were out" grep -qE '^[12]	network.ases.one.workers=[1-8] seed=[1-6]$' killed/journal
call sweep "$file" --set flows.calls.repeat.count=20000 --vary network.ases.one.workers=1..8 --seeds 6 -o killed -q --resume
check "the rest is done later" test "$(wc -l <killed/sweep.csv)" -eq 49
finish
