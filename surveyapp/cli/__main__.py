"""``python -m surveyapp.cli``: the console script without its file, for processes started by us."""

from surveyapp.cli import main

main()
