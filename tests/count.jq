# Counts the results of test programs as meson logs them, one object a program. A program's own cases count where it tells them: Check's
# "90%: Checks: 10, Failures: 1, Errors: 0", and the lines "ok - ...", "not ok - ...", "skipped - ..." of the shell tests.
# A program that failed without naming a case counts as one failure.

def number(pattern): [(.stdout // "") | scan(pattern) | .[0] | tonumber] | add // 0;
def lines(pattern): [(.stdout // "") | scan("(?m:^" + pattern + ")")] | length;

map(
	{name, result, reason: ([(.stdout // "") | scan("(?m:^skipped - .*)")] | .[0] // "skipped" | ltrimstr("skipped - ")),
	 failed: (number("Failures: ([0-9]+)") + number("Errors: ([0-9]+)") + lines("not ok - ")),
	 cases: (number("Checks: ([0-9]+)") + lines("(?:not )?ok - ")),
	 skipped: lines("skipped - ")}
	| .good = (.result == "OK" or .result == "EXPECTEDFAIL" or .result == "SKIP")
	| if .good or .failed > 0 then . else .failed = 1 | .cases += 1 end
	| if .cases == 0 and .result == "OK" then .cases = 1 else . end
)
| (map(select(.result == "SKIP")) | .[] | "skipped: \(.name): \(.reason)"),
  (map(select(.good | not)) | .[] | "failed: \(.name)"),
  ((map(.skipped) | add) as $n | if $n > 0 then "\($n) cases skipped" else empty end),
  "\((map(.cases) | add) - (map(.failed) | add)) passed, \(map(.failed) | add) failed"
