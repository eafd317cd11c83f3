"""The account as a fact: a report keeps it, and one of an older version is read as far as it goes."""

from __future__ import annotations

import json

from hfpush.diagnose.facts.account import Account
from hfpush.diagnose.facts.all import Facts
from hfpush.diagnose.report import Report
from hfpush.diagnose.report_reading import read_report


def test_a_report_keeps_the_account_as_it_was() -> None:
    account = Account("HF_TOKEN", "token", 200, "me", "fineGrained", ("model me/one: repo.write",), True, False, 200)
    text = json.dumps(Report(Facts(account=account)).as_json()).encode()
    assert read_report(text, "it").facts.account == account


def test_what_an_older_version_did_not_ask_is_not_known() -> None:
    document = Report(Facts(account=Account(source="HF_TOKEN", git_status=401, may_write=True))).as_json()
    for name in ("git_status", "may_write", "owners"):
        del document["facts"]["account"][name]
    account = read_report(json.dumps(document).encode(), "it").facts.account
    assert (account.source, account.git_status, account.may_write, account.owners) == ("HF_TOKEN", 0, None, ())
