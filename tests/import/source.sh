#!/bin/sh
# Objects with `source` name the line that they were made from: in explanations, failures, tables and pages. Warnings of one kind are one line.
# Usage: source.sh SOURCE_ROOT PKTPATH
cd "$1" || exit 1
. tests/shell.sh
pktpath=$2
needs jq
cd "$scratch" || exit 1

cat >made.yaml <<'SCENARIO'
scenario: 1
network:
  vnets:
    v:
      source: net.json:3
      space: [10.0.0.0/16]
      subnets: {a: {cidr: 10.0.0.0/24, nsg: g, routes: t, source: net.json:5}}
  route_tables:
    t: {source: net.json:30, routes: {out: {prefix: 0.0.0.0/0, next_hop: none, source: net.json:33}}}
  nsgs:
    g:
      source: net.json:17
      outbound:
        - {name: web, priority: 100, action: deny, dst: internet, dst_ports: 80, source: "the net.json:20"}
        - {name: other, priority: 200, action: allow}
  hosts:
    h: {subnet: v/a, source: net.json:50}
    i: {internet: true, ip: 203.0.113.1, listen: [80/tcp, 443/tcp]}
flows:
  f: {from: h, to: i:80/tcp, source: net.json:60}
  g: {from: h, to: i:443/tcp, at: 1s}
expect:
  - {flow: f, outcome: delivered, source: net.json:70}
SCENARIO
check "any object may have a source" "$pktpath" check made.yaml
explained() { "$pktpath" explain made.yaml "$1" | tr -s ' \n' ' ' | grep -qF "$2"; }
check "an explanation names both lines of a rule" explained f 'made.yaml:14 (from the net.json:20)'
check "of the flow" explained f 'made.yaml:20 (from net.json:60)'
check "of a route" explained g 'made.yaml:9 (from net.json:33)'
check "as JSON" sh -c "'$pktpath' explain --json made.yaml f | jq -e '.calls[0].loss.place.source == \"the net.json:20\"'"
"$pktpath" run --no-traces -o out made.yaml >run.out 2>run.err
check "a failure names the line of the expectation" grep -qE 'made.yaml:23:[0-9]+ \(from net.json:70\)' run.out
check "and of the rule" grep -qE 'rule: +made.yaml:14:[0-9]+ \(from the net.json:20\)' run.out
check "the report has them" jq -e '.expectations[0].rule_place.source == "the net.json:20"' out/report.json
check "addresses name both lines" sh -c "'$pktpath' addresses made.yaml | grep -qF '(from the net.json:20)'"
"$pktpath" run -q -o out made.yaml >/dev/null 2>&1
check "pages name both lines" sh -c "'$pktpath' report -q -o page.html out && grep -qF 'made.yaml:14, from the net.json:20' page.html"
sed 's/net.json:5}/net.json}/' made.yaml >wrong.yaml
wrong() { "$pktpath" check wrong.yaml 2>&1 | grep -qF 'wrong.yaml:7:67: error: `net.json` is no line of a file'; }
check "a source that is no line of a file" wrong
cat >all.yaml <<'SCENARIO'
scenario: 1
network:
  regions: {west: {source: a.json:1}}
  vnets: {v: {space: [10.0.0.0/16], source: a.json:2, subnets: {a: {cidr: 10.0.0.0/24, nat_gateway: g, source: a.json:3}, e: {cidr: 10.0.1.0/24}, w: {cidr: 10.0.2.0/24}}}}
  nat_gateways: {g: {address: 203.0.113.5, source: a.json:4}}
  sites: {s: {prefixes: [192.168.0.0/24], source: a.json:5, nat: {address: 203.0.113.6, source: a.json:6}, gateway: {vnet: v, kind: vpn, source: a.json:7}}}
  ases: {e: {subnet: v/e, vip: 203.0.113.7, front_ends: 2, workers: 2, needs: none, source: a.json:8, apps: {app: {source: a.json:9}}}}
  hosts: {h: {subnet: v/a, source: a.json:10}, f: {subnet: v/w, forwards: true, nat: {source: a.json:11}}, i: {internet: true, ip: 203.0.113.1, listen: 80/tcp}}
flows: {f: {from: h, to: "i:80/tcp", source: a.json:12}}
timeline: [{at: 1s, stop: i, source: a.json:13}]
taps: {t: {at: drops, source: a.json:14}}
expect: [{flow: f, outcome: delivered, source: a.json:15}]
SCENARIO
sed -i 's/, needs: none//' all.yaml
check "every kind of object" "$pktpath" check all.yaml
cat >groups.yaml <<'SCENARIO'
scenario: 1
network:
  nsgs:
    g: {outbound: [{name: a, priority: 100, action: deny, source: net.json:1}]}
SCENARIO
check "groups and no network" "$pktpath" check groups.yaml
check "and they run" "$pktpath" run --no-traces -o out groups.yaml
check "and are drawn" sh -c "'$pktpath' draw -o groups.svg groups.yaml"

# Many warnings of one kind.
{
	printf 'scenario: 1\nnetwork:\n  vnets: {v: {space: [10.0.0.0/16], subnets: {a: {cidr: 10.0.0.0/24, nsg: g}}}}\n'
	printf '  nsgs:\n    g:\n      outbound:\n'
	awk 'BEGIN { for (i = 1; i <= 90; i++) printf "        - {name: r%d, priority: %d, action: allow, dst: 192.0.2.%d/32, source: net.json:%d}\n", i, 100 + i, i, i }'
	printf '  hosts: {h: {subnet: v/a}, i: {internet: true, ip: 203.0.113.1, listen: 80/tcp}}\nflows: {f: {from: h, to: i:80/tcp}}\n'
} >many.yaml
"$pktpath" run --no-traces -o out many.yaml 2>few.err >/dev/null
check "ninety rules that decide nothing are one warning" grep -qx "warning: 90 rules decided nothing: \`$pktpath run --warnings [a-z.]*\` lists them" few.err
check "and no more" [ "$(wc -l <few.err)" = 1 ]
"$pktpath" run --no-traces --warnings -o out many.yaml 2>all.err >/dev/null
check "--warnings lists them" [ "$(grep -c 'rule `r[0-9]*` of `g`' all.err)" = 90 ]
check "each with both lines" grep -q 'many.yaml:7:[0-9]*: warning: rule `r1` .*(from net.json:1)' all.err
{
	printf 'scenario: 1\nnetwork:\n  nsgs:\n'
	awk 'BEGIN { for (i = 1; i <= 20; i++) printf "    g%d: {outbound: [{name: a, priority: 100, action: deny}]}\n", i }'
} >unattached.yaml
check "warnings of a check, by kind" sh -c "'$pktpath' check unattached.yaml 2>&1 | grep -q '20 security groups are on no subnet and no NIC: \`$pktpath check --warnings unattached.yaml\` lists them'"
check "check --warnings" sh -c "[ \$('$pktpath' check --warnings unattached.yaml 2>&1 | grep -c 'is on no subnet') = 20 ]"
finish
