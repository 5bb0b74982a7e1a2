#!/usr/bin/env python3
"""Takes away what an input says, value by value, and looks whether the import keeps quiet about it: unknown.py PKTPATH CASES FORM.

FORM is how a value is taken away: "parameter" makes each value of a template's resources a parameter that the deployment gives
no value. Each such import must end well, and what becomes of the value must be plain: it has no influence, or the list of what
is assumed or not modelled names it, or the scenario is the same but for a name. A scenario that differs from the one of the
whole input, with no line that says so, is a hole; so is a value that counts as mapped and of which nothing is said."""
import concurrent.futures
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from walk import load

NAME = "taken-away"


class Case:
    """The inputs of one case, of which one is changed."""

    def __init__(self, program, folder):
        words = open(os.path.join(folder, "args"), encoding="utf-8").read().split()
        words = [word for i, word in enumerate(words) if word != "--address" and (i == 0 or words[i - 1] != "--address")]
        self.program, self.folder, self.words = program, folder, words
        self.name, self.changed = os.path.basename(folder), words[0]
        self.document = load(os.path.join(folder, words[0]))

    def imported(self, document):
        """Status, scenario and list of an import of the case with this document."""
        with tempfile.TemporaryDirectory() as copy_of:
            work = os.path.join(copy_of, "case")
            shutil.copytree(self.folder, work)
            with open(os.path.join(work, self.changed), "w", encoding="utf-8") as file:
                json.dump(document, file, indent=1)
            run = [subprocess.run([self.program, "import", *self.words, *more], cwd=work, capture_output=True, text=True, check=False)
                   for more in ([], ["--list", "--json"])]
        listed = json.loads(run[1].stdout) if run[1].returncode == 0 else None
        return max(one.returncode for one in run), run[0].stdout, run[0].stderr, listed


def plain(scenario):
    """Without comments."""
    return [re.sub(r"\s+# .*$", "", line) for line in scenario.splitlines() if not line.lstrip().startswith("#")]


def same_but_names(changed, whole):
    """Line by line the same, where each name that stands in is one name of the other."""
    names = {}
    if len(changed) != len(whole):
        return False
    for line, other in zip(changed, whole):
        parts = re.split(rf"({NAME}(?:-\d+)?)", line)
        shape = "".join(r"([\w.-]+?)" if part.startswith(NAME) else re.escape(part) for part in parts)
        match = re.fullmatch(shape, other)
        if not match:
            return False
        for shown, meant in zip(parts[1::2], match.groups()):
            if names.setdefault(shown, meant) != meant:
                return False
    return True


def said(listed):
    lines = [item["what"] for kind in ("assumed", "not_modelled") for item in listed[kind]]
    return sorted(re.sub(r"203\.0\.113\.\d+", "", line) for line in lines)


def leaves(node, path):
    if isinstance(node, (dict, list)):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from leaves(child, path + [key])
    elif node is not None:
        yield path


def replaced(document, path, value):
    changed = copy.deepcopy(document)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def pointer(path):
    return "/" + "/".join(str(key).replace("~", "~0").replace("/", "~1") for key in path)


def hole(case, base, path, document):
    """What is wrong after the value of this path is taken away; None: nothing."""
    status, scenario, errors, listed = case.imported(document)
    if status == 2 and re.search(r":\d+:\d+: error: ", errors):
        return None  # a mistake with its place
    if status != 0:
        return f"status {status}: {errors.strip()[:200]}"
    if said(listed) != said(base[3]):
        return None
    if not same_but_names(plain(scenario), plain(base[1])):
        return "the scenario differs, and nothing is said"
    fates = {item["fate"] for item in listed["properties"] if item["pointer"] == pointer(path)}
    is_name = path[-1] == "name" and path[-2] != "sku"
    if "mapped" in fates and not is_name and NAME not in scenario:
        return "it counts as mapped, and nothing is said"
    return None


def parameters(case):
    """Each value of the resources of a template as a parameter without a value."""
    whole = copy.deepcopy(case.document)
    whole.setdefault("parameters", {})[NAME] = {"type": "string"}
    wanted = {"apiVersion", "type", "dependsOn", "$schema", "contentVersion"}
    paths = [path for path in leaves(whole["resources"], ["resources"]) if not wanted & set(path)]
    return whole, [(path, replaced(whole, path, f"[parameters('{NAME}')]")) for path in paths]


FORMS = {"parameter": (parameters, ("arm-", "bicep-"))}


def main():
    program, cases, form = sys.argv[1:4]
    make, prefixes = FORMS[form]
    tried = holes = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for folder in sorted(os.listdir(cases)):
            if not folder.startswith(prefixes):
                continue
            case = Case(program, os.path.join(cases, folder))
            whole, changed = make(case)
            base = case.imported(whole)
            if base[0] != 0:
                print(f"not ok - {folder}: the whole input: {base[2].strip()}")
                holes += 1
                continue
            found = list(pool.map(lambda one: hole(case, base, *one), changed))
            tried += len(changed)
            for (path, _), wrong in zip(changed, found):
                if wrong:
                    holes += 1
                    print(f"not ok - {folder}{pointer(path)}: {wrong}")
    if tried < 100:
        print(f"not ok - {tried} values were tried")
        holes += 1
    print(f"{'not ok' if holes else 'ok'} - {tried} values taken away ({form}), {holes} holes")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
