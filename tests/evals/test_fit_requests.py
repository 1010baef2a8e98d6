"""Where the cut lies, how frames are filled, and what is kept of the fitted numbers."""

import numpy as np

from evals.fit_requests import PRECISION, _filled, _framed, cut


def test_the_cut_is_the_lowest_that_is_as_precise_as_wanted() -> None:
    found = np.array([5.0, 4.0, 3.0, 2.0, 1.0])
    wanted = np.array([True, True, True, False, True])
    assert cut(found, wanted) == 2.5
    assert PRECISION > 4 / 5


def test_a_frame_is_filled_the_same_way_each_time() -> None:
    filling = {"who": ["you", "me"], "reach": ["call", "see"]}
    texts = {_filled("can I <reach> <who>", filling, seed) for seed in range(4)}
    assert len(texts) == 2
    assert all("<" not in text for text in texts)


def test_frames_are_of_both_kinds_and_languages() -> None:
    samples = list(_framed())
    assert len({(sample.locale, sample.wanted) for sample in samples}) == 4
    assert all("<" not in sample.text for sample in samples)
