"""Mail on its way out: what a message is, how its text is made, and who carries it."""
