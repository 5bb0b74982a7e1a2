# Completion of pktpath for fish. The program is asked, so flows, NATs and settings are those of the scenario that the line names.
function __pktpath_complete
    set -l words (commandline -opc) (commandline -ct)
    set -l program $words[1]
    test (count $words) -gt 1; and set -l rest $words[2..-1]
    test -z (commandline -ct); and set -a rest ""
    for line in ($program complete $rest 2>/dev/null)
        switch $line
            case :nospace
            case :files
                __fish_complete_path (commandline -ct)
            case :directories
                __fish_complete_directories (commandline -ct)
            case :scenarios
                __fish_complete_suffix .yaml
            case '*'
                echo $line
        end
    end
end
complete -c pktpath -f -a '(__pktpath_complete)'
