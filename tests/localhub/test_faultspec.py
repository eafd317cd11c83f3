import contextlib
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfpush.localhub.faults import CONSTRUCTORS, WAYS, drop_after, expired_lease, slow, status
from hfpush.localhub.faultspec import FaultSyntax, parse_fault
from hfpush.localhub.operation import OPS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("drop_after(bytes=1000, part=3)", drop_after(bytes=1000, part=3)),
        (" drop_after(1000,'get') ", drop_after(1000, "get")),
        ("slow(rate=20e6)", slow(rate=20e6)),
        ("slow(20)", slow(rate=20)),
        ("expired_lease", expired_lease()),
        ("expired_lease(times=None)", expired_lease(times=None)),
        ("status(503, on='batch', times=2)", status(503, on="batch", times=2)),
        ("""status(429, on="put", ratelimit='"api";r=0;t=3')""", status(429, on="put", ratelimit='"api";r=0;t=3')),
    ],
)
def test_text_names_a_fault(text, fault):
    assert parse_fault(text) == fault


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "cannot read"),
        ("drop_after(", "cannot read"),
        ("print.x(1)", "cannot read"),
        ("[drop_after(1)]", "cannot read"),
        ("system('x')", "there is no fault 'system'"),
        ("drop_after()", "missing a required argument"),
        ("drop_after(bytes=1, nope=2)", "nope"),
        ("drop_after(bytes=1, bytes=2)", "cannot read"),
        ("drop_after(**{'bytes': 1})", "each once"),
        ("drop_after(bytes='x')", "bytes is int"),
        ("drop_after(bytes=1.5)", "bytes is int"),
        ("drop_after(bytes=True)", "plain numbers"),
        ("drop_after(bytes=__import__('os').getpid())", "plain numbers"),
        ("drop_after(bytes=-1)", "not negative"),
        ("drop_after(1, on='nowhere')", "unknown operation"),
        ("slow(rate=1e999)", "finite"),
        ("status(1000, on='put')", "between 200 and 599"),
    ],
)
def test_a_wrong_text_is_answered_with_a_sentence(text, told):
    with pytest.raises(FaultSyntax, match=told):
        parse_fault(text)


_TIMES = st.none() | st.integers(1, 99)
_VALUES = {
    "bytes": st.integers(0, 10**12),
    "seconds": st.floats(0, 1e6) | st.integers(0, 99),
    "rate": st.floats(1e-3, 1e12),
    "code": st.integers(200, 599),
    "status": st.integers(200, 599),
    "on": st.sampled_from(["*", *OPS]),
    "part": st.none() | st.integers(1, 10_000),
    "times": _TIMES,
    "retry_after": st.none() | st.floats(0, 1e6),
    "ratelimit": st.none() | st.text(),
    "message": st.none() | st.text(),
    "at": st.none() | st.integers(0, 10**12),
    "more": st.integers(-(10**9), 10**9),
    "shift": st.integers(-(10**9), 10**9),
    "after": st.integers(0, 99),
    "uses": st.integers(1, 99),
    "at_once": st.none() | st.integers(1, 99),
    "per_second": st.none() | st.integers(1, 99),
}


def _value(fault: str, key: str) -> st.SearchStrategy[object]:
    return st.sampled_from(WAYS[fault]) if key == "how" else _VALUES[key]


@given(st.sampled_from(sorted(CONSTRUCTORS)), st.data())
def test_every_fault_is_read_back_from_its_own_text(name, data):
    make = CONSTRUCTORS[name]
    fault = make(**{key: data.draw(_value(name, key), key) for key in inspect.signature(make).parameters})
    assert parse_fault(str(fault)) == fault


@given(st.text())
def test_any_text_is_a_fault_or_a_syntax_error(text):
    with contextlib.suppress(FaultSyntax):
        parse_fault(text)
