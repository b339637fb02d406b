from __future__ import annotations

from hangtag.records import Score


def test_a_score_in_a_sentence_has_four_digits():
    score = Score(0.8895, 0.88320507, 0.89549579, method="Wilson", n=10_000)
    assert f"{score}" == str(score) == "0.8895 [0.8832, 0.8955]"
