#!/bin/sh
# The extension of Visual Studio Code: vsce from npm packs the folder, and what it packs has all that the extension loads.
# Usage: extension.sh SOURCE_ROOT
cd "$1" || exit 1
root=$PWD
. tests/shell.sh
needs npm node python3
cp -r "$root/share/editors/vscode" "$scratch/extension"
cd "$scratch/extension" || exit 1
if ! timeout 300 npm install --silent >npm.out 2>&1 || ! timeout 300 npm install --silent --no-save --prefix "$scratch/vsce" @vscode/vsce@2 >npm.out 2>&1; then
	echo "skipped - npm has no vsce here"
	exit 77
fi
rm npm.out
check "vsce packs it" "$scratch/vsce/node_modules/.bin/vsce" package --out "$scratch/pktpath.vsix"
mkdir "$scratch/packed"
check "the package is a zip" python3 -m zipfile -e "$scratch/pktpath.vsix" "$scratch/packed"
cd "$scratch/packed/extension" || finish
check "it has the program's side" test -e extension.js
check "and the licence" test -e LICENSE.txt
# The editor gives the module vscode; all else must be in the package.
# shellcheck disable=SC2016 # for node
check "and each module that it loads" node -e '
const { createRequire } = require("module");
const text = require("fs").readFileSync("extension.js", "utf8");
const from = createRequire(process.cwd() + "/extension.js");
const names = [...text.matchAll(/require\("([^"]+)"\)/g)].map((match) => match[1]).filter((name) => name !== "vscode");
if (names.length === 0) throw new Error("it loads nothing");
for (const name of names)
	if (!from.resolve(name).startsWith(process.cwd())) throw new Error(`${name} is not in the package`);'
finish
