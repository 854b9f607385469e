"""Musical measures of an excerpt: pure functions of a ``GridScore`` of four bars.

An excerpt is 64 steps: four bars of sixteen sixteenths. Each measure returns a float or an array,
and is defined for silence too: 0 unless its docstring says otherwise, never NaN.
"""
