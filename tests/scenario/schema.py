#!/usr/bin/env python3
"""The schema and the loader take and refuse the same files.

Usage: schema.py PKTPATH CORPUS SCHEMA SCENARIOS

good/ and the scenarios are taken. bad/ is refused, except files that end with `# schema: takes`: what is wrong with them depends on more than the
form. The loader's verdicts on these are check_corpus.c's to test. values.txt has single values, and what both say of each. SCHEMA is the file that
editors are pointed to by the first line of each scenario below SCENARIOS: what `pktpath schema` prints.
"""
import json
import pathlib
import re
import subprocess
import sys

import jsonschema
import yaml


class Loader(yaml.SafeLoader):
    """Scalars by the core schema of YAML 1.2, as editors read them: no octal, no sexagesimal, no yes and no, no dates. Keys stay text."""

    def construct_mapping(self, node, deep=False):
        pairs = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in pairs:
                raise yaml.constructor.ConstructorError(None, None, "a key is a list, or stands here twice", key.start_mark)
            pairs[key.value] = self.construct_object(value, deep=True)
        return pairs


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
):
    Loader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), first)
Loader.add_constructor("tag:yaml.org,2002:map", lambda loader, node: loader.construct_mapping(node))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))


def read(path):
    """The document; None where there is not exactly one."""
    try:
        documents = [json.loads(path.read_bytes())] if path.suffix == ".json" else list(yaml.load_all(path.read_bytes(), Loader))
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    return documents[0] if len(documents) == 1 else None


def complaint_of(validator, document):
    """None where the schema takes it, else its first complaint."""
    if document is None:
        return "no document"
    for error in validator.iter_errors(document):
        return "%s: %s" % ("/".join(map(str, error.absolute_path)) or "top", error.message[:120])
    return None


def put(document, path, value):
    """As --set does."""
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        document = document[part]
    document[last] = value


def check_files(validator, corpus, scenarios):
    failed = 0
    for path in sorted((corpus / "good").iterdir()) + scenarios:
        complaint = complaint_of(validator, read(path))
        if complaint:
            print("not ok - %s is good, and the schema refuses it: %s" % (path, complaint))
            failed += 1
    for path in sorted((corpus / "bad").iterdir()):
        takes = path.read_bytes().rstrip().endswith(b"# schema: takes")
        complaint = complaint_of(validator, read(path))
        if takes != (complaint is None):
            print("not ok - %s is bad, and the schema %s" % (path, "takes it" if complaint is None else "refuses it: " + complaint))
            failed += 1
    return failed


def check_first_lines(scenarios, schema_file):
    failed = 0
    for path in scenarios:
        first = path.read_text().splitlines()[0]
        mark = "# yaml-language-server: $schema="
        if not first.startswith(mark) or not (path.parent / first[len(mark):]).resolve() == schema_file.resolve():
            print("not ok - the first line of %s does not point an editor to %s" % (path, schema_file))
            failed += 1
    return failed


def check_values(validator, corpus, pktpath):
    failed = n = 0
    everything = corpus / "good" / "everything.yaml"
    for line in (corpus / "values.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        expected, path, value = line.split(" ", 2)
        document = read(everything)
        put(document, path, yaml.load(value, Loader))
        schema_takes = complaint_of(validator, document) is None
        loader = subprocess.run([pktpath, "check", "--set", path + "=" + value, everything], capture_output=True, text=True)
        verdict = {(True, 0): "fine", (False, 2): "form", (True, 2): "file"}.get((schema_takes, loader.returncode), "neither")
        if verdict != expected:
            print("not ok - %s=%s is `%s`, not `%s`" % (path, value, verdict, expected))
            failed += 1
        n += 1
    print("%d values" % n)
    return failed


def main():
    pktpath, corpus, schema_file = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    printed = subprocess.run([pktpath, "schema"], capture_output=True, text=True, check=True).stdout
    failed = 0
    if printed != schema_file.read_text():
        print("not ok - %s is not what `pktpath schema` prints" % schema_file)
        failed += 1
    schema = json.loads(printed)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    scenarios = sorted(pathlib.Path(sys.argv[4]).rglob("*.yaml"))
    failed += check_files(validator, corpus, scenarios)
    failed += check_first_lines(scenarios, schema_file)
    failed += check_values(validator, corpus, pktpath)
    print("%s - the schema and the loader take and refuse the same" % ("not ok" if failed else "ok"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
