"""commands has one module for each command of ``crontask``; `registry` names them."""
