# Completion of pktpath for bash. The program is asked, so flows, NATs and settings are those of the scenario that the line names.
_pktpath()
{
	local line=${COMP_LINE:0:COMP_POINT} words candidate cut
	# bash splits words at : and =, which are parts of ours.
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	local word=${words[-1]}
	cut=${word%"${word##*["${COMP_WORDBREAKS//[^:=]/}"]}"}
	[[ $COMP_WORDBREAKS == *[:=]* ]] || cut=
	COMPREPLY=()
	while IFS=$'\t' read -r candidate _; do
		case $candidate in
		:nospace) compopt -o nospace 2>/dev/null ;;
		:files)
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${word#"$cut"}")
			;;
		:directories)
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -d -- "${word#"$cut"}")
			;;
		:scenarios)
			compopt -o filenames 2>/dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(
				compgen -d -- "${word#"$cut"}"
				compgen -f -X '!*.yaml' -- "${word#"$cut"}"
				compgen -f -X '!*.yml' -- "${word#"$cut"}"
				compgen -f -X '!*.json' -- "${word#"$cut"}"
			)
			;;
		*) COMPREPLY+=("${candidate#"$cut"}") ;;
		esac
	done < <("${words[0]/#\~/$HOME}" complete "${words[@]:1}" 2>/dev/null)
}
complete -F _pktpath pktpath
