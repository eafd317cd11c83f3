from hfpush.localhub.wear import Wear


def test_a_url_wears_out_after_so_many_uses_and_no_other():
    wear = Wear()
    assert [wear.use("2-1") for _ in range(3)] == [True, True, False]
    assert wear.use("2-2")
