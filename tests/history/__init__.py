"""The history on real databases; the contract of the store holds on each of them."""
