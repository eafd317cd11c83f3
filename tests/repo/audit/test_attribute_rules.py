from __future__ import annotations

from hfpush.repo.audit.attribute_rules import attribute_findings, attribute_flaws, private_finding
from hfpush.repo.audit.flaws import Flaws
from hfpush.repo.audit.tree import Tip, TipEntry


def test_lines_are_told_with_the_file_the_number_and_what_to_write() -> None:
    text = b"*.md text\n*.bin filter=lfs # all\n*.pt\tfilter=lfs\nb/c/ filter=lfs\n"
    entries = (TipEntry("a/b/c/x", "100644", "1" * 40, 1),)
    tip = Tip("a" * 40, ("refs/heads/main",), entries, attributes={"": b"*.x filter=lfs", "a": text})
    flaws = Flaws()
    flaws.add(attribute_flaws(tip), tip.refs)
    ignored, differ = attribute_findings(flaws)
    assert (ignored.reference, ignored.severity) == ("attributes-ignored", "warning")
    assert ignored.evidence[0].startswith("a/.gitattributes, line 2: *.bin filter=lfs # all: a comment")
    assert ignored.remedy == (
        "in a/.gitattributes, line 2, write: *.bin filter=lfs",
        "in a/.gitattributes, line 4, write: b/c/** filter=lfs",
    )
    assert differ.reference == "attributes-differ"
    assert differ.remedy == ("in a/.gitattributes, line 3, write: *.pt filter=lfs",)


def test_a_line_for_two_says_so_and_a_hostile_one_is_cut_and_written_out() -> None:
    tip = Tip("a" * 40, ("HEAD",), (), attributes={"": b"*.{a,b} filter=lfs\n!\x1b" + b"x" * 500 + b" filter=lfs"})
    flaws = Flaws()
    flaws.add(attribute_flaws(tip), tip.refs)
    [ignored] = attribute_findings(flaws)
    assert ignored.remedy[0].endswith("write: *.a filter=lfs and on a line of its own: *.b filter=lfs")
    assert "\x1b" not in "".join((*ignored.evidence, *ignored.remedy))
    assert len(ignored.evidence[1]) < 300


def test_attributes_of_this_clone_alone() -> None:
    assert private_finding(b"# filter\n*.c diff=cpp\n") is None
    found = private_finding(b"*.c diff=cpp\n*.bin -filter\n")
    assert found is not None
    assert found.evidence == ("line 2: *.bin -filter",)
