from hfpush.hub.presence import Presence


def test_states_are_distinct_words() -> None:
    assert len({presence.value for presence in Presence}) == 6
