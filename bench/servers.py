"""What the downloads of bench/download.py come from: a local Hub, nginx in front of it, and a slow line before that.

The Hub says what a repository has, and sends files in LFS on to a storage, as the Hub in production does. nginx is
that storage: it gives the Hub's objects as plain files. It also stands in front of the Hub, and gives small files
itself, each with the headers that the Hub would give it, so that a Hub in Python is never what is measured.

    python bench/servers.py ROOT URL STORAGE_URL     the Hub, in a process of its own
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import trustme

from hfpush.localhub import LocalHub

MIB = 2**20
BIG, SMALL = "bench/big", "bench/small"
_CONF = """
daemon off; worker_processes 2; pid {folder}/pid; error_log {folder}/error.log; {user}
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000; types {{}}
    default_type application/octet-stream; etag off; map_hash_max_size 65536; map_hash_bucket_size 256;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    map $uri $blob {{ include {folder}/blobs.map; }}
    server {{
        listen 127.0.0.1:{front} {tls};
        location ~ ^/{small}/resolve/[^/]+/(n[0-9]+\\.bin)$ {{
            alias {files}/$1;
            add_header ETag $blob;
            add_header X-Repo-Commit {commit};
        }}
        location / {{ proxy_pass http://127.0.0.1:{hub}; proxy_set_header Host $http_host; client_max_body_size 0; }}
    }}
    server {{
        listen 127.0.0.1:{storage} {tls};
        location ~ ^/.*/((..)[0-9a-f]+)$ {{
            alias {objects}/$2/$1;
            add_header ETag '"$1"';
        }}
    }}
}}
"""


@dataclass(frozen=True)
class Files:
    """What there is to be fetched, below `root`: one big file in LFS, and many small ones in git."""

    root: Path
    oid: str
    size: int
    count: int
    small_size: int
    commit: str

    @property
    def big(self) -> Path:
        """The object of the big file."""
        return self.root / "objects" / self.oid[:2] / self.oid

    @property
    def folder(self) -> Path:
        """The small files."""
        return self.root / "files"


def make(root: Path, size: int, count: int, small_size: int = 10_000) -> Files:
    """The Hub's folder with both repositories in it."""
    hub = LocalHub(root=root)  # not started: its parts are used
    big = hub.create(BIG)
    file = hub.objects.new_file()
    digest, block = hashlib.sha256(), os.urandom(MIB)
    with file.open("wb") as out:
        for at in range(0, size, MIB):
            piece = (at.to_bytes(8, "big") + block)[: min(MIB, size - at)]
            out.write(piece)
            digest.update(piece)
    oid = digest.hexdigest()
    hub.objects.add_file(file, oid, sha256=oid)
    hub.objects.grant(big.record.uid, oid)
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n".encode()
    _commit(big.path, {"big.bin": pointer, ".gitattributes": b"*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    folder = root / "files"
    folder.mkdir()
    contents = {f"n{number:05}.bin": os.urandom(small_size) for number in range(count)}
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return Files(root, oid, size, count, small_size, _commit(hub.create(SMALL).path, contents))


def _commit(repo: Path, contents: dict[str, bytes]) -> str:
    lines = [b"commit refs/heads/main\ncommitter bench <bench@localhost> 0 +0000\ndata 0\n\ndeleteall\n"]
    for name, data in contents.items():
        lines.append(b"M 100644 inline %s\ndata %d\n%s\n" % (name.encode(), len(data), data))
    git = ["git", f"--git-dir={repo}"]
    subprocess.run([*git, "fast-import", "--quiet", "--force"], input=b"".join(lines), check=True)
    return subprocess.run([*git, "rev-parse", "main"], capture_output=True, text=True, check=True).stdout.strip()


_given: set[int] = set()


def free_port() -> int:
    """A port on which nobody listens: none of those that connections take for themselves, and each only once."""
    while True:
        port = random.randrange(10_000, 30_000)
        with suppress(OSError), socket.socket() as one:
            one.bind(("127.0.0.1", port))
            if port not in _given:
                _given.add(port)
                return port


class Nginx:
    """nginx with both servers."""

    def __init__(self, folder: Path, files: Files, hub: int, *, ca: Path | None = None) -> None:
        self.folder, self.front, self.storage = folder, free_port(), free_port()
        folder.mkdir()
        blobs = [
            f'"/{SMALL}/resolve/{commit}/{file.name}" \'"{_blob(file.read_bytes())}"\';'
            for file in sorted(files.folder.iterdir())
            for commit in (files.commit, "main")
        ]
        (folder / "blobs.map").write_text("\n".join(blobs))
        secure = f"ssl; ssl_certificate {ca}.chain; ssl_certificate_key {ca}.key" if ca is not None else ""
        conf = _CONF.format(
            folder=folder,
            user="user root;" if os.geteuid() == 0 else "",
            front=self.front,
            storage=self.storage,
            tls=secure,
            small=SMALL,
            files=files.folder,
            objects=files.root / "objects",
            commit=files.commit,
            hub=hub,
        )
        (folder / "conf").write_text(conf)
        self.process = subprocess.Popen(["nginx", "-p", folder, "-c", folder / "conf"], stderr=subprocess.DEVNULL)
        _wait_for(self.front)

    def close(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


class SlowLine:
    """A line in front of a port, with a round trip and a window per connection; see slow_line.c."""

    def __init__(self, program: Path, target: int, milliseconds: float, window: int) -> None:
        self.port = free_port()
        self._counter = Path(tempfile.mkstemp(prefix="line-", dir=program.parent)[1])
        words = [program, str(self.port), str(target), str(milliseconds), str(window), self._counter]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        if self.process.stdout.readline() != b"ready\n":
            raise SystemExit("the slow line did not start")

    @property
    def taken(self) -> int:
        """Bytes that clients have taken from it so far, heads of answers included."""
        return int(struct.unpack("Q", self._counter.read_bytes())[0])

    def close(self) -> None:
        """End it, and every connection through it at once."""
        self.process.kill()
        self.process.wait(10)
        self._counter.unlink(missing_ok=True)


def built(folder: Path) -> Path:
    """The program of the slow line, made by the C compiler."""
    program = folder / "slow_line"
    subprocess.run(["cc", "-O2", "-o", program, Path(__file__).with_name("slow_line.c")], check=True)
    return program


class Hub:
    """A local Hub in a process of its own, which is called `url`, and sends on to `storage_url`."""

    def __init__(self, root: Path, port: int, url: str, storage_url: str) -> None:
        command = [sys.executable, __file__, str(root), str(port), url, storage_url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.token = self.process.stdout.readline().strip()
        if not self.token:
            raise SystemExit("the Hub did not start")

    def close(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait(20)


def certificates(folder: Path) -> Path:
    """A certificate authority, the name of its file; beside it a chain and a key for this machine."""
    authority = trustme.CA()
    ca = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca))
    leaf = authority.issue_cert("127.0.0.1")
    Path(f"{ca}.chain").write_bytes(b"".join(blob.bytes() for blob in leaf.cert_chain_pems))
    leaf.private_key_pem.write_to_path(f"{ca}.key")
    return ca


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nobody listens on port {port}")


def main() -> None:
    root, port, url, storage_url = sys.argv[1:]
    with LocalHub(root=Path(root), port=int(port), redirect_lfs=True, api_url=url, storage_url=storage_url) as hub:
        print(hub.token, flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
