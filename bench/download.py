"""Download, peers side by side: hfpush, curl, aria2c, `hf download` and git-lfs.

    python bench/download.py [--quick] [--cases "free big,…"] [--peers hfpush,…] [--repeats 3] [--once curl,…]
                             [--big MIB] [--shaped MIB] [--small N] [--far-small N] [--again MIB]
                             [--out bench/download] [--work FOLDER]

Each run fetches the same files from nginx on this machine into an empty folder below `--work` (name one on a disk, or
in memory, such as /dev/shm); the peers take turns within one repeat, so that what else the machine does hits all of
them. Those of `--once` take part in the first repeat only: what takes a minute by its nature needs no median. hfpush,
hf and git-lfs ask a local Hub in a process of its own, which sends them on to nginx (servers.py); curl and aria2c are
told the URLs.

- free: loopback; tls: the same over TLS
- capped: each connection brings 20 MB/s (a window of 200 kB, a round trip of 10 ms: slow_line.c; nginx's own limit is
  one per request, and lets the first second of each pass)
- far: a round trip of 100 ms, and at most 2 MiB of a connection on their way (slow_line.c)

of one big file, or of many of 10 kB. And what comes over the wire in all, as a multiple of a 256 MB file: `kill N %`,
the client is killed (SIGKILL, with its children) when that much has come, and run again; `source dies`, one of the two
endpoints that hfpush is given goes away at 50 %. Counted by slow_line, which brings 16 MB/s per connection there.

Wall and CPU time are those of the client's whole process tree, peak memory that of its largest process. Each result is
compared with what it should be, byte by byte. Medians. Writes OUT.json and OUT.md.

Needs nginx, cc, GNU time, curl, aria2c, git, git-lfs, and `hf` of huggingface_hub beside hfpush, which is run with
HF_HUB_DISABLE_XET=1.
"""

from __future__ import annotations

import argparse
import filecmp
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import psutil
from measured import HFPUSH, environment, keep, kept, median, run
from servers import BIG, MIB, SMALL, Files, Hub, Nginx, SlowLine, built, certificates, free_port, make
from supervised import supervised

PEERS = ("hfpush", "curl", "aria2c", "hf", "git-lfs")
CASES = ("free big", "free small", "tls big", "tls small", "capped big", "far big", "far small")
AGAIN_CASES = ("kill 10 %", "kill 50 %", "kill 90 %", "source dies")
AGAIN_PEERS = ("hfpush", "curl", "aria2c", "hf", "git-lfs")
CHECKS = {"hfpush": "sha256", "git-lfs": "sha256", "hf": "size", "curl": "no", "aria2c": "no"}
LINES = {"capped": (10, 200_000), "far": (100, 2 * MIB)}
"""Milliseconds of a round trip, and the window."""
_TRUST_NAMES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CA_BUNDLE", "CAINFO", "_proxy", "_PROXY")
POLL_SECONDS = 0.01
COMMANDS = 10


@dataclass(frozen=True)
class Sizes:
    """How much is fetched."""

    big: int
    shaped: int
    small: int
    far_small: int
    again: int


FULL = Sizes(4096 * MIB, 1024 * MIB, 10_000, 1000, 256 * MIB)
QUICK = Sizes(256 * MIB, 128 * MIB, 500, 200, 128 * MIB)


@dataclass
class Run:
    """One download: seconds, MB, and for those that are cut, bytes of the wire over those of the file."""

    case: str
    peer: str
    gib: float
    wall: float = 0.0
    cpu: float = 0.0
    peak_mb: float = 0.0
    wire: float = 0.0
    commands: int = 1


@dataclass(frozen=True)
class Scene:
    """Where a peer finds things, and what tells it."""

    files: Files
    small: bool
    endpoint: str
    storage: str
    env: dict[str, str]
    folder: Path
    ca: Path | None = None
    second: str = ""

    @property
    def urls(self) -> list[tuple[str, str]]:
        """For those who are told: each URL, and the name of its file."""
        if not self.small:
            return [(f"{self.storage}/objects/{self.files.oid}", "big.bin")]
        base = f"{self.endpoint}/{SMALL}/resolve/{self.files.commit}"
        return [(f"{base}/{file.name}", file.name) for file in sorted(self.files.folder.iterdir())]


def hfpush_command(scene: Scene, out: Path) -> list[str]:
    endpoints = [word for one in (scene.endpoint, scene.second) if scene.second for word in ("--endpoint", one)]
    return [HFPUSH, "fetch", SMALL if scene.small else BIG, *endpoints, "--cache-dir", str(out)]


def hf_command(scene: Scene, out: Path) -> list[str]:
    return [str(Path(HFPUSH).with_name("hf")), "download", SMALL if scene.small else BIG, "--cache-dir", str(out), "-q"]


def curl_command(scene: Scene, out: Path) -> list[str]:
    trust = ["--cacert", str(scene.ca)] if scene.ca else []
    if not scene.small:
        return ["curl", "-sSf", *trust, "-C", "-", "-o", str(out / "big.bin"), scene.urls[0][0]]
    config = scene.folder / "curl.conf"
    config.write_text("".join(f'url = "{url}"\noutput = "{out / name}"\n' for url, name in scene.urls))
    return ["curl", "-sSf", *trust, "--parallel", "--parallel-max", "16", "--config", str(config)]


def aria2c_command(scene: Scene, out: Path) -> list[str]:
    trust = [f"--ca-certificate={scene.ca}"] if scene.ca else []
    base = ["aria2c", "-q", *trust, "--file-allocation=none", "--no-conf", "-d", str(out)]
    if not scene.small:
        return [*base, "-x16", "-s16", "-k1M", "-c", "-o", "big.bin", scene.urls[0][0]]
    listed = scene.folder / "aria2.txt"
    listed.write_text("".join(f"{url}\n  out={name}\n" for url, name in scene.urls))
    return [*base, "-j16", "-x16", "-i", str(listed)]


def git_lfs_command(scene: Scene, out: Path) -> list[str]:
    """What is measured is `git lfs pull`; the clone, with pointers, is there already."""
    if not (out / ".git").exists():
        env = scene.env | {"GIT_LFS_SKIP_SMUDGE": "1"}
        subprocess.run(["git", "clone", "-q", f"{scene.endpoint}/{BIG}", str(out)], env=env, check=True)
        subprocess.run(["git", "lfs", "install", "--local"], cwd=out, env=env, check=True, capture_output=True)
    return ["git", "-C", str(out), "lfs", "pull"]


COMMANDS_OF: dict[str, Callable[[Scene, Path], list[str]]] = {
    "hfpush": hfpush_command,
    "curl": curl_command,
    "aria2c": aria2c_command,
    "hf": hf_command,
    "git-lfs": git_lfs_command,
}


def check(scene: Scene, out: Path, peer: str) -> None:
    """Exits unless everything is there, as it should be."""
    found = next(iter(out.glob("models--*/snapshots/*")), out)
    wanted = {file.name: file for file in scene.files.folder.iterdir()} if scene.small else {"big.bin": scene.files.big}
    for name, file in wanted.items():
        if not (found / name).is_file() or not filecmp.cmp(found / name, file, shallow=False):
            raise SystemExit(f"{peer} has not fetched {name} as it is")


@contextmanager
def served(work: Path, case: str, files: Files) -> Iterator[Scene]:
    """The servers of a case."""
    link, kind = case.split()
    with ExitStack() as stack:
        ca = certificates(work) if link == "tls" else None
        hub_port = free_port()
        nginx = Nginx(work / "nginx", files, hub_port, ca=ca)
        stack.callback(nginx.close)
        front, storage = nginx.front, nginx.storage
        if link in LINES:
            program = built(work)
            lines = [SlowLine(program, port, *LINES[link]) for port in (front, storage)]
            for line in lines:
                stack.callback(line.close)
            front, storage = (line.port for line in lines)
        scheme = "https" if ca else "http"
        endpoint, store = (f"{scheme}://127.0.0.1:{port}" for port in (front, storage))
        hub = Hub(files.root, hub_port, endpoint, store)
        stack.callback(hub.close)
        yield Scene(files, kind == "small", endpoint, store, _environment(work, endpoint, hub, ca), work, ca)


def _environment(work: Path, endpoint: str, hub: Hub, ca: Path | None) -> dict[str, str]:
    told = {
        "HF_ENDPOINT": endpoint,
        "HF_TOKEN": hub.token,
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    }
    trusted = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "GIT_SSL_CAINFO"), str(ca)) if ca else {}
    plain = {name: value for name, value in environment(work / "home").items() if not name.endswith(_TRUST_NAMES)}
    return plain | told | trusted


def warm(folder: Path, size: int) -> None:
    """Have the memory that a run will fill, in a machine that has given it back to its host meanwhile: a page that is
    touched for the first time costs three times as much there, and would be paid by whoever comes first."""
    block = bytes(MIB)
    with (folder / "warm").open("wb", buffering=0) as out:
        for _ in range(size // MIB + 1):
            out.write(block)
    (folder / "warm").unlink()


def one_run(scene: Scene, case: str, peer: str) -> Run:
    out = scene.folder / "out"
    out.mkdir()
    if not scene.small:
        warm(scene.folder, scene.files.size)
    try:
        # what the kernel says of a process that we start ourselves is no less than our own memory
        peak = scene.folder / "peak"
        command = ["/usr/bin/time", "-f", "%M", "-o", str(peak), *COMMANDS_OF[peer](scene, out)]
        done = run(command, scene.folder, scene.env)
        peak_mb = int(peak.read_text().split()[-1]) / 1024
        check(scene, out, peer)
    finally:
        shutil.rmtree(out, ignore_errors=True)
        shutil.rmtree(scene.folder / "home", ignore_errors=True)
        environment(scene.folder / "home")
    size = scene.files.count * scene.files.small_size if scene.small else scene.files.size
    return Run(case, peer, size / 2**30, done.wall, done.cpu, peak_mb)


def speed(options: argparse.Namespace, sizes: Sizes, work: Path, note: Callable[[Run], None]) -> None:
    """All cases of speed."""
    for case in (case for case in CASES if case in options.cases):
        link, kind = case.split()
        size = sizes.big if link in ("free", "tls") else sizes.shaped
        count = sizes.far_small if link == "far" else sizes.small
        files = make(work / "hub", *((size, 1) if kind == "big" else (1, count)))
        peers = [peer for peer in PEERS if peer in options.peers and (kind == "big" or peer != "git-lfs")]
        with served(work, case, files) as scene:
            for number in range(options.repeats):
                turn = number % len(peers)  # nobody is always the first
                for peer in (*peers[turn:], *peers[:turn]):
                    if number == 0 or peer not in options.once:
                        note(one_run(scene, case, peer))
        shutil.rmtree(work / "hub")


# -- what comes again ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """Servers whose storage is behind lines that count."""

    scene: Scene
    lines: list[SlowLine]
    ends: list[Callable[[], None]]

    @property
    def taken(self) -> int:
        """Bytes that came from the storages."""
        return sum(line.taken for line in self.lines)


@contextmanager
def counted(work: Path, files: Files, endpoints: int) -> Iterator[Counted]:
    """So many endpoints, each with a storage of its own."""
    program = built(work)
    with ExitStack() as stack:
        lines, urls, ends = [], [], []
        for number in range(endpoints):
            hub_port = free_port()
            nginx = Nginx(work / f"nginx{number}", files, hub_port)
            stack.callback(nginx.close)
            line = SlowLine(program, nginx.storage, 10, 160_000)
            stack.callback(line.close)
            url, store = (f"http://127.0.0.1:{port}" for port in (nginx.front, line.port))
            hub = Hub(files.root, hub_port, url, store)
            stack.callback(hub.close)
            lines.append(line)
            urls.append((url, store, hub))
            ends.append(line.process.kill)
        url, store, hub = urls[0]
        second = urls[1][0] if endpoints > 1 else ""
        env = _environment(work, url, hub, None)
        yield Counted(Scene(files, False, url, store, env, work, second=second), lines, ends)


def cut_run(counted: Counted, case: str, peer: str) -> Run:
    """A run that is killed and begun again, or whose first source goes away; and what came over the wire."""
    scene, out = counted.scene, counted.scene.folder / "out"
    out.mkdir()
    size, before, began = scene.files.size, counted.taken, time.monotonic()
    share = 0.5 if case == "source dies" else int(case.split()[1]) / 100
    command = COMMANDS_OF[peer](scene, out)
    process = psutil.Popen(command, env=scene.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    family: set[psutil.Process] = {process}
    while counted.taken - before < share * size and process.poll() is None:
        with suppress(psutil.NoSuchProcess):
            family.update(process.children(recursive=True))
        time.sleep(POLL_SECONDS)
    commands = 1
    if case == "source dies":
        counted.ends[0]()
    else:
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
    code = process.wait()
    while code != 0 and commands < COMMANDS:
        commands += 1
        code = subprocess.run(command, env=scene.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    wall = time.monotonic() - began
    if code == 0:
        check(scene, out, peer)
    shutil.rmtree(out)
    return Run(case, peer, size / 2**30, wall, wire=(counted.taken - before) / size, commands=commands)


def again(options: argparse.Namespace, sizes: Sizes, work: Path, note: Callable[[Run], None]) -> None:
    """All cases of what comes again."""
    cases = [case for case in AGAIN_CASES if case in options.cases]
    if not cases:
        return
    files = make(work / "hub", sizes.again, 1)
    for number in range(options.repeats):
        for case in cases:
            several = case == "source dies"
            peers = [peer for peer in AGAIN_PEERS if peer in options.peers and (peer == "hfpush" or not several)]
            for peer in (peer for peer in peers if number == 0 or peer not in options.once):
                with counted(work, files, 2 if several else 1) as servers:
                    note(cut_run(servers, case, peer))
    shutil.rmtree(work / "hub")


# -- results -----------------------------------------------------------------------------------------------------------


def table(runs: list[dict]) -> str:
    """A row per case and peer of speed, then one per peer of what comes again."""
    lines = [
        "| files | link | client | verifies | wall | of hfpush's | CPU | per GiB or 1,000 files | peak memory |",
        "|---" * 9 + "|",
    ]
    for case in CASES:
        here = {peer: [one for one in runs if (one["case"], one["peer"]) == (case, peer)] for peer in PEERS}
        ours = median(here["hfpush"], "wall") if here["hfpush"] else None
        lines += [_row(case, peer, here[peer], ours) for peer in PEERS if here[peer]]
    lines += ["", "| client | " + " | ".join(AGAIN_CASES) + " |", "|---" * (len(AGAIN_CASES) + 1) + "|"]
    for peer in AGAIN_PEERS:
        cells = [_cell([one for one in runs if (one["case"], one["peer"]) == (case, peer)]) for case in AGAIN_CASES]
        if any(cells):
            lines.append(f"| {_name(peer)} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", "The second table: bytes taken over the file's; in brackets, commands needed."])


def _row(case: str, peer: str, runs: list[dict], ours: float | None) -> str:
    link, kind = case.split()
    wall, cpu, gib = (median(runs, name) for name in ("wall", "cpu", "gib"))
    count = round(gib * 2**30 / 10_000)
    what, units = (f"1 x {gib:g} GiB", gib) if kind == "big" else (f"{count:,} x 10 kB", count / 1000)
    ratio = "" if ours is None else f"{wall / ours:.2f} x"
    cells = [what, link, _name(peer), CHECKS[peer], f"{wall:.2f} s", ratio, f"{cpu:.2f} s", f"{cpu / units:.2f} s"]
    return "| " + " | ".join([*cells, f"{median(runs, 'peak_mb'):.0f} MB"]) + " |"


def _cell(runs: list[dict]) -> str:
    return f"{median(runs, 'wire'):.3f} x ({median(runs, 'commands'):g})" if runs else ""


def _name(peer: str) -> str:
    return f"**{peer}**" if peer == "hfpush" else peer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="256 MB and 500 files: to see that all works")
    parser.add_argument("--cases", type=lambda text: text.split(","), default=list(CASES + AGAIN_CASES))
    parser.add_argument("--peers", type=lambda text: text.split(","), default=list(PEERS))
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--once", type=lambda text: text.split(","), default=[])
    parser.add_argument("--big", type=int, help="MiB of the big file of free and tls")
    parser.add_argument("--shaped", type=int, help="MiB of the big file of capped and far")
    parser.add_argument("--small", type=int, help="how many small files")
    parser.add_argument("--far-small", type=int, help="how many of them over the far line")
    parser.add_argument("--again", type=int, help="MiB of the file that comes again")
    parser.add_argument("--out", type=Path, default=Path("bench/download"))
    parser.add_argument("--work", type=Path, help="where files are fetched to, and from; on a disk or in memory")
    options = parser.parse_args()
    path = options.out.with_suffix(".json")
    results = kept(path)
    results["runs"] = [
        one for one in results["runs"] if one["case"] not in options.cases or one["peer"] not in options.peers
    ]

    def note(one: Run) -> None:
        numbers = f"{one.wall:.2f} s, {one.cpu:.2f} s CPU, {one.peak_mb:.0f} MB, {one.wire:.3f} x, {one.commands}"
        print(f"{one.case}, {one.peer}: {numbers}", flush=True)
        results["runs"].append(asdict(one))
        keep(path, results, table(results["runs"]))

    sizes = QUICK if options.quick else FULL
    asked = {name: getattr(options, name) for name in ("big", "shaped", "small", "far_small", "again")}
    in_mib = ("big", "shaped", "again")
    given = {name: size * MIB if name in in_mib else size for name, size in asked.items() if size is not None}
    sizes = replace(sizes, **given)

    def work(folder: Path) -> None:
        speed(options, sizes, folder, note)
        again(options, sizes, folder, note)

    supervised(work, options.work)


if __name__ == "__main__":
    main()
