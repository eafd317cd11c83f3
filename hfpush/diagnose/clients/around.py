"""All that the clients' rules look at. Pure: commands/doctor_machine.py reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hfpush.diagnose.facts.machine import Client, Program, Wrapper
from hfpush.endpoints.endpoint import Endpoint
from hfpush.net.git_settings import GitNetwork, GitSetting
from hfpush.net.routes import Routes


@dataclass(frozen=True)
class Stores:
    """Certificates that programs come with or find by themselves: the file and the folder that the system's programs
    have (a folder's names are hashes, OpenSSL's way), what OpenSSL was told when huggingface_hub's Python was built,
    and the files of certifi, of huggingface_hub's Python and of ours. Empty where there is none."""

    file: str = ""
    folder: str = ""
    openssl: tuple[str, ...] = ()
    certifi: str = ""
    own_certifi: str = ""


@dataclass(frozen=True)
class Surroundings:
    """What decides how each client gets somewhere. There are secrets in `environment` and in `settings`.

    `settings` are git's `http.*` settings in its order, also those of one URL, and `remote.*.proxy` (`scope` is then
    the remote's URL); `users` are those of them that hold away from the repository, too. `routes` is hfpush's own
    rule, and `named` are the certificates that it trusts beside the usual ones, each with what names it. `absent` are
    files of certificates that something names and that are not there. `curlrc` are the lines of the user's .curlrc.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: tuple[GitSetting, ...] = ()
    programs: tuple[Program, ...] = ()
    wrapper: Wrapper | None = None
    endpoint: Endpoint | None = None
    routes: Routes = field(default_factory=Routes)
    named: tuple[tuple[str, str], ...] = ()
    stores: Stores = field(default_factory=Stores)
    absent: frozenset[str] = frozenset()
    curlrc: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    users: tuple[GitSetting, ...] = ()

    @property
    def git(self) -> GitNetwork:
        """git's settings, to be asked for a URL."""
        return GitNetwork(self.settings)

    @property
    def lfs(self) -> GitNetwork:
        """The same as git-lfs has them: it knows nothing of a remote's own proxy."""
        return GitNetwork(tuple(one for one in self.settings if not one.written.startswith("remote.")))

    def program(self, name: Client) -> Program:
        """What is known of one; an empty one where it is not there."""
        return next((one for one in self.programs if one.name == name), Program(name))

    def variable(self, *names: str) -> tuple[str, str]:
        """The first of these variables that is not empty, and its value; two empty texts where none is."""
        return next(((name, value) for name in names if (value := self.environment.get(name, ""))), ("", ""))
