"""What the tests of every component share."""
