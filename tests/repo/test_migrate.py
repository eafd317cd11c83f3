from __future__ import annotations

import shlex

from hfpush.repo.migrate import migrate_command


def test_paths_are_named_one_by_one_and_whole() -> None:
    words = shlex.split(migrate_command(["a b/w.json", "c.bin", "c.bin"], "main"))
    assert words[4:] == ["--include=/a b/w.json,/c.bin", "--include-ref=refs/heads/main"]


def test_many_paths_are_named_by_size() -> None:
    assert "--above=10MiB" in migrate_command([f"f{number}" for number in range(100)], "main")


def test_what_a_pattern_could_misread_becomes_a_question_mark() -> None:
    command = shlex.split(migrate_command(['a,b*[1]"\n\udcff\\.bin'], "main"))
    assert command[4] == "--include=/a?b??1?????.bin"


def test_a_detached_head_gets_a_branch_first() -> None:
    assert migrate_command(["a"], None).startswith("git switch -c publish && git lfs migrate import")
