"""Plays a story: operators, edits, faults, and whoever watches what comes of them."""
