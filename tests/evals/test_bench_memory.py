import pytest

from evals.bench.memory import Memory, memory_of, parse_status

STATUS = """Name:\tpython
VmPeak:\t  999999 kB
VmHWM:\t  409600 kB
VmRSS:\t  204800 kB
RssAnon:\t  102400 kB
RssFile:\t  102400 kB
"""


def test_kibibytes_become_mebibytes() -> None:
    assert parse_status(STATUS) == Memory(resident_mib=200, private_mib=100, peak_mib=400)


def test_a_process_without_memory_is_an_error() -> None:
    with pytest.raises(KeyError):
        parse_status("Name:\tpython\nState:\tZ (zombie)\n")


def test_an_unknown_process_is_not_known() -> None:
    assert memory_of("no-such-process") is None
