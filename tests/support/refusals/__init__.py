"""Tables of objects that the API server must refuse, by the part of the spec at fault."""
