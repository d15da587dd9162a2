"""Questionnaires: strict YAML to a typed definition, answers, paths and arrays. No web, no database."""
