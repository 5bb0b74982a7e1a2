#!/usr/bin/env python3
"""Each expression of functions.tsv has the value that stands beside it: functions.py PKTPATH TABLE.

One template has them all, each as a property that the language has no noun for, so that NOT MODELLED lists its value."""
import json
import os
import subprocess
import sys
import tempfile


def template(rows):
    properties = {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}}
    properties.update({f"check-{i}": f"[concat('<', {expression}, '>')]" for i, (expression, _) in enumerate(rows)})
    network = {"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-01-01", "name": "v", "properties": properties}
    return {"$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#", "contentVersion": "1.0.0.0", "resources": [network]}


def values(program, rows):
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "functions.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(template(rows), file)
        listed = subprocess.run([program, "import", "--list", "--json", path], capture_output=True, text=True, check=True)
    found = {}
    for item in json.loads(listed.stdout)["not_modelled"]:
        _, _, rest = item["what"].partition("properties.check-")
        number, _, value = rest.partition(": ")
        if rest:
            found[int(number)] = value
    return found


def main(program, table):
    with open(table, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    found = values(program, rows)
    wrong = [(expression, wanted, found.get(i, "nothing")) for i, (expression, wanted) in enumerate(rows) if found.get(i) != f"<{wanted}>"[:80]]
    for expression, wanted, value in wrong:
        print(f"    {expression}: {value}, wanted <{wanted}>")
    print(f"{'not ok' if wrong else 'ok'} - {len(rows)} expressions, {len(wrong)} wrong")
    return 1 if wrong or len(rows) < 100 else 0


sys.exit(main(*sys.argv[1:]))
