# shellcheck shell=sh disable=SC2034
# What the tests of the command line share; sourced after tests/shell.sh, with $pktpath set.

# call ARGUMENT...: runs pktpath; leaves $status, $scratch/out and $scratch/err.
call() {
	"$pktpath" "$@" >"$scratch/out" 2>"$scratch/err"
	status=$?
}

# said WHAT STATUS FILE PATTERN: the last call ended so, and its out or err has a line that matches; where PATTERN is empty, the file is empty.
said() {
	if [ "$status" -ne "$2" ]; then
		not_ok "$1 (status $status instead of $2)"
	elif [ -z "$4" ] && [ -s "$scratch/$3" ]; then
		not_ok "$1 ($3 is not empty)"
	elif [ -n "$4" ] && ! grep -qE -- "$4" "$scratch/$3"; then
		not_ok "$1 (nothing in $3 matches $4)"
	else
		ok "$1"
		return
	fi
	sed 's/^/    /' "$scratch/out" "$scratch/err" | head -n 40
}

# scenario NAME [LINE...]: writes $scratch/NAME.yaml, a small scenario with more lines at its end.
scenario() {
	scenario_name=$1
	shift
	{
		cat <<-END
			scenario: 1
			name: $scenario_name
			network:
			  vnets: {contoso: {space: [10.0.0.0/16], subnets: {ase-one: {cidr: 10.0.1.0/26}, data: {cidr: 10.0.2.0/24}}}}
			  ases: {ase-one: {subnet: contoso/ase-one, vip: 192.23.1.2, front_ends: 1, workers: 1, apps: {web: {}}}}
			  hosts:
			    api: {internet: true, ip: 203.0.113.10, listen: [443/tcp], dns: api.example.net}
			    sql: {subnet: contoso/data, ip: 10.0.2.10, public_ip: 203.0.113.99, listen: [1433/tcp]}
			flows:
			  call: {from: ase-one/web, to: "api:443/tcp"}
			  inside: {from: ase-one/web, to: "sql:1433/tcp", at: 1s}
		END
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$scratch/$scenario_name.yaml"
}
good='expect: [{flow: call, outcome: delivered, seen_at: api, src: 192.23.1.2}]'
bad='expect: [{flow: call, outcome: delivered, seen_at: api, src: 10.0.1.5}]'
