from pathlib import Path

from hfpush.commands.verify_found import Sighting
from hfpush.commands.verify_report import VerifiedRepo, VerifyReport

WRONG = Sighting("a", "1" * 40, 5, "damaged", "it is wrong")
RIGHT = Sighting("b", "", 5, "missing")


def test_a_report_is_clean_when_nothing_is_wrong_any_more() -> None:
    whole = VerifiedRepo("dataset", "ada/data", Path("x"), repaired=(RIGHT,))
    bad = VerifiedRepo("model", "", Path("y"), wrong=(WRONG,))
    assert VerifyReport(Path("z"), (whole,)).clean
    report = VerifyReport(Path("z"), (whole, bad))
    assert (report.clean, report.wrong, report.repaired) == (False, (WRONG,), (RIGHT,))
    assert (str(whole), str(bad)) == ("datasets/ada/data", "y")
    document = report.as_json()
    assert document["clean"] is False
    assert document["repos"][1]["wrong"] == [  # type: ignore[index]
        {"path": "a", "commit": "1" * 40, "size": 5, "state": "damaged", "seen": "it is wrong"}
    ]
    assert document["repos"][0]["repaired"][0]["commit"] is None  # type: ignore[index]
