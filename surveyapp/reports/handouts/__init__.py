"""What respondents can take away on paper: all the questions, and the copy of what they sent."""
