#!/usr/bin/env python3
"""Takes away what an input says, value by value, and looks whether the import keeps quiet about it: unknown.py PKTPATH CASES FORM.

FORM is how a value is taken away. "parameter" makes each value of a template's resources a parameter that the deployment gives no
value, "plan" makes each of a plan one that is known after the plan is carried out, "without" leaves it out of an answer or a state.
Each such import must end well, or point at a mistake. What becomes of the value must be plain: it has no influence, or the list of
what is assumed or not modelled names it, or a name alone differs. A scenario that differs from that of the whole input with no
line that says so is a hole; so is a value that counts as mapped and of which nothing is said."""
import concurrent.futures
import copy
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from walk import load

NAME = "taken-away"

# What Azure has a default for, which is meant where it is absent: a switch that is off, an address that is allotted, an object that is not there.
DEFAULTS = {"allowForwardedTraffic", "workerCount", "defaultOutboundAccess", "disableBgpRoutePropagation", "enableIPForwarding", "privateIPAddress",
            "idle_timeout_in_minutes", "private_ip_address", "private_endpoint_network_policies", "service_endpoints", "admin_username",
            "networkSecurityGroup", "routeTable", "virtualMachine"}


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
    """Without comments and places."""
    lines = [re.sub(r'\s+# .*$|,? *source: "[^"]*"', "", line) for line in scenario.splitlines() if not line.lstrip().startswith("#")]
    return [line for line in lines if line.strip()]


def same(changed, whole, of_name):
    """Line by line the same; where a name was taken away, each word that differs stands for one other, and a stand-in for all that had its value."""
    words = {}
    if len(changed) != len(whole) or not of_name:
        return changed == whole
    for line, other in zip(changed, whole):
        one, two = re.findall(r"[\w.-]+|[^\w.-]+", line), re.findall(r"[\w.-]+|[^\w.-]+", other)
        if len(one) != len(two) or any(a != b and not re.fullmatch(rf"({NAME}|unnamed)(-\d+)?", a) and words.setdefault(a, b) != b for a, b in zip(one, two)):
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
    is_name = path[-1] == "name" and path[-2] != "sku"
    if not same(plain(scenario), plain(base[1]), is_name):
        return "the scenario differs, and nothing is said"
    fates = {item["fate"] for item in listed["properties"] if item["pointer"] == pointer(path)}
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


def resources_of_plan(module):
    yield from module.get("resources", [])
    for child in module.get("child_modules", []):
        yield from resources_of_plan(child)


def expressions_of(document, resource):
    """The expressions of a resource, in the configuration of its module."""
    module = document["configuration"]["root_module"]
    for name in re.findall(r"module\.(\w+)", resource["address"]):
        module = module["module_calls"][name]["module"]
    kind = {"type": resource["type"], "name": resource["name"]}
    module["resources"] = [*module.get("resources", []), kind]
    return next(one for one in module["resources"] if kind.items() <= one.items()).setdefault("expressions", {})


def forget(values, expressions, path):
    """Removes a value that is planned; returns what `after_unknown` says of it."""
    key, rest = path[0], path[1:]
    inner = expressions.setdefault(key, {}) if isinstance(expressions, dict) and isinstance(key, str) else expressions
    if isinstance(key, int) and isinstance(expressions, list):
        inner = expressions[min(key, len(expressions) - 1)]
    if rest:
        unknown = forget(values[key], inner, rest)
    else:
        unknown = True
        values.pop(key) if isinstance(key, str) else values.__setitem__(key, None)
        if isinstance(inner, dict):
            inner.clear()
            inner["references"] = ["data.azurerm_client_config.it.object_id", "data.azurerm_client_config.it"]
    return {key: unknown} if isinstance(key, str) else [False] * key + [unknown]


def joined(one, other):
    """What either says is unknown."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: joined(one.get(key, False), other.get(key, False)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return [joined(a, b) for a, b in itertools.zip_longest(one, other, fillvalue=False)]
    return one or other


def plan(case):
    """Each value of the resources of a plan as known after it is carried out."""
    changed = []
    for number, resource in enumerate(resources_of_plan(case.document["planned_values"]["root_module"])):
        for path in leaves(resource["values"], []):
            document = copy.deepcopy(case.document)
            at = list(resources_of_plan(document["planned_values"]["root_module"]))[number]
            unknown = forget(at["values"], expressions_of(document, at), path)
            changes = document.setdefault("resource_changes", [])
            known = [one["change"] for one in changes if one["address"] == at["address"]]
            if not known:
                changes.append({"address": at["address"], "change": {"after_unknown": unknown}})
            for change in known:
                change["after_unknown"] = joined(change["after_unknown"], unknown)
            changed.append(([at["address"], "values", *path], document))
    return case.document, changed


def without(case):
    """Each value of an answer or a state left out."""
    changed = []
    for path in leaves(case.document, []):
        if DEFAULTS & set(path[-2:]):
            continue
        document = copy.deepcopy(case.document)
        at = document
        for key in path[:-1]:
            at = at[key]
        del at[path[-1]]
        changed.append((path, document))
    return case.document, changed


FORMS = {"without": (without, r"live-(az|hub|rest)|terraform-(nat|private|state)"),
         "parameter": (parameters, r"arm-|bicep-"), "plan": (plan, r"terraform-(plan|web-apps|hub|modules)")}


def main():
    program, cases, form = sys.argv[1:4]
    make, wanted = FORMS[form]
    tried = holes = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for folder in sorted(os.listdir(cases)):
            if not re.match(wanted, folder):
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
    if tried == 0:
        holes += 1
    print(f"{'not ok' if holes else 'ok'} - {tried} values taken away ({form}), {holes} holes")
    return 1 if holes else 0


if __name__ == "__main__":
    sys.exit(main())
