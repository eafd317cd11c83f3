from __future__ import annotations

from hfpush.repo.audit.flaws import Flaw, Flaws


def test_a_flaw_of_two_tips_is_one_line_with_both() -> None:
    flaws = Flaws()
    flaws.add([Flaw("x", "a line", "path"), Flaw("x", "another")], ["refs/heads/main"])
    flaws.add([Flaw("x", "a line", "path"), Flaw("y", "a line")], ["refs/heads/dev", "HEAD"])
    assert flaws.lines("x") == ("a line, on main, dev, HEAD", "another, on main")
    assert flaws.about("x") == ("path",)
    assert flaws.lines("z") == flaws.about("z") == ()
