"""A mended history to be published in place of the user's own, whose branches, index and work tree stay as they are.

The same history always gives the same commits, and one that grows gives one that grows: a later publish moves the
Hub's branch forward.
"""

from __future__ import annotations

from collections.abc import Sequence

from hfpush.repo.content import object_stores
from hfpush.repo.repository import Repository
from hfpush.repo.rewrite.plan import plan_rewrite
from hfpush.repo.rewrite.rewrite import rewrite
from hfpush.repo.rewrite.values import Offence, Rewritten
from hfpush.repo.rewrite.verify import verify
from hfpush.repo.scope import Scope
from hfpush.repo.writing import WritingGit

EXPORTS = "refs/hfpush/export/"
"""Where the tips of mended histories are kept, so that git does not collect them; a name per branch at the Hub."""


def export(repository: Repository, scope: Scope, offences: Sequence[Offence], branch: str) -> tuple[str, Rewritten]:
    """Makes the history of `scope`, which has one tip, without the offences; the commit that stands for the tip, and
    what was done. It is kept under `EXPORTS` and the branch's name. Raises what rewriting and verifying raise; nothing
    has moved then.
    """
    ((_, tip),) = scope.tips.items()
    made = rewrite(repository, plan_rewrite(repository, scope, offences), store=object_stores(repository)[0])
    verify(repository, made)
    mended = made.commits.get(tip, tip)
    WritingGit.of(repository).read("update-ref", "-m", "hfpush publish --rewrite", EXPORTS + branch, mended)
    return mended, made
