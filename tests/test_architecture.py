"""The shape of the source, held by tests. The tables below are the documentation of the rules.

An import counts wherever it stands: at the top, inside a function, under TYPE_CHECKING. What is read here is the text
of the source, never a running program.
"""

from __future__ import annotations

import ast
import graphlib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "hfpush"

# ------------------------------------------------------------------ the rules

# Imports go down only, and never sideways between two packages of one floor; the words may use each other.
FLOORS = (
    ("words", {"errors", "findings", "units"}),
    ("meaning", {"endpoints", "lfs"}),
    ("edges", {"net", "disk"}),
    ("settings", {"settings"}),
    ("the Hub", {"hub"}),
    ("engines", {"transfer", "receive", "repo", "bridge", "diagnose", "relay"}),
    ("whole jobs", {"commands"}),
    ("the face", {"cli"}),
    ("the start", {"__main__", "hook"}),
)

# The other side of the wire: imports nothing of ours, so that a misread field does not pass on both sides.
BESIDE = "localhub"
MAY_IMPORT_BESIDE = {"commands", "cli"}

# Each foreign library comes in through one door: the packages that may import it.
DOORS = {
    "requests": {"net"},
    "urllib3": {"net"},
    "tenacity": {"net"},
    "huggingface_hub": {"hub"},
    "typer": {"cli"},
    "rich": {"cli"},
    "yaml": {"settings", "repo", "localhub"},  # our settings; the front matter of model cards
    "platformdirs": {"settings"},
    "cattrs": {"diagnose"},  # reports
    "filelock": {"disk"},
    "keyring": {"settings"},
    "aiohttp": {"localhub", "relay"},  # the servers
}
DISTRIBUTIONS = {"yaml": "pyyaml"}  # where the two names differ
EXTRAS = {"keyring"}  # optional: hfpush works without them

# Values in, values out: no network, disk, process, clock, random or environment; what they import is pure as well.
# A module that is named without a pattern must exist as soon as its package does.
PURE = (
    *("errors.py", "findings.py", "units.py", "endpoints/*.py", "lfs/*.py"),
    *("net/half.py", "net/mirrored.py", "net/server_clock.py"),
    *("net/counts.py", "net/news.py", "net/stall_rule.py", "net/black_hole.py"),
    *("net/failures.py", "net/repo_refusals.py", "net/ranges.py", "net/redact.py", "net/waits.py"),
    *("net/routes.py", "net/no_proxy.py", "net/proxies.py", "net/git_settings.py", "net/wrappers.py"),
    *("bridge/request_head.py", "bridge/first_flight.py", "bridge/surroundings.py"),
    *("disk/content.py", "disk/draft_map.py", "disk/extents.py", "hub/content.py", "hub/presence.py", "hub/tree.py"),
    *("transfer/happened.py", "transfer/pace.py", "transfer/state.py"),
    *("receive/plan.py", "receive/select.py", "receive/pieces.py", "receive/reach.py", "receive/suspects.py"),
    *("repo/rules.py", "repo/migrate.py", "repo/trees.py"),
    *("repo/track/choice.py", "repo/track/starts.py", "repo/track/trouble.py"),
    *("repo/scope.py", "repo/rewrite/values.py", "repo/audit/found.py", "repo/audit/tree.py", "repo/audit/flaws.py"),
    *(
        "repo/audit/judge.py",
        "repo/audit/judged.py",
        "repo/audit/words.py",
        "repo/audit/blob_rules.py",
        "repo/audit/pointer_rules.py",
        "repo/audit/tip_rules.py",
    ),
    "repo/audit/judged.py",
    *("repo/audit/card_rules.py", "repo/audit/names.py", "repo/audit/offences.py", "repo/audit/hub_modes.py"),
    *("repo/audit/evidence.py", "repo/audit/remotes.py", "repo/audit/spelling.py"),
    *("repo/config_lines.py", "repo/config_addresses.py", "repo/trap_rules.py"),
    *("repo/audit/content_facts.py", "repo/audit/graph.py", "repo/audit/removal.py", "repo/audit/rows.py"),
    *("repo/rewrite/targets.py", "repo/rewrite/tree.py", "repo/rewrite/envelope.py", "repo/rewrite/block.py"),
    *("repo/filter/delayed.py", "repo/filter/origin.py", "repo/filter/pktline.py", "repo/filter/selection.py"),
    *("bridge/packets.py", "bridge/receive_pack.py", "repo/git_url.py"),
    *("net/der.py", "net/issuer.py", "diagnose/probes/hello.py", "diagnose/probes/certificate.py"),
    *("diagnose/addresses.py", "diagnose/dns_message.py"),
    *("diagnose/verdict.py", "diagnose/route.py", "diagnose/cause.py", "diagnose/facts/*.py", "diagnose/rules/*.py"),
    *("diagnose/clients/*.py", "diagnose/line.py", "diagnose/mounts.py", "diagnose/advertisement.py"),
    *("diagnose/heard.py", "diagnose/log/signature.py", "diagnose/log/words_*.py", "diagnose/log/clean.py"),
    *("diagnose/log/context.py",),
    *("diagnose/probes/http2_frames.py", "diagnose/probes/account.py"),
    *("diagnose/answer.py", "diagnose/probes/flow.py"),
    *("relay/policy.py", "relay/rewrite.py"),
    *("localhub/rules.py", "localhub/route.py", "localhub/pointer.py"),
)
IMPURE_LIBRARIES = {
    *("asyncio", "concurrent", "ctypes", "fcntl", "fileinput", "getpass", "glob", "http", "io", "logging", "mmap"),
    *("multiprocessing", "os", "pathlib", "platform", "queue", "random", "sched", "secrets", "select", "selectors"),
    *("shutil", "signal", "smtplib", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys", "tempfile"),
    *("threading", "time", "urllib.request", "uuid", "webbrowser"),
}
PURE_ALTHOUGH = {"pathlib.PurePosixPath", "pathlib.PurePath", "io.BytesIO", "io.StringIO"}
IMPURE_CALLS = {"open", "print", "input", "now", "utcnow", "today"}

# An import that is made of a string escapes these rules; it is for start-up time, and names only what is in its own
# package.
MAY_IMPORT_BY_NAME = {"cli/late.py": "a command is loaded when it is run; tests/cli/test_app.py loads each"}

# Engines report events; only these talk to a terminal or a pipe with print.
MAY_PRINT = {
    "cli/render.py": "the one place that prints what a command has to say",
    "cli/progress.py": "bars and lines while it works",
    "hook.py": "a program of its own for git's hooks, without the command line and its colours",
    "localhub/serve.py": "announces the address of a Hub in a process of its own",
    "localhub/prereceive.py": "a program that git runs: what it prints reaches the pusher",
}

# A file that is handed on names no place on the machine it was written on.
PRIVATE_PLACE = re.compile(r"(?<![\w.}$~-])/(?:tmp|home|root|Users)/[A-Za-z.]")

# ------------------------------------------------------------------ reading the source


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name, its place below hfpush/, and its syntax tree."""

    name: str
    place: str
    is_package: bool
    tree: ast.Module

    @property
    def part(self) -> str:
        """The package or top-level module that it belongs to: `net` of hfpush/net/http.py; empty for hfpush itself."""
        return f"{self.name}.".split(".")[1]

    def imported(self, modules: set[str]) -> set[str]:
        """Full names of what it imports: the module where that can be told from `modules`, else module.name."""
        return {name for node in ast.walk(self.tree) for name in self._names(node, modules)}

    def _names(self, node: ast.AST, modules: set[str]) -> Iterator[str]:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = self.name.split(".")
                steps_up = node.level - 1 if self.is_package else node.level
                base = ".".join(filter(None, [*here[: len(here) - steps_up], base]))
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield base if base in modules and full not in modules else full


def module_of(place: str, text: str) -> Module:
    """The module that a file at `place` below hfpush/ with this text is."""
    names = ["hfpush", *place.removesuffix(".py").split("/")]
    is_package = names[-1] == "__init__"
    return Module(".".join(names[:-1] if is_package else names), place, is_package, ast.parse(text))


@cache
def source() -> dict[str, Module]:
    """Every module of hfpush by name."""
    found = (
        module_of(file.relative_to(SOURCE).as_posix(), file.read_text(encoding="utf-8"))
        for file in sorted(SOURCE.rglob("*.py"))
    )
    return {module.name: module for module in found}


def floor_of(part: str) -> int | None:
    """The number of the floor that a package stands on; None for a package that the table does not know."""
    return next((number for number, (_, parts) in enumerate(FLOORS) if part in parts), None)


def is_foreign(name: str) -> bool:
    """Whether an import is neither ours nor Python's own."""
    top = name.split(".")[0]
    return top not in ("hfpush", "__future__") and top not in sys.stdlib_module_names


def wrong_step(part: str, target: str) -> str | None:
    """Why a module of package `part` may not import one of package `target`; None if it may."""
    if part == target or not target:
        return None
    if target == BESIDE:
        return None if part in MAY_IMPORT_BESIDE else f"only {' and '.join(sorted(MAY_IMPORT_BESIDE))} may"
    if part == BESIDE:
        return f"{BESIDE} shares no code with the client"
    mine, other = floor_of(part), floor_of(target)
    if mine is None or other is None:
        return None  # test_every_package_stands_on_a_floor says so
    if other > mine:
        return f"{target} is above, on floor {other} ({FLOORS[other][0]})"
    return f"{target} is a sibling on floor {mine} ({FLOORS[mine][0]})" if other == mine and mine > 0 else None


def impure_imports(module: Module, modules: set[str]) -> list[str]:
    """What a pure module imports and must not."""
    found = []
    for name in sorted(module.imported(modules)):
        if name.startswith("hfpush."):
            if name in modules and not is_pure(source()[name]) and not is_doorplate(source()[name]):
                found.append(f"{name}, which is not in PURE")
        elif name not in PURE_ALTHOUGH and any(f"{name}.".startswith(f"{bad}.") for bad in IMPURE_LIBRARIES):
            found.append(name)
        elif is_foreign(name):
            found.append(f"{name}, a foreign library")
    return found


def is_pure(module: Module) -> bool:
    """Whether the table says that it is pure."""
    return any(fnmatch(module.place, pattern) for pattern in PURE)


def is_doorplate(module: Module) -> bool:
    """Whether it is an __init__.py that only says what the package is and exports names."""
    plain = (ast.Import, ast.ImportFrom, ast.Pass)
    return module.is_package and all(
        isinstance(node, plain)
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.Assign) and all(isinstance(n, ast.Name) and n.id == "__all__" for n in node.targets))
        for node in module.tree.body
    )


def calls(tree: ast.AST) -> set[str]:
    """Last names of everything that is called: `print`, and `now` of `datetime.now()`."""
    functions = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {f.id if isinstance(f, ast.Name) else f.attr for f in functions if isinstance(f, (ast.Name, ast.Attribute))}


def mirror_of(module: Module) -> Path | None:
    """The test file of a source file, below tests/; None for one that does nothing: names, constants, values without
    a method, a start line."""
    does = (ast.FunctionDef, ast.AsyncFunctionDef)
    if module.place.endswith("__main__.py") or not any(isinstance(node, does) for node in ast.walk(module.tree)):
        return None
    place = Path(module.place)
    if module.is_package:
        return place.parent / f"test_{place.parent.name or 'hfpush'}.py"
    return place.with_name(f"test_{place.name}")


def told(problems: list[str], rule: str) -> str:
    """A failure's text: the rule, then each breach on a line."""
    return "\n".join([rule, *(f"  {problem}" for problem in problems)])


# ------------------------------------------------------------------ the tests of the source


def test_every_package_stands_on_a_floor() -> None:
    unknown = sorted({m.part for m in source().values() if m.part not in ("", BESIDE) and floor_of(m.part) is None})
    assert not unknown, told(unknown, "give each package a place in FLOORS, and in docs/architecture.md:")


def test_imports_go_down_only_and_never_between_siblings() -> None:
    modules = set(source())
    problems = [
        f"{module.place} imports {name}: {why}"
        for module in source().values()
        if module.part
        for name in sorted(module.imported(modules))
        if name.split(".")[0] == "hfpush"
        for why in [wrong_step(module.part, f"{name}.".split(".")[1])]
        if why
    ]
    assert not problems, told(problems, "imports go down only; what two siblings need moves one floor down:")


def test_modules_import_each_other_in_no_circle() -> None:
    modules = set(source())
    graph = {name: (module.imported(modules) & modules) - {name} for name, module in source().items()}
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("modules import each other in a circle: " + " -> ".join(error.args[1]))


def test_each_foreign_library_has_one_door() -> None:
    modules = set(source())
    problems = []
    for module in source().values():
        for library in sorted({n.split(".")[0] for n in module.imported(modules) if is_foreign(n)}):
            doors = DOORS.get(library)
            if doors is None:
                problems.append(f"{module.place} imports {library}, which has no door: name one in DOORS")
            elif module.part not in doors:
                problems.append(f"{module.place} imports {library}; its door is {' or '.join(sorted(doors))}")
    assert not problems, told(problems, "a foreign library is imported through its door only:")


def test_nothing_is_imported_by_a_name_that_nobody_can_read() -> None:
    by_name = {"import_module", "__import__"}
    problems = [m.place for m in source().values() if calls(m.tree) & by_name and m.place not in MAY_IMPORT_BY_NAME]
    assert not problems, told(problems, "an import that is made of a string escapes these rules:")


def test_every_library_with_a_door_is_a_declared_dependency() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert block is not None
    declared = {re.split(r"[><=!~\[]", line)[0] for line in re.findall(r'^\s*"([^"]+)"', block[1], re.MULTILINE)}
    assert declared == {DISTRIBUTIONS.get(library, library) for library in DOORS.keys() - EXTRAS}
    optional = text.partition("[project.optional-dependencies]")[2].partition("\n[")[0]
    assert set(re.findall(r"^(\w+) = ", optional, re.MULTILINE)) == EXTRAS


def test_deciders_touch_neither_network_disk_clock_nor_environment() -> None:
    modules = set(source())
    problems = []
    for module in filter(is_pure, source().values()):
        problems += [f"{module.place} imports {what}" for what in impure_imports(module, modules)]
        problems += [f"{module.place} calls {name}()" for name in sorted(calls(module.tree) & IMPURE_CALLS)]
    assert not problems, told(problems, "a module in PURE takes values and returns values:")


def test_the_modules_named_as_pure_exist() -> None:
    places = {module.place for module in source().values()}
    packages = {module.part for module in source().values()}
    missing = [name for name in PURE if "*" not in name and name not in places and name.split("/")[0] in packages]
    assert not missing, told(missing, "PURE names modules that are not there (moved? rename them here too):")


def test_only_the_places_in_the_table_print() -> None:
    problems = [m.place for m in source().values() if "print" in calls(m.tree) and m.place not in MAY_PRINT]
    assert not problems, told(problems, "engines report events, cli/render.py prints:")


def test_every_source_file_has_its_test_file() -> None:
    missing = [
        f"{module.place} has no tests/{mirror.as_posix()}"
        for module in source().values()
        for mirror in [mirror_of(module)]
        if mirror is not None and not (ROOT / "tests" / mirror).is_file()
    ]
    assert not missing, told(missing, "tests mirror the source:")


def test_test_folders_are_no_packages() -> None:
    found = [file.relative_to(ROOT).as_posix() for file in (ROOT / "tests").rglob("__init__.py")]
    assert not found, told(found, "pytest imports each test file by its path; two of them may have one name:")


@pytest.mark.needs("git")
def test_no_file_names_a_place_on_the_machine_it_was_written_on() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: there is no list of the project's files")
    git = shutil.which("git")
    assert git is not None
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, timeout=30).stdout
    problems = []
    for name in filter(None, listed.decode().split("\0")):
        file = ROOT / name
        if not file.is_file() or b"\0" in (data := file.read_bytes())[:8192]:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if PRIVATE_PLACE.search(line) or f"{ROOT}/" in line:
                problems.append(f"{name}:{number}: {line.strip()[:100]}")
    assert not problems, told(problems, "a file that is handed on names no place of one machine:")


# ------------------------------------------------------------------ the tests of the tests


@pytest.mark.parametrize(
    ("place", "text", "names"),
    [
        ("cli/x.py", "import rich.table", {"rich.table"}),
        ("net/x.py", "def f():\n    from hfpush.units import size", {"hfpush.units"}),
        ("net/x.py", "if TYPE_CHECKING:\n    from hfpush import units", {"hfpush.units"}),
        ("net/x.py", "from . import http", {"hfpush.net.http"}),
        ("net/x.py", "from .http import Http", {"hfpush.net.http"}),
        ("net/x.py", "from ..cli import main", {"hfpush.cli"}),
        ("net/__init__.py", "from .http import Http", {"hfpush.net.http"}),
        ("net/__init__.py", "from ..units import size", {"hfpush.units"}),
        ("net/__init__.py", "from .. import units", {"hfpush.units"}),
        ("lfs/x.py", "from pathlib import PurePosixPath, Path", {"pathlib.PurePosixPath", "pathlib.Path"}),
    ],
)
def test_an_import_is_seen_wherever_and_however_it_is_written(place: str, text: str, names: set[str]) -> None:
    modules = {"hfpush", "hfpush.units", "hfpush.cli", "hfpush.net", "hfpush.net.http"}
    assert module_of(place, text).imported(modules) == names


@pytest.mark.parametrize(
    ("part", "target", "allowed"),
    [
        ("errors", "findings", True),
        ("net", "endpoints", True),
        ("receive", "receive", True),
        ("cli", "localhub", True),
        ("commands", "localhub", True),
        ("net", "hub", False),
        ("receive", "transfer", False),
        ("net", "disk", False),
        ("receive", "localhub", False),
        ("localhub", "units", False),
        ("units", "lfs", False),
    ],
)
def test_the_way_down_is_allowed_and_no_other(part: str, target: str, allowed: bool) -> None:
    assert (wrong_step(part, target) is None) == allowed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from pathlib import PurePosixPath", []),
        ("from pathlib import Path", ["pathlib.Path"]),
        ("from urllib.parse import quote", []),
        ("from urllib.request import urlopen", ["urllib.request.urlopen"]),
        ("def f():\n    import os.path", ["os.path"]),
        ("import requests", ["requests, a foreign library"]),
        ("from hfpush.net.http import Http", ["hfpush.net.http, which is not in PURE"]),
        ("from hfpush.net.redact import redact", []),
    ],
)
def test_an_impure_import_is_found(text: str, found: list[str]) -> None:
    assert impure_imports(module_of("lfs/x.py", text), set(source())) == found


@pytest.mark.parametrize(
    ("place", "text", "mirror"),
    [
        ("units.py", "def size(): ...", "test_units.py"),
        ("net/http.py", "class Http:\n    def get(self): ...", "net/test_http.py"),
        ("diagnose/cause.py", "class Cause:\n    depth: int", None),
        ("net/__init__.py", '"""Doc."""\nfrom hfpush.net.http import Http\n__all__ = ["Http"]', None),
        ("cli/__init__.py", "def main(): ...", "cli/test_cli.py"),
        ("__main__.py", "main()", None),
        ("localhub/appkeys.py", "CONFIG = 1", None),
    ],
)
def test_a_source_file_has_one_mirror(place: str, text: str, mirror: str | None) -> None:
    assert mirror_of(module_of(place, text)) == (Path(mirror) if mirror else None)


@pytest.mark.parametrize("line", ["see /" + "tmp/notes.md", "cd /" + "home/ada", "`/" + "root/x`", "='/" + "Users/a'"])
def test_a_place_on_somebodys_machine_is_recognised(line: str) -> None:
    assert PRIVATE_PLACE.search(line)


@pytest.mark.parametrize("line", ["$TMP/x", "https://example.com/home/x", "a/srv/b", "the /tmp folder", "~/srv/x"])
def test_other_paths_are_left_alone(line: str) -> None:
    assert not PRIVATE_PLACE.search(line)
