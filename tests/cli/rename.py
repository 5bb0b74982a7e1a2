"""pktpath lsp: each name that a scenario defines is renamed by the language server; what comes out must load.
Usage: rename.py PKTPATH FILE NAME...: names that are left out, since their spelling hides them in other names"""
import json
import re
import subprocess
import sys
import tempfile

pktpath, path, left_out = sys.argv[1], sys.argv[2], set(sys.argv[3:])
text = open(path, encoding="utf-8").read()
lines = text.split("\n")
uri = "file:///renamed.yaml"
server = subprocess.Popen([pktpath, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
n_sent = 0


def send(method, params, number=None):
    message = {"jsonrpc": "2.0", "method": method, "params": params}
    if number is not None:
        message["id"] = number
    data = json.dumps(message).encode()
    server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)
    server.stdin.flush()


def receive():
    size = 0
    while (line := server.stdout.readline()) not in (b"\r\n", b""):
        size = int(line.split(b":")[1])
    return json.loads(server.stdout.read(size))


def ask(method, params):
    global n_sent
    n_sent += 1
    send(method, params, n_sent)
    while (answer := receive()).get("id") != n_sent:
        pass
    return answer


def at(line, column, **more):
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": column}, **more}


def renamed(edits):
    result = list(lines)
    for edit in sorted(edits, key=lambda e: e["range"]["start"]["character"], reverse=True):
        start, end = edit["range"]["start"], edit["range"]["end"]
        line = result[start["line"]].encode("utf-16-le")
        line = line[: 2 * start["character"]] + edit["newText"].encode("utf-16-le") + line[2 * end["character"] :]
        result[start["line"]] = line.decode("utf-16-le")
    return "\n".join(result)


ask("initialize", {"capabilities": {}})
send("textDocument/didOpen", {"textDocument": {"uri": uri, "languageId": "yaml", "version": 1, "text": text}})
n_names = n_bad = 0
for number, line in enumerate(lines):
    for key in re.finditer(r"([\w.-]+)\"?:", line.split(" # ")[0]):
        column = len(line[: key.start()].encode("utf-16-le")) // 2
        found = ask("textDocument/definition", at(number, column + 1))["result"]
        if not found or found["range"]["start"] != {"line": number, "character": column} or key[1] in left_out:
            continue
        n_names += 1
        answer = ask("textDocument/rename", at(number, column + 1, newName=key[1] + "x9"))
        edits = answer["result"]["changes"][uri]
        with tempfile.NamedTemporaryFile("w", suffix=".yaml", prefix="renamed-") as out:
            out.write(re.sub(r"^scenario: 1$", "scenario: 1\nname: renamed", renamed(edits), flags=re.M)
                      if not re.search(r"^name:", text, flags=re.M) else renamed(edits))
            out.flush()
            check = subprocess.run([pktpath, "check", out.name], capture_output=True, text=True)
        if check.returncode != 0:
            n_bad += 1
            print(f"{key[1]} at line {number + 1}, renamed in {len(edits)} places:\n{check.stderr}")
print(f"{n_names} names, {n_bad} of them break the file")
send("exit", None)
sys.exit(n_bad > 0 or n_names < 40)
