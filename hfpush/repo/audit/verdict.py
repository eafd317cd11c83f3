"""From a scan to a verdict: looks up in the repository what the judgement needs besides, and judges.

Reads the tips' trees, git-lfs's store, remote-tracking refs and a few settings; writes and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from hfpush.endpoints import RepoType
from hfpush.findings import Finding
from hfpush.repo.audit import offences as offending
from hfpush.repo.audit.attribute_rules import attribute_findings, attribute_flaws, private_finding
from hfpush.repo.audit.card import judge_card
from hfpush.repo.audit.card_rules import card_findings, card_flaws
from hfpush.repo.audit.flaws import Flaws
from hfpush.repo.audit.found import Scan
from hfpush.repo.audit.judge import Surroundings, judge
from hfpush.repo.audit.judged import Verdict
from hfpush.repo.audit.local_objects import damaged_sizes, likely_in_work_tree
from hfpush.repo.audit.pointer_rules import absent_oids
from hfpush.repo.audit.scoping import to_push
from hfpush.repo.audit.tip import tips_of
from hfpush.repo.audit.tip_rules import flaws_of, tip_findings
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.values import Offence

_AGENT = "lfs.customtransfer.multipart.path"
_MOST_PRIVATE_BYTES = 2**20


def verdict_on(
    repository: Repository,
    scan: Scan,
    *,
    place: str = ".",
    hubs: Collection[str] = (),
    repo_type: RepoType | None = None,
    asked: bool = False,
    agent: bool | None = None,
    stage: Callable[[str], None] | None = None,
) -> Verdict:
    """Judges a scan of `repository`, which the user calls `place`.

    `hubs` are the remotes that are a Hub. `asked` says that the scan's `binary` is the Hub's own word
    (hub_modes.with_hub_modes). `agent` says whether something sends objects over 5 GB; None looks at the settings.
    """
    tell = stage or (lambda _text: None)
    mendable = offending.offences(scan)
    tell("looking at LFS objects")
    around = _surroundings(repository, scan, place, hubs, mendable, asked=asked, agent=agent)
    tell("looking at the files of the branches")
    findings = judge(scan, around, _about_tips(repository, scan, place, repo_type))
    return Verdict(findings, mendable, offending.unmendable(scan))


def _surroundings(
    repository: Repository,
    scan: Scan,
    place: str,
    hubs: Collection[str],
    mendable: Collection[Offence],
    *,
    asked: bool,
    agent: bool | None,
) -> Surroundings:
    lost = [blob for blob in scan.blobs if blob.pointer is not None and blob.stored is False]
    lost_in = {at.commit for blob in lost for at in blob.sightings if at.commit}
    return Surroundings(
        place=place,
        damaged=damaged_sizes(repository, absent_oids(lost)),
        at_hub=_held(repository, lost_in, hubs),
        in_tree=likely_in_work_tree(repository, lost),
        published=_held(repository, {one.commit for one in mendable}, None),
        asked=asked,
        agent=repository.setting(_AGENT) is not None if agent is None else agent,
    )


def _held(repository: Repository, commits: Collection[str], remotes: Collection[str] | None) -> frozenset[str]:
    """Those of the commits that the tracking refs of `remotes` (None: of any) reach."""
    if not commits or (remotes is not None and not remotes):
        return frozenset()
    known = to_push(repository, remotes).known
    if not known:
        return frozenset()
    asked = "".join([*(f"{id}\n" for id in commits), *(f"^{id}\n" for id in known)])
    new = repository.git.read("rev-list", "--stdin", stdin=asked.encode("ascii")).decode("ascii").split()
    return frozenset(commits) - set(new)


def _about_tips(repository: Repository, scan: Scan, place: str, repo_type: RepoType | None) -> list[Finding]:
    told = {
        blob.id
        for blob in scan.blobs
        if blob.broken_pointer or offending.is_refused(blob) or any(offending.is_raw(blob, at) for at in blob.sightings)
    }
    flaws = Flaws()
    for tip in tips_of(repository, scan.scope):
        flaws.add(flaws_of(tip, told), tip.refs)
        flaws.add(attribute_flaws(tip), tip.refs)
        if tip.card is not None:
            flaws.add(card_flaws(judge_card(tip.card, repo_type)), tip.refs)
    private = private_finding(_private_attributes(repository))
    return [
        *tip_findings(flaws, place),
        *attribute_findings(flaws),
        *card_findings(flaws),
        *([private] if private else []),
    ]


def _private_attributes(repository: Repository) -> bytes:
    try:
        with open(repository.common_dir / "info" / "attributes", "rb") as file:
            return file.read(_MOST_PRIVATE_BYTES)
    except OSError:
        return b""  # git does without it as well
