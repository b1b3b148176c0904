"""web does what HTTP asks for around every request: bodies, answers, errors and bounds."""
