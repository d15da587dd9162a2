"""Carrying jobs out: the only place that loads WeasyPrint and SciPy."""
