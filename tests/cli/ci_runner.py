"""Runs the files for CI servers as their servers do, as far as those files go: composite actions and a workflow of GitHub, jobs of GitLab.

Usage: ci_runner.py github WORKFLOW ROOT | gitlab FILE PARTS
The working directory is the checkout; what is uploaded comes to artifacts/. The program is found by PATH."""
import glob, os, re, shutil, subprocess, sys, yaml


def value(text, names):
    """A text with ${{ }} in it; only names, and the two conditions that the files have."""
    def one(match):
        what = match.group(1).strip()
        if what == "always()":
            return "true"
        condition = re.fullmatch(r"always\(\) && (\S+) != ''", what)
        if condition:
            return "true" if names[condition.group(1)] else ""
        return str(names[what])
    return re.sub(r"\$\{\{(.*?)\}\}", one, str(text))


def upload(given):
    if os.path.isdir(given["path"]):
        shutil.copytree(given["path"], os.path.join("artifacts", given["name"]))


def download(given):
    for name in sorted(glob.glob(os.path.join("artifacts", given.get("pattern", "*")))):
        shutil.copytree(name, os.path.join(given["path"], os.path.basename(name)))


def action(directory, given):
    """A composite action. Returns whether each of its steps succeeded."""
    with open(os.path.join(directory, "action.yml"), encoding="utf-8") as file:
        what = yaml.safe_load(file)
    unknown = set(given) - set(what["inputs"])
    if unknown:
        raise SystemExit(f"{directory} has no input {sorted(unknown)}")
    names = {f"inputs.{name}": given.get(name, one.get("default", "")) for name, one in what["inputs"].items()}
    names["github.action_path"] = directory
    good = True
    for number, step in enumerate(what["runs"]["steps"]):
        condition = step.get("if")
        if not good and "always()" not in str(condition) or condition and not value(condition, names):
            continue
        if "uses" in step:
            upload({key: value(text, names) for key, text in step["with"].items()})
            continue
        output = os.path.abspath(f"output-{number}")
        open(output, "w").close()
        environment = {**os.environ, "GITHUB_OUTPUT": output, "GITHUB_ACTIONS": "true"}
        environment.update((key, value(text, names)) for key, text in step["env"].items())
        done = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", value(step["run"], names)], env=environment, check=False)
        good = good and done.returncode == 0
        with open(output, encoding="utf-8") as lines:
            for line in lines:
                key, text = line.rstrip("\n").split("=", 1)
                names[f"steps.{step['id']}.outputs.{key}"] = text
        os.remove(output)
    return good


def steps(job, root, matrix):
    good = True
    for step in job["steps"]:
        given = {key: value(text, matrix) for key, text in step.get("with", {}).items()}
        name = step["uses"].split("@")[0]
        if name == "actions/download-artifact":
            download(given)
        elif name == "actions/upload-artifact":
            upload(given)
        elif name.startswith("example/pktpath"):
            good = action(root + name[len("example/pktpath"):], given) and good
        elif name != "actions/checkout":
            raise SystemExit(f"a step uses {name}")
        shutil.rmtree("pktpath-report", ignore_errors=True)
    return good


def github(path, root):
    with open(path, encoding="utf-8") as file:
        jobs = yaml.safe_load(file)["jobs"]
    for name in sorted(jobs, key=lambda name: "needs" in jobs[name]):
        matrix = jobs[name].get("strategy", {}).get("matrix", {"": [""]})
        (key, values), = matrix.items()
        for one in values:
            print(name, one, "passes" if steps(jobs[name], root, {f"matrix.{key}": one}) else "fails", flush=True)


def gitlab(path, parts):
    with open(path, encoding="utf-8") as file:
        jobs = yaml.safe_load(file)

    def job(name):
        own = jobs[name]
        base = job(own["extends"]) if "extends" in own else {}
        return {**base, **own, "variables": {**base.get("variables", {}), **own.get("variables", {})}}

    def run(name, environment):
        what = job(name)
        script = "\n".join(["set -e", *what["before_script"], *what["script"]])
        variables = {key: str(text) for key, text in what["variables"].items()}
        done = subprocess.run(["bash", "-c", script], env={**os.environ, **variables, **environment}, check=False)
        left = [found for pattern in what["artifacts"]["paths"] for found in glob.glob(pattern)]
        print(name, "passes" if done.returncode == 0 else "fails", *left, flush=True)

    for index in range(1, parts + 1):
        run(".pktpath", {"CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(parts)})
    run(".pktpath-merge", {})


if sys.argv[1] == "github":
    github(sys.argv[2], sys.argv[3])
else:
    gitlab(sys.argv[2], int(sys.argv[3]))
