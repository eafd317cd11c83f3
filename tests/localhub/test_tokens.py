import os
import stat

from hfpush.localhub.tokens import local_users


def test_tokens_stay_the_same_from_start_to_start(tmp_path):
    write, read = local_users(tmp_path)
    assert (write.role, read.role) == ("write", "read")
    assert write.token != read.token
    assert local_users(tmp_path) == (write, read)


def test_tokens_are_for_their_owner_only_and_a_killed_start_leaves_nothing_in_the_way(tmp_path):
    (tmp_path / "tokens.new").write_text("half")
    local_users(tmp_path)
    assert stat.S_IMODE(os.stat(tmp_path / "tokens.json").st_mode) == 0o600
    assert not (tmp_path / "tokens.new").exists()


def test_other_roots_have_other_tokens(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert local_users(tmp_path / "a")[0].token != local_users(tmp_path / "b")[0].token
