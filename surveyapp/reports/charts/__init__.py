"""Charts as pure functions of numbers: the same SVG goes into the PDF and the web page.

Lengths are CSS pixels. Looks are attributes, because page CSS does not reach an SVG in the PDF; each
colour also carries a class (``f-ink``, ``s-grid``, ``f-level-1``), so that the web's dark theme can
override it.
"""
