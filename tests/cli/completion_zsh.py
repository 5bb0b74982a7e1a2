"""Types a line and a tab into a zsh, and prints what the line becomes.
Usage: completion_zsh.py DIRECTORY_OF__pktpath LINE EXPECTED"""
import os
import pty
import select
import sys
import time

directory, line, expected = sys.argv[1:]


def say(text):
    os.write(terminal, text.encode())


def read_until(mark, seconds):
    data = b""
    end = time.monotonic() + seconds
    while mark not in data and time.monotonic() < end:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                data += os.read(terminal, 65536)
            except OSError:
                break
    return data.decode(errors="replace").replace("\r", "\n")


os.environ["TERM"] = "dumb"
child, terminal = pty.fork()
if child == 0:
    os.execlp("zsh", "zsh", "-f", "-i")
say(f"PS1= RPS1= PROMPT_EOL_MARK=; fpath=('{directory}' $fpath); autoload -U compinit; compinit -D -u; unsetopt zle_bracketed_paste auto_menu; "
    "print REA''DY\n")
read_until(b"READY", 20)
# The line is finished by zsh, put between quotes, and printed: what the tab made of it comes back as words. A busy machine takes its time.
for patience in (1, 3, 8):
    say(line + "\t")
    time.sleep(patience)
    say("\x01print -r -- '<\x05>'\n")
    said = [row for row in read_until(b">\r\n", 10).split("\n") if row.startswith("<")]
    if said and said[-1].rstrip("> ").lstrip("<") == expected:
        sys.exit(0)
print("expected:", expected)
print("got:", said)
sys.exit(1)
