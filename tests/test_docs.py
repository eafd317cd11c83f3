"""The documentation, held to the code: references, faults, options, files on a disk, links.

What is read here is the text of the source and of docs/; only options and files are asked of the running program.
"""

from __future__ import annotations

import ast
import inspect
import os
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from aiohttp import web
from support.command_line import CommandLine
from support.mendable import Watch, offending
from support.pages import anchor, command_lines, headings, links, rows
from support.references import NotReadable, References
from typer.testing import CliRunner

from hfpush.cli.app import app
from hfpush.commands.fix import fix
from hfpush.commands.fix_report import FixRequest
from hfpush.localhub import Fault, LocalHub, api, complete, disk_full, drop_after, seen_api
from hfpush.localhub.faults import CONSTRUCTORS
from hfpush.localhub.operation import OPS

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [page for page in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))) if page.is_file()]


@cache
def references() -> dict[str, set[str]]:
    """Every reference that the client can tell, with the places where it stands; localhub has none."""
    files = [file for file in (ROOT / "hfpush").rglob("*.py") if "localhub" not in file.parts]
    return References({file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}).found


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def told(problems: list[str], rule: str) -> str:
    return "\n".join([rule, *(f"  {problem}" for problem in problems)])


# ------------------------------------------------------------------ failures.md


def test_every_reference_has_its_section_and_every_section_its_reference() -> None:
    sections = [words for level, words in headings(text_of("failures.md")) if level == 3]
    missing = [f"{name}, of {', '.join(sorted(places))}" for name, places in references().items()]
    missing = [line for line in sorted(missing) if line.split(",")[0] not in sections]
    assert not missing, told(missing, "docs/failures.md lacks a section of these references:")
    over = sorted(set(sections) - set(references()))
    assert not over, told(over, "docs/failures.md has sections of references that nothing tells:")
    assert len(sections) == len(set(sections))


def test_every_section_of_failures_is_in_the_contents_and_says_something() -> None:
    text = text_of("failures.md")
    contents = text.partition("## Contents")[2].partition("\n## ")[0]
    sections = [words for level, words in headings(text) if level == 3]
    assert [target.removeprefix("#") for target in links(contents) if target[1:] in sections] == sections
    short = [part.split("\n")[0] for part in text.split("\n### ")[1:] if len(part.partition("\n## ")[0]) < 80]
    assert not short, told(short, "these sections say nothing:")


def test_references_are_kebab_case() -> None:
    assert all(re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name) for name in references())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("raise Refused.of('a-b', 'x')", {"a-b"}),
        ("replace(found, reference='a-b')", {"a-b"}),
        ("Finding('a-b', 'x', severity='note')", {"a-b"}),
        ("Finding(message='x', reference='a-b' if yes else 'c-d')", {"a-b", "c-d"}),
        ("def f(name): raise Misuse.of(f'{name}-invalid', 'x')\nf('a')\nf(name='b')", {"a-invalid", "b-invalid"}),
        ("def f(n):\n    def g(): return Finding(n, 'x')\n    return g\nf('a-b')", {"a-b"}),
        ("def f(n): return lambda said: Refused.of(n, said)\nTABLE = [(r'x', f('a-b'))]", {"a-b"}),
        ("def f(x):\n    name = 'a-b' if x else 'c-d'\n    return Finding(name, 'y')", {"a-b", "c-d"}),
        ("W = {'a-b': 1, 'c-d': 2}\ndef f(n):\n    return Finding(n, W[n])\nfor x in y: f(x)", {"a-b", "c-d"}),
        ("Finding(other.reference, 'x')", set()),
        ("class Git:\n    def of(place): return Git(place)\ndef f(place): return Git.of(place)\nf(other())", set()),
    ],
)
def test_a_reference_is_found_however_it_is_given(text: str, found: set[str]) -> None:
    words = (ROOT / "hfpush/findings.py").read_text("utf-8"), (ROOT / "hfpush/errors.py").read_text("utf-8")
    assert set(References({"findings.py": words[0], "errors.py": words[1], "x.py": text}).found) == found


@pytest.mark.parametrize(
    "text", ["Finding(some(), 'x')", "for n in names: Finding(n, 'x')", "Finding(f'{1 + 1}', 'x')"]
)
def test_a_reference_that_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(NotReadable):
        References({"findings.py": (ROOT / "hfpush/findings.py").read_text("utf-8"), "x.py": text})


# ------------------------------------------------------------------ hub.md


def test_every_fault_has_its_row_with_its_arguments_and_defaults() -> None:
    wanted = set()
    for name, make in CONSTRUCTORS.items():
        parameters = [one.replace(annotation=one.empty) for one in inspect.signature(make).parameters.values()]
        wanted.add(f"`{name}{inspect.Signature(parameters)}`")
    found = {row[0] for row in rows(text_of("hub.md")) if re.fullmatch(r"`[a-z_]+\(.*\)`", row[0])}
    assert found == wanted


def test_every_operation_has_its_row() -> None:
    table = text_of("hub.md").partition("The operations:")[2]
    found = [name for row in rows(table) for name in re.findall(r"`([a-z-]+)`", row[0])]
    assert sorted(found) == sorted(OPS)


def test_every_route_of_the_hub_has_its_row() -> None:
    app = web.Application()
    for part in (complete, seen_api, api):
        part.add_routes(app)
    table = " ".join(row[0] for row in rows(text_of("hub.md")))
    named = set(re.findall(r"`(/[^`]+)`", table))
    missing = []
    for route in app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        path = path.replace("{type}", "{t}").replace("{rev}{path}", "{rev}/{path}")
        tail = path.removeprefix("/api/{t}/{id}")
        refused = "{what}" in path  # those that answer 501
        if not refused and not {path, tail} & named:
            missing.append(f"{route.method} {path}")
    assert not missing, told(sorted(set(missing)), "docs/hub.md does not name these routes:")


def test_the_table_of_hub_serve_has_its_options() -> None:
    found = {option for row in rows(text_of("hub.md")) for option in re.findall(r"`(--[a-z-]+)", row[0])}
    assert found == options_of("hub", "serve") - {"--help"}


# ------------------------------------------------------------------ architecture.md


def test_the_floors_are_those_of_the_architecture_test() -> None:
    tree = ast.parse((ROOT / "tests/test_architecture.py").read_text("utf-8"))
    tables = [n.value for n in tree.body if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "FLOORS"]
    present = {file.name.removesuffix(".py") for file in (ROOT / "hfpush").iterdir()}
    wanted = {(name, part) for name, parts in ast.literal_eval(tables[0]) for part in parts & present}
    table = text_of("architecture.md").partition("## Floors")[2].partition("\n## ")[0]
    found = {(row[0], part) for row in rows(table) for part in re.findall(r"`(\w+)`", row[1] if len(row) > 1 else "")}
    assert found == wanted - {("the start", "__main__")}


# ------------------------------------------------------------------ links and command lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    dead = []
    for target in links(page.read_text("utf-8")):
        path, _, section = target.partition("#")
        file = (page.parent / path) if path else page
        if not file.exists():
            dead.append(f"{target}: there is no {path}")
        elif section and section not in [anchor(words) for _, words in headings(file.read_text("utf-8"))]:
            dead.append(f"{target}: there is no such section")
    assert not dead, told(dead, f"{page.name} has links that lead nowhere:")


@cache
def options_of(*words: str) -> set[str]:
    """The options that a command of hfpush has by its own `--help`."""
    wide = {"COLUMNS": "250", "NO_COLOR": "1"}
    done = CliRunner(env=wide).invoke(app, [*words, "--help"])
    assert done.exit_code == 0, done.output
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", done.output.partition("Options")[2]))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_hfpush_command_line_names_a_command_and_options_that_exist(page: Path) -> None:
    for words in command_lines(page.read_text("utf-8")):
        if words[0] != "hfpush":
            continue
        command = words[1:3] if words[1] in ("hub", "hook", "lfs", "endpoint") else words[1:2]
        own = words[: words.index("--")] if "--" in words else words  # behind it is another command
        options = {word.partition("=")[0] for word in own[1:] if word.startswith("--")}
        unknown = options - options_of(*command)
        assert not unknown, f"{page.name}: {shlex.join(words)}: {sorted(unknown)} are no options of {command}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_script_in_a_command_line_exists(page: Path) -> None:
    scripts = [words[1] for words in command_lines(page.read_text("utf-8")) if words[0] in ("bash", "python")]
    missing = [script for script in scripts if not script.startswith("-") and not (ROOT / script).is_file()]
    assert not missing, told(missing, f"{page.name} calls scripts that are not there:")


def test_readme_begins_with_its_two_commands() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    before, _, rest = text.partition("```sh\n")
    assert len(before.split("\n\n")) <= 3, "the commands come first"
    commands = [line.partition("#")[0].split() for line in rest.partition("```")[0].splitlines()]
    assert commands == [["bash", "try"], ["bash", "tests/run"]]


# ------------------------------------------------------------------ state.md


def patterns(section: str) -> list[re.Pattern[str]]:
    """What the tables of a section of state.md say may lie on a disk: `<x>` is a piece of a name, `**` anything."""
    part = text_of("state.md").partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    assert part, f"docs/state.md has no section {section!r}"
    named = [name for row in rows(part) for name in re.findall(r"`([^`]+)`", row[0])]
    return [re.compile(_expression(name)) for name in named]


def _expression(name: str) -> str:
    pieces = re.split(r"(<[a-z]+>|\*\*)", name)
    # A path may have folders of its own; everything else in angle brackets is one piece of one name.
    special = {"**": ".+", "<path>": ".+"}
    return "".join(special.get(p, "[^/]+" if p.startswith("<") else re.escape(p)) for p in pieces)


def check_files(folder: Path, section: str, *, besides: tuple[str, ...] = ()) -> set[str]:
    """Every file below `folder` is one that the section names. Returns their paths."""
    known = patterns(section)
    found = {f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_symlink() or f.is_file()} - {*besides}
    strange = [name for name in sorted(found) if not any(one.fullmatch(name) for one in known)]
    assert not strange, told(strange, f"docs/state.md, {section}, does not name these files:")
    return found


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.needs("git")
def test_every_file_that_stays_on_a_disk_is_in_state_md(tmp_path: Path, home: Path) -> None:
    """A publish and a fetch that fail in the middle, then both again: what lies about at each point is documented."""
    model = tmp_path / "model"
    model.mkdir()
    contents = {"weights.bin": os.urandom(300_000), "odd.part": b"\0" * 50, "README.md": b"a model\n"}
    for name, content in contents.items():
        (model / name).write_bytes(content)
    with LocalHub(
        disk_full(part=2, times=None), root=tmp_path / "hub", part_size=2**16, multipart_threshold=2**17
    ) as hub:
        line = CommandLine(tmp_path, hub)
        state, cache, here = tmp_path / "hfpush-state", home / ".cache/huggingface/hub", tmp_path / "here"
        assert line.publish(model).reference == "storage-full"
        left = check_files(state, "The state folder")
        journals = [state / name for name in left if name.endswith(".jsonl")]
        assert journals
        assert {mode_of(journal) for journal in journals} == {0o600}
        check_files(tmp_path / "hub", "A local Hub")
        hub.faults.clear()
        assert line.publish(model).code == 0
        assert not any(name.endswith(".jsonl") for name in check_files(state, "The state folder"))
        check_files(model, "A folder that you publish", besides=tuple(contents))
        check_files(tmp_path / "hub", "A local Hub")
        _fetch_twice(hub, line, cache, here, contents)


@pytest.mark.needs("git")
def test_every_file_that_a_fix_leaves_is_in_state_md(tmp_path: Path) -> None:
    repo = offending(tmp_path / "repo")
    git_dir = repo.path / ".git"
    before = {file.relative_to(git_dir).as_posix() for file in git_dir.rglob("*")}
    fix(FixRequest(repo.path), Watch())
    gits = ("objects/", "refs/", "logs/", "lfs/objects/")
    now = {file.relative_to(git_dir).as_posix() for file in git_dir.rglob("*") if file.is_file()}
    besides = tuple(name for name in now if name in before or name.startswith(gits))
    assert len(check_files(git_dir, "A repository that was mended", besides=besides)) == 5


def _fetch_twice(hub: LocalHub, line: CommandLine, cache: Path, here: Path, contents: dict[str, bytes]) -> None:
    files = (*contents, ".gitattributes")
    cut: Fault = drop_after(bytes=100_000, on="get", times=None)
    hub.faults.add(cut)
    for place in ((), ("--local-dir", str(here))):
        assert line.run("fetch", "local/model", *place, "--json", HFPUSH_ATTEMPTS="1").reference == "connection-cut"
    drafts = check_files(cache, "The Hub cache") | check_files(here, "A folder that you fetch into", besides=files)
    assert sum(name.endswith(".hfpush-draft") for name in drafts) == 2
    hub.faults.clear()
    for place in ((), ("--local-dir", str(here))):
        assert line.run("fetch", "local/model", *place, "--json").code == 0
    done = check_files(cache, "The Hub cache") | check_files(here, "A folder that you fetch into", besides=files)
    assert not any(name.endswith(".hfpush-draft") for name in done)
