"""The checker's rules, one module for each kind of evidence."""
