"""Secrets of endpoints: in a keyring where there is one, else in a file that nobody else can read."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

from hfpush.errors import LocalTrouble
from hfpush.settings.vault import FILE, Vault, write_private

WHERE, SECRET = "https://hub.example/hf", "hf_notARealTokenButShapedLikeOne"


class Desktop(keyring.backend.KeyringBackend):
    """A keyring as a desktop has one, in memory; `locked` refuses as one does that nobody unlocks."""

    priority = -1  # type: ignore[assignment]  # none that the library would choose by itself

    def __init__(self) -> None:
        super().__init__()
        self.priority = 5  # type: ignore[assignment,misc]
        self.kept: dict[tuple[str, str], str] = {}
        self.locked = False
        self.waits_for: threading.Event | None = None

    def _open(self) -> dict[tuple[str, str], str]:
        if self.waits_for is not None:
            self.waits_for.wait(30)
        if self.locked:
            raise keyring.errors.KeyringLocked("locked")
        return self.kept

    def get_password(self, service: str, username: str) -> str | None:
        return self._open().get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._open()[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._open()[service, username]


@pytest.fixture(autouse=True)
def no_desktop() -> Iterator[None]:
    """Whatever this machine has, the tests have none."""
    before = keyring.get_keyring()
    keyring.set_keyring(keyring.backends.fail.Keyring())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def desktop(no_desktop: None) -> Desktop:
    ours = Desktop()
    keyring.set_keyring(ours)
    return ours


def test_without_a_keyring_it_is_a_file_of_the_users_alone(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "config")
    assert vault.put(WHERE, SECRET) == "file"
    file = tmp_path / "config" / FILE
    assert file.stat().st_mode & 0o777 == 0o600
    assert Vault(tmp_path / "config").get(WHERE, "file") == SECRET
    vault.put("other", "x")
    vault.forget(WHERE, "file")
    assert SECRET not in file.read_text()
    assert vault.get("other", "file") == "x"
    with pytest.raises(LocalTrouble, match="endpoint-secret-missing"):
        vault.get(WHERE, "file")


def test_a_keyring_is_taken_where_there_is_one_and_the_file_has_nothing(tmp_path: Path, desktop: Desktop) -> None:
    vault = Vault(tmp_path)
    assert vault.put(WHERE, SECRET) == "keyring"
    assert list(desktop.kept.values()) == [SECRET]
    assert vault.get(WHERE, "keyring") == SECRET
    assert not list(tmp_path.iterdir())
    vault.forget(WHERE, "keyring")
    assert not desktop.kept
    with pytest.raises(LocalTrouble, match="endpoint-secret-missing"):
        vault.get(WHERE, "keyring")


def test_a_keyring_that_stays_locked_is_no_keyring(tmp_path: Path, desktop: Desktop) -> None:
    desktop.locked = True
    vault = Vault(tmp_path)
    assert vault.put(WHERE, SECRET) == "file"
    with pytest.raises(LocalTrouble, match="endpoint-secret-missing"):
        vault.get(WHERE, "keyring")
    vault.forget(WHERE, "keyring")


def test_a_keyring_that_waits_for_somebody_is_not_waited_for(tmp_path: Path, desktop: Desktop) -> None:
    desktop.waits_for = threading.Event()
    vault = Vault(tmp_path, keyring_seconds=0.05)
    with pytest.raises(LocalTrouble, match="endpoint-secret-missing") as caught:
        vault.get(WHERE, "keyring")
    assert "did not answer within 0.05 s" in caught.value.finding.evidence[0]
    assert vault.put(WHERE, SECRET) == "file"
    vault.forget(WHERE, "keyring")
    desktop.waits_for.set()


def test_a_link_in_place_of_the_file_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "elsewhere").chmod(0o600)
    write_private(tmp_path / "elsewhere", '{"version": 1, "secrets": {}}')
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    Vault(tmp_path).put(WHERE, SECRET)
    assert not (tmp_path / FILE).is_symlink()
    assert SECRET not in (tmp_path / "elsewhere").read_text()


def test_a_file_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    tmp_path = tmp_path / "a folder"
    vault = Vault(tmp_path)
    vault.put(WHERE, SECRET)
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(LocalTrouble) as caught:
        vault.get(WHERE, "file")
    assert caught.value.finding.reference == "endpoint-secret-open"
    assert caught.value.finding.remedy[0] == f"chmod 600 '{tmp_path / FILE}'"
    assert SECRET not in str(caught.value.finding)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 2, "secrets": {}}', '{"version": 1, "secrets": {"a": 1}}']
)
def test_a_file_of_another_form_is_told_and_kept(tmp_path: Path, text: str) -> None:
    write_private(tmp_path / FILE, text)
    for step in (lambda: Vault(tmp_path).get(WHERE, "file"), lambda: Vault(tmp_path).put(WHERE, SECRET)):
        with pytest.raises(LocalTrouble, match="endpoint-secret-missing"):
            step()
    assert (tmp_path / FILE).read_text() == text


def test_what_is_not_to_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    write_private(tmp_path / "x", "old")
    (tmp_path / "folder").mkdir()
    with pytest.raises(LocalTrouble):
        write_private(tmp_path / "folder", "new")
    assert (tmp_path / "x").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x"]
