"""Programs behind the figures: each prints one line a figure and, last, one JSON object."""
