#!/usr/bin/env python3
"""Walks every property of every network resource of raw inputs, and looks for each in what the import lists: walk.py LIST INPUT...

LIST is what `pktpath import --list --json` printed. It knows nothing of how the importer reads: it goes through the documents
themselves. A property is accounted for where the list has its pointer, one below it, or one above it, with a fate: mapped,
not modelled, or without influence and why."""
import json
import re
import sys

TERRAFORM = ("azurerm_virtual_network", "azurerm_subnet", "azurerm_network_", "azurerm_route", "azurerm_public_ip", "azurerm_nat_gateway", "azurerm_lb",
             "azurerm_firewall", "azurerm_ip_group", "azurerm_private_", "azurerm_application_gateway", "azurerm_local_network_gateway", "azurerm_application_security_group")

# What only joins others, or gives a property to another: what it says is found there.
JOINS = ("association", "azurerm_virtual_network_dns_servers")

# What stands at the top of a resource of a template and directs its deployment: it is no property of the network.
DIRECTIVES = {"type", "apiVersion", "dependsOn", "condition", "copy", "existing", "comments", "metadata", "scope", "import"}


def load(path):
    """As Azure's tools take JSON: with comments, trailing commas and texts over several lines."""
    text, out, i, quoted = open(path, encoding="utf-8").read(), [], 0, False
    while i < len(text):
        if quoted:
            out.append(text[i])
            if text[i] == "\\":
                i += 1
                out.append(text[i])
            elif text[i] == '"':
                quoted = False
        elif text.startswith("//", i):
            i = text.find("\n", i) if "\n" in text[i:] else len(text)
            continue
        elif text.startswith("/*", i):
            i = text.index("*/", i) + 1
        else:
            quoted = text[i] == '"'
            out.append(text[i])
        i += 1
    return json.loads(re.sub(r",(\s*[}\]])", r"\1", "".join(out)), strict=False)


def escaped(key):
    return str(key).replace("~", "~0").replace("/", "~1")


def leaves(value, pointer):
    if isinstance(value, dict) and value:
        for key, child in value.items():
            yield from leaves(child, f"{pointer}/{escaped(key)}")
    elif isinstance(value, list) and value:
        for i, child in enumerate(value):
            yield from leaves(child, f"{pointer}/{i}")
    else:
        yield pointer, value


def is_network(kind):
    return kind.lower().startswith("microsoft.network/")


def of_template(template, pointer):
    """(pointer, resource) of each network resource, those of nested templates and children included."""
    resources = template.get("resources", [])
    items = resources.items() if isinstance(resources, dict) else enumerate(resources)
    for key, resource in items:
        at = f"{pointer}/resources/{escaped(key)}"
        yield from of_resource(resource, at)


def of_resource(resource, at):
    kind = resource.get("type", "")
    inner = resource.get("properties", {}).get("template") if isinstance(resource.get("properties"), dict) else None
    if inner:
        yield from of_template(inner, f"{at}/properties/template")
        return
    if is_network(kind) and not resource.get("existing"):
        yield at, {key: value for key, value in resource.items() if key != "resources" and key not in DIRECTIVES}, kind.lower(), "condition" in resource
    for i, child in enumerate(resource.get("resources", []) if isinstance(resource.get("resources"), list) else []):
        yield from of_resource(child, f"{at}/resources/{i}")


def of_live(document, at):
    if isinstance(document, list):
        for i, item in enumerate(document):
            yield from of_live(item, f"{at}/{i}")
    elif isinstance(document, dict):
        if "/providers/microsoft.network/" in str(document.get("id", "")).lower():
            yield at, document, None, False
        else:
            for key in ("value", "data"):
                yield from of_live(document.get(key), f"{at}/{key}")


def is_terraform(kind):
    return kind.startswith(TERRAFORM) and not any(join in kind for join in JOINS)


def of_modules(module, at):
    for i, resource in enumerate(module.get("resources", [])):
        if is_terraform(resource.get("type", "")):
            yield f"{at}/resources/{i}/values", resource.get("values", {}), None, False
    for i, child in enumerate(module.get("child_modules", [])):
        yield from of_modules(child, f"{at}/child_modules/{i}")


def of_state(document):
    for i, resource in enumerate(document["resources"]):
        for k, instance in enumerate(resource.get("instances", [])):
            if resource.get("mode") == "managed" and is_terraform(resource["type"]):
                yield f"/resources/{i}/instances/{k}/attributes", instance["attributes"], None, False


def resources_of(document):
    if isinstance(document, dict) and "$schema" in document and "resources" in document:
        return of_template(document, "")
    if isinstance(document, dict) and "planned_values" in document:
        return of_modules(document["planned_values"].get("root_module", {}), "/planned_values/root_module")
    if isinstance(document, dict) and "terraform_version" in document and "resources" in document:
        return of_state(document)
    if isinstance(document, dict) and "values" in document and "format_version" in document:
        return of_modules(document["values"].get("root_module", {}), "/values/root_module")
    return of_live(document, "")


def main():
    listed = json.load(open(sys.argv[1], encoding="utf-8"))
    known, paths = {}, set()
    for item in listed["properties"]:
        if item["fate"] not in ("mapped", "not-modelled") and not (item["fate"] == "no-influence" and item["reason"]):
            print(f"lost: {item}")
            return 1
        path = item["path"]
        while path:  # an expression's value may stand elsewhere: it is where the property is
            paths.add((item["type"].lower(), path))
            path = path.rpartition(".")[0]
        at = (item["file"], item["pointer"])
        while at not in known:
            known[at] = item["fate"]
            if "/" not in at[1]:
                break
            at = (at[0], at[1].rsplit("/", 1)[0])
    ends = {(item["file"], item["pointer"]) for item in listed["properties"]}
    n = lost = 0
    for path in sys.argv[2:]:
        document = load(path)
        for top, resource, kind, conditional in resources_of(document):
            if conditional and (path, top) not in known:
                continue  # it is not deployed
            for pointer, value in leaves(resource, top):
                if value in (None, "", [], {}) or "/copy/" in pointer:
                    continue  # it says nothing, or directs the deployment
                n += 1
                above = pointer
                while above and (path, above) not in ends:
                    above = above.rsplit("/", 1)[0]
                dotted = ".".join(part.replace("~1", "/").replace("~0", "~") for part in pointer[len(top) + 1:].split("/"))
                if (path, pointer) not in known and not above and (kind, dotted) not in paths:
                    lost += 1
                    print(f"{path}{pointer}: {json.dumps(value)}: the list does not have it")
    print(f"{n} properties, {lost} lost")
    return 0 if lost == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
