"""What was seen of large files, as it is kept."""

from __future__ import annotations

import json
from typing import get_args

from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.facts.http import Exchange
from hfpush.diagnose.facts.lfs import Batch, Flow, Lfs, Mirror, Put, PutOutcome, Xet
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report


def test_a_report_keeps_all_of_it() -> None:
    lfs = Lfs(
        batch=Batch(200, transfer="multipart", lives=900.0, exchange=Exchange("batch", status=200, retry_after=1.5)),
        puts=tuple(Put("s3.test:443 straight", 500, one, tries=2, ahead=-1.0) for one in get_args(PutOutcome)),
        flows=(Flow("s3.test:443 straight", "up", 10, 0.5),),
        mirror=Mirror(True, False, None, said=("verify: 404",)),
        xet=Xet(True, "https://cas.test"),
    )
    text = json.dumps(Report(Facts(lfs=lfs)).as_json()).encode()
    found = read_report(text, "it")
    assert (found.facts.lfs, found.lost) == (lfs, 0)


def test_what_an_older_version_did_not_see_is_not_known() -> None:
    document = Report(Facts(lfs=Lfs(batch=Batch(200), puts=(Put("s3.test:443 straight", 500),)))).as_json()
    del document["facts"]["lfs"]["batch"]["exchange"]
    del document["facts"]["lfs"]["puts"][0]["ahead"]
    lfs = read_report(json.dumps(document).encode(), "it").facts.lfs
    assert lfs.batch == Batch(200)
    assert lfs.puts == (Put("s3.test:443 straight", 500),)
