#!/bin/sh
# Pages lead where they say: every relative link and picture of README.md, CHANGELOG.md and docs/ is there, with the heading that it names;
# every page can be reached from README.md; each law has a page, whose excerpts are lines of its scenarios.
# Usage: pages.sh SOURCE_ROOT
cd "$1" || exit 1
. tests/shell.sh

pages() {
	find README.md CHANGELOG.md docs -name '*.md' | sort
}

# prose PAGE: without fenced blocks and `code`, where brackets are no links.
prose() {
	awk '/^```/ { fenced = !fenced; next } !fenced' "$1" | sed 's/`[^`]*`/code/g'
}

# links PAGE: the targets of its links and pictures, one a line, those to other machines left out.
links() {
	prose "$1" | grep -oE '\]\([^)]*\)' | sed 's/^](//; s/)$//; s/ ".*"$//' | grep -vE '^(https?|mailto):'
}

# anchors PAGE: its headings as GitHub names them.
anchors() {
	awk '/^```/ { fenced = !fenced; next } !fenced && /^#+ /' "$1" |
		sed -E 's/^#+ //; s/[^A-Za-z0-9 _-]//g; s/ /-/g' | tr '[:upper:]' '[:lower:]'
}

# leads_to PAGE LINK: prints the file, PAGE itself where the link is an anchor alone.
leads_to() {
	case $2 in
	'#'*) echo "$1" ;;
	*) realpath -m --relative-to=. "$(dirname "$1")/${2%%#*}" ;;
	esac
}

broken_link() {
	file=$(leads_to "$1" "$2")
	case $file in
	..*) echo "$1: $2 leads out of the repository" ;;
	*)
		[ -e "$file" ] || echo "$1: $2 leads nowhere"
		case $2 in
		*'#'*) anchors "$file" | grep -qxF "${2#*#}" || echo "$1: $file has no heading for $2" ;;
		esac
		;;
	esac
}

broken_links() {
	pages | while read -r page; do
		links "$page" | while IFS= read -r link; do
			broken_link "$page" "$link"
		done
	done
}

# Pages that no way leads to from README.md.
unreached() {
	echo README.md >"$scratch/reached"
	echo README.md >"$scratch/new"
	while [ -s "$scratch/new" ]; do
		while read -r page; do
			links "$page" | while IFS= read -r link; do
				leads_to "$page" "$link"
			done
		done <"$scratch/new" | grep '\.md$' | sort -u | grep -vxF -f "$scratch/reached" >"$scratch/next"
		cat "$scratch/next" >>"$scratch/reached"
		mv "$scratch/next" "$scratch/new"
	done
	pages | grep -vxF -f "$scratch/reached"
}

# law_page PAGE: what a law's page lacks.
law_page() {
	name=$(basename "$1" .md)
	scenario=scenarios/laws/$name.yaml
	grep -qF "(laws/$name.md)" docs/laws.md || echo "docs/laws.md does not link $1"
	links "$1" | grep -qx "../../$scenario" || echo "$1 does not link its scenario"
	links "$1" | grep -qx "../../scenarios/laws/$name-broken.yaml" || echo "$1 does not link the broken twin"
	links "$1" | grep -qx '\.\./pictures/.*\.svg' || echo "$1 has no picture"
	for command in "pktpath run $scenario" "pktpath explain .*$name-broken" "tshark "; do
		grep -q "^\\$ .*$command" "$1" || echo "$1 does not show: $command"
	done
	awk '/^```yaml/ { inside = 1; next } /^```/ { inside = 0 } inside' "$1" >"$scratch/excerpt"
	[ -s "$scratch/excerpt" ] || echo "$1 has no excerpt"
	grep -vxF -f "$scenario" "$scratch/excerpt" | sed "s|^|$1: not in $scenario: |"
}

law_pages() {
	for scenario in scenarios/laws/law-[0-9][0-9]-*.yaml; do
		case $scenario in
		*-broken.yaml) ;;
		*) law_page "docs/laws/$(basename "$scenario" .yaml).md" ;;
		esac
	done
}

silent "links and pictures lead somewhere" broken_links
silent "every page can be reached from README.md" unreached
silent "each law has a page that shows it" law_pages

# What the test of links itself must show.
mkdir "$scratch/made"
printf '# A Page: of `code`, 1\n\n[a](b.md) ![p](p.svg) [h](#a-page-of-code-1) `[no](link)`\n```\n[no](link)\n```\n[far](https://example.net)\n' \
	>"$scratch/made/a.md"
printf 'b.md\np.svg\n#a-page-of-code-1\n' >"$scratch/links"
finds_links() {
	links "$scratch/made/a.md" | diff "$scratch/links" -
}
check "links are found, in prose alone" finds_links
check "a heading" sh -c "[ '$(anchors "$scratch/made/a.md")' = a-page-of-code-1 ]"
check "a link to nowhere" test "$(broken_link docs/laws.md pictures/nothing.svg)" = "docs/laws.md: pictures/nothing.svg leads nowhere"
check "a heading that is not there" test -n "$(broken_link docs/laws.md 'model.md#nothing')"
check "a link out of the repository" test -n "$(broken_link README.md ../elsewhere.md)"
finish
