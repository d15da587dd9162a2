"""Statistics of the measurement method: arrays in, dataclasses out, NumPy and SciPy only.

Rows are respondents, columns are entries (dimension x view x wave, and KPIs), NaN is "no answer".
Nothing is rounded, randomness comes only through a generator the caller hands in, and input that
cannot be right raises ``ValueError`` with a sentence. The method is told in ``docs/scoring.md``.
"""
