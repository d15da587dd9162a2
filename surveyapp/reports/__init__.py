"""Scorecards and portfolio reports: dataclass to HTML to PDF; knows no models and no web."""
