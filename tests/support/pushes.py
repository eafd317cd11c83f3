"""The same repository, the same stage: pushed by stock git with git-lfs, and published by hfpush."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from support.command_line import git, make_repo
from support.stage import Ended, Stage

from hfpush.localhub import LocalHub

_SETTINGS = """\
[credential]
	helper = "!f() {{ echo username=me; echo password=$STOCK_TOKEN; }}; f"
[core]
	hooksPath = {hooks}
[filter "lfs"]
	clean = git-lfs clean -- %f
	smudge = git-lfs smudge -- %f
	process = git-lfs filter-process
	required = true
"""
_HASTE = """\
[lfs]
	dialtimeout = 1
	tlstimeout = 1
	activitytimeout = 1
[lfs "transfer"]
	maxretries = 1
	maxretrydelay = 1
"""
_HOOK = '#!/bin/sh\nexec git lfs pre-push "$@"\n'


class Pushes:
    """A repository with `large` files, and two ways to get it to `hub`: `stock` to local/stock, `publish` to
    local/model. With `haste` git-lfs waits one second where it usually waits 30, and tries a thing twice and not nine
    times; without it, it has its defaults."""

    def __init__(
        self, stage: Stage, hub: LocalHub, place: Path, large: Mapping[str, bytes] | None = None, *, haste: bool = True
    ) -> None:
        self.stage, self.hub, self.place = stage, hub, place
        self.large = {"a.bin": os.urandom(1_200_000)} if large is None else dict(large)
        self.repo = make_repo(place / "repo", self.large, {"README.md": b"# A model\n"})
        git(self.repo, "remote", "add", "origin", "https://hf.test/local/stock")
        hub.create("local/stock", empty=True)
        hooks = place / "hooks"
        hooks.mkdir()
        (hooks / "pre-push").write_text(_HOOK)
        (hooks / "pre-push").chmod(0o755)
        self.settings = place / "config/hfpush"
        self.settings.mkdir(parents=True, exist_ok=True)
        self.trust("hf.test")
        self._config = place / "stock.gitconfig"
        self._config.write_text(_SETTINGS.format(hooks=hooks) + (_HASTE if haste else ""))

    def stock(self, *, wrap: Sequence[str] = (), seconds: float = 40.0, **environment: str) -> Ended:
        """Run `git push` with its usual settings, except for how long git-lfs waits."""
        own = {
            "GIT_CONFIG_GLOBAL": str(self._config),
            "STOCK_TOKEN": self.hub.token,
            "GIT_LFS_FORCE_PROGRESS": "1",
        }
        words = [*wrap, "git", "push", "origin", "main"]
        return self.stage.run(words, cwd=self.repo, seconds=seconds, environment={**os.environ, **own, **environment})

    def cloned(self, id: str = "local/model", **environment: str) -> dict[str, bytes]:
        """The large files as a stock `git clone` with git-lfs gets them from the Hub, on the client."""
        words = ["git", "clone", "--quiet", f"https://hf.test/{id}", str(self.place / "clone")]
        own = {"GIT_CONFIG_GLOBAL": str(self._config), "STOCK_TOKEN": self.hub.token}
        done = self.stage.run(words, cwd=self.place, environment={**os.environ, **own, **environment})
        assert done.code == 0, done
        return {name: (self.place / "clone" / name).read_bytes() for name in self.large}

    def carried(self, *, wrap: Sequence[str] = (), **environment: str) -> Ended:
        """Run the stock push within `hfpush run`."""
        return self.stock(wrap=[*wrap, sys.executable, "-m", "hfpush", "run", "--"], **environment)

    def trust(self, *names: str, kind: str = "hub") -> None:
        """Let the user's list of endpoints have these hosts, each trusted."""
        lines = ["endpoints:"]
        for name in names:
            lines += [
                f"  {name.replace('.', '-')}:",
                f"    url: https://{name}",
                f"    kind: {kind}",
                "    trusted: true",
            ]
        (self.settings / "endpoints.yaml").write_text("\n".join([*lines, ""]))

    def publish(
        self,
        *options: str,
        to: str = "local/model",
        wrap: Sequence[str] = (),
        talk: bool = False,
        **environment: str,
    ) -> Ended:
        """Run `hfpush publish` on the client, with --json if it is not to `talk`.

        Neither the token nor a signature may be in what it prints.
        """
        own = {
            "HF_ENDPOINT": self.hub.url,
            "HF_TOKEN": self.hub.token,
            "HFPUSH_STATE_DIR": str(self.place / "hfpush-state"),
            "XDG_CONFIG_HOME": str(self.settings.parent),
        }
        options = options if talk else ("--json", *options)
        words = [sys.executable, "-m", "hfpush", "publish", str(self.repo), "--to", to, *options]
        environment = {**os.environ, **own, **environment}
        said = self.stage.run([*wrap, *words], cwd=self.place, environment=environment)
        assert "Traceback" not in said.text, said
        for secret in (self.hub.token, "X-Amz-Signature=", "signature="):
            assert secret not in said.text, said
        return said

    def arrived(self, id: str = "local/model") -> bool:
        """Whether the Hub's repository is at our commit and has every object with its bytes; asked at its own door."""
        door = self.hub.doors[0].replace("://", f"://me:{self.hub.token}@")
        head = git(self.repo, "ls-remote", f"{door}/{id}", "refs/heads/main").split()[:1]
        for content in self.large.values():
            path = self.hub.objects.path(hashlib.sha256(content).hexdigest())
            if not path.exists() or path.read_bytes() != content:
                return False
        return head == [git(self.repo, "rev-parse", "HEAD")]


def last_words(ended: Ended) -> str:
    """What a push printed, without the steps of its progress, one line for each that stays on a screen."""
    lines = [line.split("\r")[-1].strip() for line in ended.text.split("\n")]
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", "\n".join(line for line in lines if line))
