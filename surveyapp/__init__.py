"""surveyapp: surveys of both sides of business relationships, scored with honest uncertainty."""
