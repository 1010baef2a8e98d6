"""How frames are filled, and what is kept of the fitted numbers."""

from evals.fit_requests import _filled, _framed


def test_a_frame_is_filled_the_same_way_each_time() -> None:
    filling = {"who": ["you", "me"], "reach": ["call", "see"]}
    texts = {_filled("can I <reach> <who>", filling, seed) for seed in range(4)}
    assert len(texts) == 2
    assert all("<" not in text for text in texts)


def test_frames_are_of_both_kinds_and_languages() -> None:
    samples = list(_framed())
    assert len({(sample.locale, sample.wanted) for sample in samples}) == 4
    assert all("<" not in sample.text for sample in samples)
